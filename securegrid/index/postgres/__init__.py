"""The index in PostgreSQL: one server, or partitions on several (docs/index.md says how)."""

from securegrid.index.postgres.database import NotPostgres
from securegrid.index.postgres.moving import MoveFailed
from securegrid.index.postgres.servers import ServerRefused, Servers
from securegrid.index.postgres.store import PostgresStore

__all__ = ["MoveFailed", "NotPostgres", "PostgresStore", "ServerRefused", "Servers"]
