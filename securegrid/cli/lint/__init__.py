"""``securegrid lint``: whether a file of events, or a MISP, follows the alliance's rules."""
