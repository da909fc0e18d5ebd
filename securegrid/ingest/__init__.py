"""Logs and tables into MISP events: read, aggregate, check, preview, publish."""
