"""``securegrid export``: attributes of a MISP as CSV, JSON, STIX 2.1 or a plain list."""
