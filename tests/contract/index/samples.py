"""Synthetic events: everything of an event follows from its number and its version."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from uuid import UUID

from securegrid.index.port import EventRows, EventStamp, Reader, Row
from securegrid.values.fingerprints import Mark

MARKS = tuple(Mark)


def sixteen(*words: object) -> bytes:
    """16 bytes that follow from the words, as evenly spread as fingerprints are."""
    return blake2b(repr(words).encode(), digest_size=16).digest()


def event(number: int, version: int = 0, rows: int = 4) -> EventRows:
    """Event ``number`` as it was in ``version``; no two share a fingerprint."""
    return holding(number, [row(number, version, place) for place in range(rows)], version)


def holding(number: int, rows: Iterable[Row], version: int = 0) -> EventRows:
    """Event ``number`` with exactly these rows."""
    kept = tuple(rows)
    stamp = EventStamp(timestamp=1_700_000_000 + version, published=number % 2 == 0)
    return EventRows(event=event_id(number), stamp=stamp, attributes=len(kept), rows=kept)


def event_id(number: int) -> bytes:
    """The event's UUID."""
    return sixteen("event", number)


def row(number: int, version: int, place: int) -> Row:
    """One row of event ``number``."""
    return Row(
        fingerprint=sixteen("fingerprint", number, version, place),
        attribute=sixteen("attribute", number, place),
        mark=MARKS[place % len(MARKS)],
    )


def events(count: int, version: int = 0, rows: int = 4) -> list[EventRows]:
    """Events 0 to ``count`` - 1."""
    return [event(number, version, rows) for number in range(count)]


def fingerprints(held: Iterable[EventRows]) -> list[bytes]:
    """Every fingerprint of these events."""
    return [one.fingerprint for whole in held for one in whole.rows]


def rows_of(held: Iterable[EventRows]) -> set[Row]:
    """Every row of these events."""
    return {one for whole in held for one in whole.rows}


def found(reader: Reader, generation: UUID, wanted: Sequence[bytes]) -> set[Row]:
    """What a look-up in one generation finds."""
    return set(reader.look_up({generation: wanted})[generation])


def stamps_of(held: Iterable[EventRows]) -> Mapping[bytes, EventStamp]:
    """What ``stamps`` must say of these events."""
    return {whole.event: whole.stamp for whole in held}
