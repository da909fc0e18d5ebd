"""Events as MISP exports them, ready to be drawn up again: what a reader of such files finds."""

import importlib.util
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import msgspec

from securegrid.ingest.identity import attribute_uuid, object_uuid
from securegrid.ingest.model import (
    AttributeDraft,
    Bad,
    BadLine,
    Batch,
    Counted,
    Key,
    ObjectDraft,
)
from securegrid.ingest.readers.entries import Seen, add
from securegrid.ingest.readers.lines import shown
from securegrid.ingest.readers.when import checked, day_of, is_plausible, unix_time
from securegrid.misp.typetable import type_table

ATTRIBUTE: Final = "attribute"
OBJECT: Final = "object"
_UTC: Final = "UTC"
_WITHOUT_ITS_FILE: Final = {"malware-sample": "filename|md5"}
"""What is left of an attribute whose file is not carried over."""
_FILES: Final = {"attachment"}
_Fields = Mapping[str, Any]


class Reading:
    """One walk through the events of a file; ``now`` in Unix seconds."""

    def __init__(self, now: int) -> None:
        self._now = now
        self._number = self._passed_over = 0
        self._bad: list[Bad] = []
        self._seen: Seen = {}
        self._loose: dict[tuple[Key, str, str, str], str] = {}

    def event(self, told: _Fields, date: str = "") -> None:
        """Take one event; ``date`` is that of an event without one."""
        at = checked(unix_time(_text(told, "date") or date, _UTC), self._now)
        if isinstance(at, BadLine):
            self.bad(at, _text(told, "info"))
            return
        event = _event_key(told, day_of(at, _UTC))
        for one in _dicts(told, "Attribute"):
            self._attribute(event, one, at)
        for one in _dicts(told, "Object"):
            self._object(event, one, at)

    def bad(self, reason: BadLine, text: str) -> None:
        """Keep a piece that cannot be taken over."""
        self._number += 1
        self._bad.append(Bad(self._number, reason, shown(text)))

    def batch(self) -> Batch:
        """All that was found; each attribute and object counts as a line."""
        return Batch(max(self._number, 1), self._seen, tuple(self._bad), self._passed_over)

    def _attribute(self, event: Key, told: _Fields, at: int) -> None:
        draft = _attribute(event[1], told)
        if told.get("deleted"):
            self._pass_over()
        elif draft is None:
            self.bad(BadLine.NO_VALUE, f"{_text(told, 'type')}: {_text(told, 'value')}")
        elif self._is_double(event, draft):
            self._pass_over()
        else:
            self._take(event, (ATTRIBUTE, draft.uuid), draft, self._at(told, at))

    def _is_double(self, event: Key, draft: AttributeDraft) -> bool:
        """Whether another one says it: two objects may hold what an event can hold once."""
        about = (event, draft.type, draft.category, draft.value)
        return self._loose.setdefault(about, draft.uuid) != draft.uuid

    def _pass_over(self) -> None:
        self._number += 1
        self._passed_over += 1

    def _object(self, event: Key, told: _Fields, at: int) -> None:
        """An object of an unknown template becomes its attributes."""
        parts = [one for one in _dicts(told, "Attribute") if not one.get("deleted")]
        if told.get("deleted") or not parts:
            self._pass_over()
        elif _text(told, "name") not in templates():
            for one in parts:
                self._attribute(event, one, at)
        else:
            self._whole_object(event, told, parts, at)

    def _whole_object(self, event: Key, told: _Fields, parts: Sequence[_Fields], at: int) -> None:
        name = _text(told, "name")
        uuid = _uuid(told) or object_uuid(event[1], name, (_encoded(parts),))
        drafts = []
        for one in parts:
            draft = _attribute(uuid, one, _text(one, "object_relation"))
            if draft is None or not draft.relation:
                self.bad(BadLine.NO_VALUE, f"{name}: {_text(one, 'type')}: {_text(one, 'value')}")
            else:
                drafts.append(draft)
        if drafts:
            first, last = _moment(told, "first_seen"), _moment(told, "last_seen")
            whole = ObjectDraft(uuid, name, tuple(drafts), _text(told, "comment"), first, last)
            self._take(event, (OBJECT, uuid), whole, self._at(told, at))

    def _take(self, event: Key, about: Key, draft: AttributeDraft | ObjectDraft, at: int) -> None:
        self._number += 1
        item = (*about, msgspec.json.encode(draft).decode())
        add(self._seen, [(event, item, Counted(at, at, 1))])

    def _at(self, told: _Fields, otherwise: int) -> int:
        """When it was last changed: of two versions the later one counts."""
        at = unix_time(_text(told, "timestamp"), _UTC)
        return at if at is not None and is_plausible(at, self._now) else otherwise


def _event_key(told: _Fields, day: str) -> Key:
    """Day, UUID in its source, title, threat level, analysis, and then the tags."""
    info = " ".join(_text(told, "info").split())
    levels = (_digit(told, "threat_level_id", "1234", "4"), _digit(told, "analysis", "012", "2"))
    return day, _uuid(told) or info, info, *levels, *_tags(told)


def _attribute(holder: str, told: _Fields, relation: str = "") -> AttributeDraft | None:
    """The attribute; None when MISP would not have it."""
    type_ = _text(told, "type")
    type_ = _WITHOUT_ITS_FILE.get(type_, type_)
    value, category = _text(told, "value"), _text(told, "category")
    if type_ in _FILES or type_ not in type_table().types or not value.strip():
        return None
    if not type_table().allows(category, type_):
        category = type_table().default(type_).default_category
    return AttributeDraft(
        uuid=_uuid(told) or attribute_uuid(holder, type_, value, relation or category),
        type=type_,
        category=category,
        value=value,
        to_ids=told.get("to_ids") in (True, 1, "1"),
        comment=_text(told, "comment"),
        first_seen=_moment(told, "first_seen"),
        last_seen=_moment(told, "last_seen"),
        tags=_tags(told),
        relation=relation,
    )


def _tags(told: _Fields) -> tuple[str, ...]:
    """Of its own: those of the event stand in its attributes too, marked as inherited."""
    names = (_text(tag, "name") for tag in _dicts(told, "Tag") if not tag.get("inherited"))
    return tuple(dict.fromkeys(name for name in names if name.strip()))


def _uuid(told: _Fields) -> str:
    """Its UUID; empty when it has none."""
    try:
        return str(UUID(_text(told, "uuid")))
    except ValueError:
        return ""


def _moment(told: _Fields, name: str) -> int | None:
    return unix_time(_text(told, name), _UTC)


def _digit(told: _Fields, name: str, allowed: str, otherwise: str) -> str:
    text = _text(told, name)
    return text if len(text) == 1 and text in allowed else otherwise


def _encoded(parts: Sequence[_Fields]) -> str:
    return msgspec.json.encode(parts, order="deterministic").decode()


def _text(told: _Fields, name: str) -> str:
    value = told.get(name)
    return str(value) if isinstance(value, (str, int, float)) else ""


def _dicts(told: _Fields, name: str) -> Iterator[_Fields]:
    value = told.get(name)
    return (one for one in value if isinstance(one, dict)) if isinstance(value, list) else iter(())


@cache
def templates() -> frozenset[str]:
    """The names of the object templates that PyMISP ships, found without importing it."""
    spec = importlib.util.find_spec("pymisp")
    if spec is None or spec.origin is None:
        return frozenset()
    folder = Path(spec.origin).parent / "data" / "misp-objects" / "objects"
    return frozenset(path.name for path in folder.iterdir())
