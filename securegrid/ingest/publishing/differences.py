"""What is to be written, compared with what the MISP has."""

import hashlib
import ipaddress
from collections.abc import Callable, Iterable
from enum import Enum, auto
from typing import NamedTuple

import msgspec

from securegrid.misp.writing import Stored, WrittenAttribute, moment, seconds_of

_FINGERPRINT_BYTES = 8
_SEPARATOR = "\x1f"


class Difference(Enum):
    """How a draft stands to what the MISP has under its UUID."""

    MISSING = auto()
    CHANGED = auto()
    SAME = auto()
    DELETED = auto()
    """Somebody deleted it there, softly: it stays so."""


class Known(NamedTuple):
    """An attribute that the MISP has. Times are Unix seconds."""

    uuid: str
    type: str
    category: str
    value: str
    to_ids: bool
    comment: str
    first_seen: int | None
    last_seen: int | None
    deleted: bool
    object_id: int
    tags: tuple[str, ...]

    @classmethod
    def of(cls, stored: Stored) -> "Known":
        """What a row of the MISP says."""
        return cls(
            stored.uuid.lower(),
            stored.type,
            stored.category,
            stored.value,
            stored.to_ids,
            stored.comment or "",
            seconds_of(stored.first_seen),
            seconds_of(stored.last_seen),
            stored.deleted,
            int(stored.object_id or 0),
            tuple(tag.name for tag in stored.tags),
        )

    @property
    def fingerprint(self) -> bytes:
        """Equal to that of what was sent when the MISP took it as it was sent."""
        return _fingerprint(self.type, self.value, self.comment, self.first_seen, self.last_seen)


def fingerprint(written: WrittenAttribute) -> bytes:
    """Of all in an attribute that a later part of the day may change."""
    first, last = seconds_of(written.first_seen), seconds_of(written.last_seen)
    return _fingerprint(written.type, written.value, written.comment, first, last)


def compare(written: WrittenAttribute, known: Known | None) -> tuple[Difference, WrittenAttribute]:
    """How ``written`` differs from what is there, and what it becomes together with it.

    First seen is the earlier, last seen the later of both. Where the MISP knows of a longer time,
    what is written is only a part of it, so value and comment stay as they are there. Category,
    distribution and the flag for detection are the MISP's own once it has them: people mend them
    there.
    """
    if known is None:
        return Difference.MISSING, written
    if known.deleted:
        return Difference.DELETED, written
    merged = _merged(written, known)
    same = fingerprint(merged) == known.fingerprint and _has_tags(written, known)
    return (Difference.SAME if same else Difference.CHANGED), merged


def _merged(written: WrittenAttribute, known: Known) -> WrittenAttribute:
    first, last = seconds_of(written.first_seen), seconds_of(written.last_seen)
    is_a_part = _is_wider(known, first, last)
    return msgspec.structs.replace(
        written,
        type=known.type,
        category=known.category,
        to_ids=known.to_ids,
        distribution=None,
        value=known.value if is_a_part else written.value,
        comment=known.comment if is_a_part else written.comment,
        first_seen=moment(either(min, first, known.first_seen)),
        last_seen=moment(either(max, last, known.last_seen)),
    )


def _is_wider(known: Known, first: int | None, last: int | None) -> bool:
    """Whether the MISP's time holds ours and more."""
    if first is None or last is None or known.first_seen is None or known.last_seen is None:
        return False
    holds = known.first_seen <= first and last <= known.last_seen
    return holds and (known.first_seen, known.last_seen) != (first, last)


def either(
    choose: Callable[[Iterable[int]], int], ours: int | None, theirs: int | None
) -> int | None:
    """The chosen one of two moments, or the one that is known."""
    both = [each for each in (ours, theirs) if each is not None]
    return choose(both) if both else None


def _has_tags(written: WrittenAttribute, known: Known) -> bool:
    return {tag.name.casefold() for tag in written.tags} <= {tag.casefold() for tag in known.tags}


def _fingerprint(
    type_: str, value: str, comment: str, first: int | None, last: int | None
) -> bytes:
    parts = (_canonical(type_, value), comment.strip(), str(first), str(last))
    text = _SEPARATOR.join(parts).encode("utf-8", "replace")
    return hashlib.blake2b(text, digest_size=_FINGERPRINT_BYTES).digest()


def _canonical(type_: str, value: str) -> str:
    """What stays of a value when a MISP normalises it (trap 3, and its rules for types)."""
    folded = value.strip().casefold()
    if type_ == "AS":
        return folded.removeprefix("as")
    if type_ == "boolean":
        return _BOOLEANS.get(folded, folded)
    if type_ == "datetime":
        return str(seconds_of(value.strip()) or folded)
    return "|".join(map(_compressed, folded.split("|"))) if ":" in folded else folded


_BOOLEANS = {"true": "1", "false": "0"}


def _compressed(part: str) -> str:
    try:
        return str(ipaddress.ip_address(part))
    except ValueError:
        return part
