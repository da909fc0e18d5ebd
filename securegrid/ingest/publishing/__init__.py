"""Writing drafts to a MISP without doubles or losses: pieces, journal, comparison, undo."""
