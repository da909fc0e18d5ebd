"""What the search page understood of the box: values by kind, what was dropped and rejected."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.http import QueryDict
from django.utils.translation import gettext as _

from securegrid.portal.config import config
from securegrid.portal.searches.reading import paginate
from securegrid.portal.searches.refusals import Problem, SearchRefused
from securegrid.portal.searches.shapes import Pages
from securegrid.values.extract import extract
from securegrid.values.model import Entry, Extraction, Kind, Rejected
from securegrid.words import advice, say

PER_PAGE = 50
REJECTED_AT_ONCE = 8
"""Rejected pieces shown below the values; the rest on a page of their own."""
REJECTED = "rejected"
_MOST_DROPPED = 10_000


@dataclass(frozen=True, slots=True)
class Box:
    """The box and what the analyst did below it. Dropped values stay so while one types on."""

    text: str = ""
    dropped: tuple[str, ...] = ()
    dropped_kinds: tuple[Kind, ...] = ()
    show: str = ""
    """A kind, ``rejected``, or empty for all values."""
    page: int = 1


@dataclass(frozen=True, slots=True)
class KindCount:
    """How many values of a kind there are; ``active``: the list shows only these."""

    code: str
    name: str
    count: int
    active: bool


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One understood value; ``written`` only where it differs from the canonical form."""

    value: str
    kind: str
    written: tuple[str, ...]
    note: str
    label: str


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """One rejected piece (or ``count`` of them), why, and what to do."""

    written: str
    reason: str
    advice: str
    count: int


@dataclass(frozen=True, slots=True)
class Understood:
    """Everything the search page says about the box, one page of it."""

    total: int
    """Values that would be searched."""
    kinds: tuple[KindCount, ...]
    rows: tuple[EntryRow, ...]
    pages: Pages
    rejected: tuple[RejectedRow, ...]
    rejected_total: int
    dropped: tuple[str, ...]
    dropped_kinds: tuple[KindCount, ...]
    dropped_total: int
    show: str
    problem: str = ""
    """Why nothing can be searched, in the user's language."""


def box_of(posted: QueryDict) -> Box:
    """The form as it was sent, with what the pressed button changes in it."""
    kinds = [Kind(code) for code in posted.getlist("dropped_kind") if code in _KINDS]
    box = Box(
        text=posted.get("text", ""),
        dropped=tuple(dict.fromkeys(posted.getlist("dropped")))[:_MOST_DROPPED],
        dropped_kinds=tuple(dict.fromkeys(kinds)),
        show=_last(posted, "show"),
        page=_number(_last(posted, "page")),
    )
    return _changed(box, posted)


_KINDS = frozenset(kind.value for kind in Kind)


def _last(posted: QueryDict, name: str) -> str:
    """A button's value comes after the hidden field of the same name."""
    return (posted.getlist(name) or [""])[-1]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def _changed(box: Box, posted: QueryDict) -> Box:
    dropped, kinds = box.dropped, box.dropped_kinds
    if drop := _last(posted, "drop"):
        dropped = (*dropped, drop)
    if (drop_kind := _last(posted, "drop_kind")) in _KINDS:
        kinds = (*kinds, Kind(drop_kind))
    restored, restored_kind = _last(posted, "restore"), _last(posted, "restore_kind")
    box = replace(
        box,
        dropped=tuple(value for value in dropped if value != restored),
        dropped_kinds=tuple(kind for kind in kinds if kind != restored_kind),
    )
    if "restore_all" in posted:
        box = replace(box, dropped=(), dropped_kinds=())
    return box


def read(box: Box) -> Extraction:
    """What the text holds. Raises SearchRefused when it is longer than the portal reads."""
    limit = config().max_text_bytes
    if len(box.text) > limit or len(box.text.encode(errors="replace")) > limit:
        raise SearchRefused(Problem.TEXT_TOO_LONG, "text", limit=limit)
    return extract(box.text, limit=config().max_values)


def kept(found: Extraction, box: Box) -> Extraction:
    """The extraction without what the analyst dropped."""
    dropped, kinds = frozenset(box.dropped), frozenset(box.dropped_kinds)
    entries = tuple(
        entry
        for entry in found.entries
        if entry.value.text not in dropped and entry.value.kind not in kinds
    )
    return Extraction(entries, found.rejected)


def understand(box: Box, language: str) -> Understood:
    """What the page says about the box, in ``language``."""
    try:
        found = read(box)
    except SearchRefused as refused:
        return replace(_told(Extraction((), ()), box, language), problem=refused.words(language))
    told = _told(found, box, language)
    if box.text.strip() and not found.entries and not told.rejected_total:
        return replace(told, problem=_("No value was recognised in this text."))
    return told


def _told(found: Extraction, box: Box, language: str) -> Understood:
    remaining = kept(found, box)
    counted = Counter(entry.value.kind for entry in remaining.entries)
    show = box.show if box.show == REJECTED or box.show in counted else ""
    rejected = _real(found.rejected) if box.text.strip() else ()
    shown = _shown(remaining.entries, show)
    numbers: Sequence[int] = range(len(rejected if show == REJECTED else shown))
    chosen, pages = paginate(numbers, box.page, PER_PAGE)
    few = chosen if show == REJECTED else range(min(len(rejected), REJECTED_AT_ONCE))
    return Understood(
        total=len(remaining.entries),
        kinds=_kind_counts(counted, show, language),
        rows=() if show == REJECTED else tuple(_row(shown[n], language) for n in chosen),
        pages=pages,
        rejected=tuple(_rejected_row(rejected[n], language) for n in few),
        rejected_total=sum(piece.count for piece in rejected),
        dropped=box.dropped,
        dropped_kinds=_dropped_kinds(found.entries, box, language),
        dropped_total=len(found.entries) - len(remaining.entries),
        show=show,
    )


def _real(rejected: Sequence[Rejected]) -> tuple[Rejected, ...]:
    return tuple(piece for piece in rejected if piece.count)


def _shown(entries: Sequence[Entry], show: str) -> Sequence[Entry]:
    return [e for e in entries if e.value.kind == show] if show in _KINDS else entries


def _kind_counts(counted: Counter[Kind], show: str, language: str) -> tuple[KindCount, ...]:
    return tuple(
        KindCount(kind.value, say(kind, language), count, kind == show)
        for kind, count in counted.most_common()
    )


def _dropped_kinds(entries: Iterable[Entry], box: Box, language: str) -> tuple[KindCount, ...]:
    counted = Counter(entry.value.kind for entry in entries)
    return tuple(
        KindCount(kind.value, say(kind, language), counted[kind], active=False)
        for kind in box.dropped_kinds
    )


def _row(entry: Entry, language: str) -> EntryRow:
    value = entry.value
    written = tuple(form for form in entry.written if form != value.text)
    return EntryRow(value.text, say(value.kind, language), written, entry.note, entry.label)


def _rejected_row(piece: Rejected, language: str) -> RejectedRow:
    words = say(piece.reason, language)
    return RejectedRow(piece.written, words, advice(piece.reason, language), piece.count)
