"""A whole search as one JSON document, as the API and the downloads give it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from securegrid.asn import Origin
from securegrid.portal.searches.columns import (
    Column,
    answers_of,
    columns,
    is_running,
    misp_shape,
    total,
)
from securegrid.portal.searches.models import MispAnswer, Search, SearchState
from securegrid.portal.searches.origins import origin_of, origins_dated
from securegrid.portal.searches.question import (
    Question,
    Title,
    unseal_question,
    unseal_title,
)
from securegrid.portal.searches.rows import StoredHit, read_hits
from securegrid.portal.searches.shapes import (
    HitDocument,
    RejectedShape,
    SearchDocument,
    ValueShape,
)
from securegrid.values.model import Entry, Rejected

_NULL = msgspec.Raw(b"null")


@dataclass(frozen=True, slots=True)
class Asking:
    """The half of a document that does not change while MISPs answer, and who is to answer."""

    question: Question
    title: Title
    values: list[ValueShape]
    rejected: list[RejectedShape]
    answers: list[MispAnswer]
    """For the names of the MISPs; ``columns.refresh`` fills in what they answered."""


def asking(search: Search) -> Asking:
    """What was asked; it can be read while the search still runs."""
    asked = unseal_question(search.public_id, search.sealed_question)
    return Asking(
        asked,
        unseal_title(search.public_id, search.sealed_title),
        [value_shape(entry) for entry in asked.entries],
        [rejected_shape(piece) for piece in asked.rejected],
        answers_of(search),
    )


def document(
    search: Search, now: datetime | None = None, *, begun: Asking | None = None
) -> SearchDocument:
    """Read a whole search: values, rejected pieces, MISPs, hits and counts.

    ``begun``: what was asked, read before, with its answers up to date.
    """
    half = begun or asking(search)
    asked = half.question
    read = columns(search, now, answers=half.answers)
    return SearchDocument(
        id=str(search.public_id),
        state=(SearchState.RUNNING if is_running(search, now) else SearchState.COMPLETE).value,
        label=half.title.label,
        purpose=half.title.purpose,
        created_at=search.created_at,
        by=asker(search),
        deadline_s=search.deadline_s,
        private=search.private,
        related=search.related,
        elapsed_ms=search.elapsed_ms,
        values=half.values,
        rejected=half.rejected,
        misps=[misp_shape(column) for column in read],
        hits=hit_documents(asked, read, read_hits(search.pk), lambda at: half.values[at].origin),
        cells=total([column.counts for column in read]),
        origins_dated=origins_dated(),
    )


def asker(search: Search) -> str | None:
    """The colleague who asked, as colleagues see them; ``None`` when the account is gone."""
    return None if search.user is None else (search.user.name or search.user.email)


def rejected_shape(piece: Rejected) -> RejectedShape:
    """A piece that did not become a value."""
    return RejectedShape(piece.written, piece.reason, piece.count)


def value_shape(entry: Entry) -> ValueShape:
    """A value of the question."""
    value = entry.value
    told = (entry.written, entry.note, entry.label, origin_of(value))
    return ValueShape(value.text, value.kind, *told)


def hit_documents(
    asked: Question,
    read: Sequence[Column],
    hits: Iterable[StoredHit],
    origin_at: Callable[[int], Origin | None],
) -> list[HitDocument]:
    """Stored hits with their names; event and attribute go out as they were stored."""
    by_misp = {c.answer.misp_id: c for c in read}
    names = {pk: (column.answer.misp.name, column.misp_id) for pk, column in by_misp.items()}
    entries = asked.entries
    return [
        HitDocument(
            entries[hit.position].value.text,
            *names[hit.misp_pk],
            hit.relation,
            hit.counted,
            _raw(hit.event),
            _raw(hit.attribute),
            by_misp[hit.misp_pk].reason_at(hit.position),
            origin_at(hit.position),
        )
        for hit in hits
    ]


def _raw(stored: str | None) -> msgspec.Raw:
    return _NULL if stored is None else msgspec.Raw(stored.encode())
