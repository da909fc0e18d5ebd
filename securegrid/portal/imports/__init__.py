"""Logs and tables that members upload: read, looked over, published to their own MISP, undone."""
