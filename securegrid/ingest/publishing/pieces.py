"""An event's contents in pieces that a MISP can take, without what it has already."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import msgspec

from securegrid.ingest.model import AttributeDraft, Content, ObjectDraft
from securegrid.ingest.publishing.composing import (
    attributes_of,
    compose_attribute,
    compose_object,
    was_rewritten,
)
from securegrid.ingest.publishing.differences import (
    Difference,
    Known,
    compare,
    either,
    fingerprint,
)
from securegrid.ingest.publishing.page import Before, Entry, Kind, Page, Work
from securegrid.misp.writing import (
    StoredObject,
    WrittenAttribute,
    WrittenObject,
    moment,
    seconds_of,
)

_OVERHEAD_BYTES = 400
"""Names, UUID and times of an attribute as JSON."""


@dataclass(slots=True)
class Limits:
    """How much goes into one request; made smaller when a MISP cannot take it in time."""

    attributes: int = 500
    size: int = 1_000_000
    """Bytes, roughly; PHP refuses bodies above 8 MB by default."""
    least: int = 20

    def shrink(self) -> bool:
        """Halve; ``False`` when it is as small as it gets."""
        if self.attributes <= self.least:
            return False
        self.attributes, self.size = max(self.least, self.attributes // 2), self.size // 2
        return True


@dataclass(slots=True)
class Piece:
    """What goes into one request."""

    attributes: list[WrittenAttribute] = field(default_factory=list)
    objects: list[WrittenObject] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    count: int = 0
    size: int = 0

    def add(self, made: "_Made") -> None:
        """Put one more thing in."""
        self.attributes += made.attributes
        self.objects += made.objects
        self.entries += made.entries
        self.count += made.count
        self.size += made.size

    def is_full(self, made: "_Made", limits: Limits) -> bool:
        """Whether one more thing would be too much."""
        too_many = self.count + made.count > limits.attributes
        return self.count > 0 and (too_many or self.size + made.size > limits.size)


@dataclass(slots=True)
class Tally:
    """What is only counted on the way."""

    deleted_there: int = 0
    rewritten: int = 0


class _Made(msgspec.Struct):
    attributes: list[WrittenAttribute] = []
    objects: list[WrittenObject] = []
    entries: list[Entry] = []

    @property
    def count(self) -> int:
        return len(self.attributes) + sum(len(one.attributes) for one in self.objects) or 1

    @property
    def size(self) -> int:
        inner = (a for one in self.objects for a in one.attributes)
        return sum(
            _OVERHEAD_BYTES + 3 * (len(a.value) + len(a.comment))
            for a in (*self.attributes, *inner)
        )


class Cutter:
    """Cuts one event's contents into pieces."""

    def __init__(
        self,
        page: Page,
        refused: frozenset[str],
        objects: Mapping[str, StoredObject],
        limits: Limits,
    ) -> None:
        """``objects`` are those that the MISP has, by UUID, as far as it was asked."""
        self._page = page
        self._refused = refused
        self._objects = objects
        self._limits = limits
        self.tally = Tally()

    def pieces(self, contents: Iterable[Content]) -> Iterator[tuple[Piece, bool]]:
        """The pieces, each with whether it is the last one; none where nothing is missing."""
        piece = Piece()
        for made in filter(None, map(self._made, contents)):
            if piece.is_full(made, self._limits):
                yield piece, False
                piece = Piece()
            piece.add(made)
        if piece.count:
            yield piece, True

    def _made(self, content: Content) -> _Made | None:
        if content.uuid in self._refused:
            return None
        if isinstance(content, ObjectDraft):
            return self._of_object(content)
        return self._of_attribute(content)

    def _of_attribute(self, draft: AttributeDraft) -> _Made | None:
        difference, written, known = self._compared(draft)
        if difference in (Difference.SAME, Difference.DELETED):
            return None
        return _Made([written], [], [_entry(written, known, Kind.ATTRIBUTE)])

    def _of_object(self, draft: ObjectDraft) -> _Made | None:
        there = self._objects.get(draft.uuid)
        if self._refused.intersection(one.uuid for one in attributes_of(draft)):
            return None
        if there is not None and there.deleted:
            self.tally.deleted_there += len(draft.attributes)
            return None
        compared = [self._compared(one) for one in draft.attributes]
        new = [c for c in compared if c[0] in (Difference.MISSING, Difference.CHANGED)]
        is_known = there is not None or any(known is not None for _, _, known in compared)
        written = _merged(compose_object(draft, tuple(c[1] for c in new)), there)
        if is_known:
            written = msgspec.structs.replace(written, distribution=None)
        if not new and not _differs(written, there):
            return None
        return _Made([], [written], _object_entries(draft, new, there, is_known=is_known))

    def _compared(self, draft: AttributeDraft) -> tuple[Difference, WrittenAttribute, Known | None]:
        written = compose_attribute(draft)
        known = self._page.known(draft.uuid)
        difference, merged = compare(written, known)
        self.tally.deleted_there += difference is Difference.DELETED
        self.tally.rewritten += was_rewritten(draft, written)
        return difference, merged, known


def _object_entries(
    draft: ObjectDraft,
    new: list[tuple[Difference, WrittenAttribute, Known | None]],
    there: StoredObject | None,
    *,
    is_known: bool,
) -> list[Entry]:
    """An object that is new is written down as a whole; of one that is there, what is new in it."""
    kind = Kind.ATTRIBUTE if is_known else Kind.IN_OBJECT
    entries = [_entry(written, known, kind, draft) for _, written, known in new]
    if not is_known:
        entries.append(Entry(draft.uuid, Kind.OBJECT, Work.ADDED, b""))
    elif there is not None:
        before = Before.of_object(there, draft)
        entries.append(Entry(draft.uuid, Kind.OBJECT, Work.CHANGED, b"", before=before))
    return entries


def _entry(
    written: WrittenAttribute, known: Known | None, kind: Kind, holder: ObjectDraft | None = None
) -> Entry:
    sent, within = fingerprint(written), holder.uuid if holder else ""
    if known is None:
        return Entry(written.uuid, kind, Work.ADDED, sent, within)
    before = Before.of(known, written.object_relation or "", holder)
    return Entry(written.uuid, kind, Work.CHANGED, sent, within, before)


def _merged(written: WrittenObject, there: StoredObject | None) -> WrittenObject:
    if there is None:
        return written
    first = either(min, seconds_of(written.first_seen), seconds_of(there.first_seen))
    last = either(max, seconds_of(written.last_seen), seconds_of(there.last_seen))
    return msgspec.structs.replace(written, first_seen=moment(first), last_seen=moment(last))


def _differs(written: WrittenObject, there: StoredObject | None) -> bool:
    if there is None:
        return False
    ours = (written.comment, seconds_of(written.first_seen), seconds_of(written.last_seen))
    return ours != (
        there.comment or "",
        seconds_of(there.first_seen),
        seconds_of(there.last_seen),
    )
