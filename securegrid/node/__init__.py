"""An embedded MISP-compatible server: a small, honest MISP on Starlette and SQLite."""
