"""The journal's tables."""

VERSION = 1

SCHEMA = """
CREATE TABLE import (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL,
    misp TEXT NOT NULL,
    note TEXT NOT NULL,
    begun INTEGER NOT NULL,
    ended INTEGER,
    state TEXT NOT NULL,
    forced INTEGER NOT NULL,
    unchanged INTEGER NOT NULL DEFAULT 0,
    rewritten INTEGER NOT NULL DEFAULT 0,
    deleted_there INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    import INTEGER NOT NULL REFERENCES import,
    uuid BLOB NOT NULL,
    info TEXT NOT NULL,
    day TEXT NOT NULL,
    made INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    told TEXT,
    tags_missing TEXT,
    UNIQUE (import, uuid)
);
CREATE TABLE event_tag (
    event INTEGER NOT NULL REFERENCES event,
    tag TEXT NOT NULL,
    PRIMARY KEY (event, tag)
) WITHOUT ROWID;
CREATE TABLE content (
    event INTEGER NOT NULL REFERENCES event,
    uuid BLOB NOT NULL,
    kind INTEGER NOT NULL,
    work INTEGER NOT NULL,
    state INTEGER NOT NULL,
    sent BLOB NOT NULL,
    holder BLOB,
    before TEXT,
    told TEXT,
    PRIMARY KEY (event, uuid)
) WITHOUT ROWID;
CREATE INDEX content_uuid ON content (uuid);
CREATE TABLE refused (
    import INTEGER NOT NULL REFERENCES import,
    event BLOB NOT NULL,
    uuid BLOB NOT NULL,
    PRIMARY KEY (import, event, uuid)
) WITHOUT ROWID;
"""

# What the MISP has of the events being written just now; gone with the connection.
LOOKED_AT = """
CREATE TEMP TABLE stored (
    event INTEGER NOT NULL,
    uuid BLOB NOT NULL,
    fingerprint BLOB NOT NULL,
    deleted INTEGER NOT NULL,
    known BLOB NOT NULL,
    PRIMARY KEY (event, uuid)
) WITHOUT ROWID;
"""
