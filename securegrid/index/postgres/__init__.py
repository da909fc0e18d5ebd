"""The index in PostgreSQL: one server, or partitions on several (docs/index.md says how)."""

from securegrid.index.postgres.servers import Servers
from securegrid.index.postgres.store import PostgresStore

__all__ = ["PostgresStore", "Servers"]
