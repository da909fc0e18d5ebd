"""Which network a searched address belongs to, looked up on this machine as results are read."""

from collections.abc import Callable, Sequence
from datetime import date

from securegrid.asn import Atlas, Origin
from securegrid.values.model import Entry, Kind, Value

_ADDRESSES = frozenset({Kind.IPV4, Kind.IPV6})


def origin_of(value: Value) -> Origin | None:
    """Who announces a value that is an address; nothing is sent anywhere, nothing is stored."""
    return Atlas.load().of(value.text) if value.kind in _ADDRESSES else None


def origins_of(entries: Sequence[Entry]) -> Callable[[int], Origin | None]:
    """The same by position in a question; each is looked up once, however often it hits."""
    known: dict[int, Origin | None] = {}

    def at(position: int) -> Origin | None:
        if position not in known:
            known[position] = origin_of(entries[position].value)
        return known[position]

    return at


def origins_dated() -> date:
    """The day as of which all of them are told."""
    return Atlas.load().dated
