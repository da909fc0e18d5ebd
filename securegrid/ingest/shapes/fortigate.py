"""A firewall's events: one for each day and security function, a value once in each."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby
from typing import Final

from securegrid.ingest.identity import attribute_uuid, event_uuid, object_uuid
from securegrid.ingest.model import AttributeDraft, Content, Counted, EventDraft, Key, ObjectDraft
from securegrid.ingest.shapes.options import ShapeOptions

KINDS: Final = {
    "ips": "IPS",
    "antivirus": "AntiVirus",
    "webfilter": "Web Filter",
    "sandbox": "Sandbox",
    "dns": "DNS Filter",
}
"""As titles name them; FortiGate's own words."""
_CATEGORIES: Final = {"vulnerability": "External analysis"}
_NETWORK: Final = "Network activity"
_PAYLOAD: Final = "Payload delivery"
_TOLD: Final = 5
"""Findings about one value that its comment tells; of more, how many there are."""
_FILE_PARTS: Final = 4

Items = Iterable[tuple[Key, Counted]]


class FortiGateShape:
    """How the events of a FortiGate look.

    Items that are about one value stand together, since they come in the order of their keys.
    """

    def __init__(self, options: ShapeOptions) -> None:
        self._options = options

    def head(self, event: Key) -> EventDraft:
        """The event of this day and security function."""
        day, kind = event
        return EventDraft(
            uuid=event_uuid(self._options.alliance, self._options.source, event),
            info=f"[{self._options.shown}] {day} {KINDS[kind]}",
            date=date.fromisoformat(day),
            tags=tuple(
                dict.fromkeys((self._options.source_tag, f"fortigate:{kind}", *self._options.tags))
            ),
            distribution=self._options.distribution,
        )

    def contents(self, event: Key, items: Items) -> Iterator[Content]:
        """One attribute per value, one object per file."""
        uuid = event_uuid(self._options.alliance, self._options.source, event)
        for (is_file, about), same in groupby(items, key=_about):
            if is_file:
                yield _file(uuid, about, list(same))
            else:
                yield _attribute(uuid, about, list(same))


def _about(item: tuple[Key, Counted]) -> tuple[bool, Key]:
    """Whether it is a file, and which; or type and value."""
    key = item[0]
    return (True, key[1:_FILE_PARTS]) if key[0] == "file" else (False, key[:2])


def _attribute(uuid: str, about: Key, same: list[tuple[Key, Counted]]) -> AttributeDraft:
    type_, value = about
    seen = _together(same)
    return AttributeDraft(
        uuid=attribute_uuid(uuid, type_, value),
        type=type_,
        category=_CATEGORIES.get(type_, _NETWORK),
        value=value,
        to_ids=_signs(same),
        comment=_comment(same),
        first_seen=seen.first,
        last_seen=seen.last,
    )


def _file(uuid: str, about: Key, same: list[tuple[Key, Counted]]) -> ObjectDraft:
    algorithm, digest, name = about
    own, seen = object_uuid(uuid, "file", about), _together(same)
    parts = [
        AttributeDraft(
            uuid=attribute_uuid(own, algorithm, digest, algorithm),
            type=algorithm,
            category=_PAYLOAD,
            value=digest,
            to_ids=_signs(same),
            first_seen=seen.first,
            last_seen=seen.last,
            relation=algorithm,
        )
    ]
    if name:
        parts.append(
            AttributeDraft(
                uuid=attribute_uuid(own, "filename", name, "filename"),
                type="filename",
                category=_PAYLOAD,
                value=name,
                relation="filename",
            )
        )
    return ObjectDraft(own, "file", tuple(parts), _comment(same), seen.first, seen.last)


def _together(same: list[tuple[Key, Counted]]) -> Counted:
    """First, last and the number of lines that told of it."""
    first, *others = (counted for _, counted in same)
    for one in others:
        first = first.and_(one)
    return first


def _signs(same: list[tuple[Key, Counted]]) -> bool:
    return any(item[-4] == "to_ids" for item, _ in same)


def _comment(same: list[tuple[Key, Counted]]) -> str:
    """``IPS (signature): Apache.Log4j (dropped), 3 times``."""
    most = sorted(same, key=lambda one: (-one[1].count, one[0]))
    told = [_finding(item, counted.count) for item, counted in most[:_TOLD]]
    if len(same) > _TOLD:
        told.append(f"and {len(same) - _TOLD} more")
    return "; ".join(told)


def _finding(item: Key, count: int) -> str:
    label, threat, action = item[-3:]
    text = f"{label}: {threat}" if threat else label
    text += f" ({action})" if action else ""
    return text if count == 1 else f"{text}, {count} times"
