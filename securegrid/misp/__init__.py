"""Speaking MISP: typed records, safe queries, the async client, one table of failures."""
