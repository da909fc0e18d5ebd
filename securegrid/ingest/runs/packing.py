"""Packs what was counted for its way through a pipe and its rest on disk, and unpacks it."""

from collections.abc import Iterable, Mapping
from typing import TypeAlias
from zlib import crc32

import msgspec

from securegrid.ingest.model import Counted, Key
from securegrid.ingest.runs.database import PARTS

Row: TypeAlias = tuple[int, bytes, int, int, int]
"""Number of the event in its segment, packed key of the item, first, last, count."""
Item: TypeAlias = tuple[bytes, int, int, int]
"""Packed key of the item, first, last, count."""


class Segment(msgspec.Struct, array_like=True, gc=False):
    """Items of one part that were counted in one piece of a file."""

    events: list[bytes]
    rows: list[Row]


class Together(msgspec.Struct, array_like=True, gc=False):
    """Items of one part that were counted in several pieces, in the order of their keys."""

    events: list[tuple[bytes, list[Item]]]


_ENCODER = msgspec.msgpack.Encoder()
_SEGMENT = msgspec.msgpack.Decoder(Segment)
_TOGETHER = msgspec.msgpack.Decoder(Together)
_KEY = msgspec.msgpack.Decoder(tuple[str, ...])


def pack_key(key: Key) -> bytes:
    """A key as it is stored and sorted; the same key always gives the same bytes."""
    return _ENCODER.encode(key)


def unpack_key(packed: bytes) -> Key:
    """The key of ``pack_key``."""
    return _KEY.decode(packed)


def pack(seen: Mapping[tuple[Key, Key], Counted]) -> dict[int, bytes]:
    """What was counted, as one packed segment for each part that got anything."""
    numbers: list[dict[bytes, int]] = [{} for _ in range(PARTS)]
    rows: list[list[Row]] = [[] for _ in range(PARTS)]
    events: dict[Key, tuple[bytes, int]] = {}
    for (event, item), counted in seen.items():
        if (known := events.get(event)) is None:
            packed_event = pack_key(event)
            known = events[event] = (packed_event, crc32(packed_event))
        packed = _ENCODER.encode(item)
        # Of both: many events with one kind of item spread as well as many items of one event.
        part = crc32(packed, known[1]) % PARTS
        number = numbers[part].setdefault(known[0], len(numbers[part]))
        rows[part].append((number, packed, counted.first, counted.last, counted.count))
    return {
        part: _ENCODER.encode(Segment(list(numbers[part]), of_part))
        for part, of_part in enumerate(rows)
        if of_part
    }


def together(segments: Iterable[bytes]) -> bytes:
    """What several segments of ``pack``, all of one part, hold; each item once."""
    events: dict[bytes, dict[bytes, tuple[int, int, int]]] = {}
    for data in segments:
        segment = _SEGMENT.decode(data)
        of = [events.setdefault(key, {}) for key in segment.events]
        for number, item, first, last, count in segment.rows:
            items = of[number]
            before = items.get(item)
            if before is None:
                items[item] = (first, last, count)
            else:
                items[item] = (
                    before[0] if before[0] < first else first,
                    before[1] if before[1] > last else last,
                    before[2] + count,
                )
    return _ENCODER.encode(
        Together(
            [
                (key, [(item, *items[item]) for item in sorted(items)])
                for key, items in events.items()
            ]
        )
    )


def events_of(data: bytes) -> list[tuple[bytes, list[Item]]]:
    """The packed key of each event, and its items, of ``together``."""
    return _TOGETHER.decode(data).events


def merged(batches: Iterable[Mapping[tuple[Key, Key], Counted]]) -> dict[tuple[Key, Key], Counted]:
    """What several blocks held, counted together."""
    whole: dict[tuple[Key, Key], Counted] = {}
    for seen in batches:
        for key, counted in seen.items():
            before = whole.get(key)
            whole[key] = counted if before is None else before.and_(counted)
    return whole
