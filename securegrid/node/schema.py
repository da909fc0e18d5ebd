"""The node's database: tables, indexes and the settings of a connection."""

import sqlite3

VERSION = 1

# An attribute's event is not a declared foreign key: checking it for each row took a fifth of a
# bulk load, and the one function that deletes events deletes their attributes.
TABLES = """
CREATE TABLE node (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE sequence (name TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE org (
  id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, name TEXT NOT NULL UNIQUE,
  local INTEGER NOT NULL, created INTEGER NOT NULL);
CREATE TABLE auth_key (
  id INTEGER PRIMARY KEY, uuid TEXT NOT NULL, digest BLOB NOT NULL UNIQUE,
  org_id INTEGER NOT NULL REFERENCES org(id), role TEXT NOT NULL, email TEXT NOT NULL,
  comment TEXT NOT NULL, created INTEGER NOT NULL, expires INTEGER, revoked INTEGER NOT NULL);
CREATE TABLE event (
  id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE,
  org_id INTEGER NOT NULL REFERENCES org(id), orgc_id INTEGER NOT NULL REFERENCES org(id),
  date TEXT NOT NULL, info TEXT NOT NULL, info_key TEXT NOT NULL,
  threat_level_id INTEGER NOT NULL, analysis INTEGER NOT NULL, distribution INTEGER NOT NULL,
  published INTEGER NOT NULL, timestamp INTEGER NOT NULL, publish_timestamp INTEGER NOT NULL,
  sighting_timestamp INTEGER NOT NULL, attribute_count INTEGER NOT NULL,
  disable_correlation INTEGER NOT NULL, extends_uuid TEXT NOT NULL, creator TEXT NOT NULL);
CREATE TABLE object (
  id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE,
  event_id INTEGER NOT NULL REFERENCES event(id) ON DELETE CASCADE,
  name TEXT NOT NULL, meta_category TEXT NOT NULL, description TEXT,
  template_uuid TEXT, template_version TEXT, timestamp INTEGER NOT NULL,
  distribution INTEGER NOT NULL, comment TEXT NOT NULL, deleted INTEGER NOT NULL,
  first_seen TEXT, last_seen TEXT);
CREATE TABLE object_reference (
  id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE,
  object_id INTEGER NOT NULL REFERENCES object(id) ON DELETE CASCADE, event_id INTEGER NOT NULL,
  source_uuid TEXT NOT NULL, referenced_uuid TEXT NOT NULL, referenced_id INTEGER NOT NULL,
  referenced_type INTEGER NOT NULL, relationship_type TEXT NOT NULL, comment TEXT NOT NULL,
  deleted INTEGER NOT NULL, timestamp INTEGER NOT NULL);
CREATE TABLE attribute (
  id INTEGER PRIMARY KEY, uuid TEXT NOT NULL,
  event_id INTEGER NOT NULL, object_id INTEGER NOT NULL, object_relation TEXT,
  category TEXT NOT NULL, type TEXT NOT NULL,
  value1 TEXT NOT NULL, value2 TEXT NOT NULL, key1 TEXT NOT NULL, key2 TEXT NOT NULL,
  to_ids INTEGER NOT NULL, timestamp INTEGER NOT NULL, distribution INTEGER NOT NULL,
  comment TEXT NOT NULL, deleted INTEGER NOT NULL, disable_correlation INTEGER NOT NULL,
  first_seen TEXT, last_seen TEXT);
CREATE TABLE tag (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, key TEXT NOT NULL UNIQUE, colour TEXT NOT NULL,
  exportable INTEGER NOT NULL, hide_tag INTEGER NOT NULL, numerical_value INTEGER,
  local_only INTEGER NOT NULL);
CREATE TABLE event_tag (
  id INTEGER PRIMARY KEY, event_id INTEGER NOT NULL REFERENCES event(id) ON DELETE CASCADE,
  tag_id INTEGER NOT NULL REFERENCES tag(id) ON DELETE CASCADE, local INTEGER NOT NULL,
  UNIQUE (event_id, tag_id));
CREATE TABLE attribute_tag (
  id INTEGER PRIMARY KEY, attribute_id INTEGER NOT NULL, event_id INTEGER NOT NULL,
  tag_id INTEGER NOT NULL REFERENCES tag(id) ON DELETE CASCADE, local INTEGER NOT NULL,
  UNIQUE (attribute_id, tag_id));
CREATE TABLE sighting (
  id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, attribute_id INTEGER NOT NULL,
  event_id INTEGER NOT NULL REFERENCES event(id) ON DELETE CASCADE,
  org_id INTEGER NOT NULL REFERENCES org(id), date_sighting INTEGER NOT NULL,
  source TEXT NOT NULL, type INTEGER NOT NULL);
CREATE INDEX object_event ON object (event_id);
CREATE INDEX object_reference_object ON object_reference (object_id);
CREATE INDEX event_tag_tag ON event_tag (tag_id);
CREATE INDEX attribute_tag_tag ON attribute_tag (tag_id);
CREATE INDEX attribute_tag_event ON attribute_tag (event_id);
CREATE INDEX sighting_attribute ON sighting (attribute_id);
CREATE INDEX sighting_event ON sighting (event_id);
CREATE INDEX event_timestamp ON event (timestamp);
CREATE INDEX event_publish_timestamp ON event (publish_timestamp);
"""

# key2 is empty for nearly every attribute; an index over it would grow for nothing and, as in
# MISP's own database, mislead the planner (trap: 200 values on plain address data).
ATTRIBUTE_INDEXES = {
    "attribute_uuid": "CREATE UNIQUE INDEX {} ON attribute (uuid)",
    "attribute_event": "CREATE INDEX {} ON attribute (event_id)",
    "attribute_key1": "CREATE INDEX {} ON attribute (key1)",
    "attribute_key2": "CREATE INDEX {} ON attribute (key2) WHERE key2 <> ''",
    "attribute_type": "CREATE INDEX {} ON attribute (type)",
    # A query uses a partial index only when it repeats the index's own condition.
    # None over timestamp: walking a million rows takes 0.1 s, and answers come in order of id.
    "attribute_object": "CREATE INDEX {} ON attribute (object_id) WHERE object_id > 0",
}


def configure(connection: sqlite3.Connection, *, writer: bool) -> None:
    """Set a fresh connection up.

    WAL lets readers go on while the one writer writes. ``synchronous=FULL`` makes a commit wait
    for the disk, so that what was acknowledged survives a power cut as well as ``kill -9``; with
    whole events per commit that costs one sync per request.
    """
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA busy_timeout=10000")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA temp_store=MEMORY")
    connection.execute(f"PRAGMA cache_size={-131072 if writer else -32768}")
    connection.execute("PRAGMA mmap_size=1073741824")
    if not writer:
        connection.execute("PRAGMA query_only=ON")


def prepare(connection: sqlite3.Connection) -> None:
    """Make the tables in an empty file; refuse a file of another version or program."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version == VERSION:
        return
    if version or connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
        raise ValueError("the database file was not made by this version of the node")
    for statement in TABLES.split(";\n"):
        connection.execute(statement)
    make_attribute_indexes(connection)
    connection.execute(f"PRAGMA user_version={VERSION}")


def make_attribute_indexes(connection: sqlite3.Connection) -> None:
    """Index the attributes; on a full table this sorts once instead of inserting row by row."""
    for name, statement in ATTRIBUTE_INDEXES.items():
        connection.execute(statement.format(name))


def drop_attribute_indexes(connection: sqlite3.Connection) -> None:
    """Take the indexes away, for the time of a bulk load into an empty table."""
    for name in ATTRIBUTE_INDEXES:
        connection.execute(f"DROP INDEX {name}")
