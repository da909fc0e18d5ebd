"""A search as files: the JSON document of the API, and a CSV with one line per hit or cell."""

from collections.abc import Iterator

import msgspec

from securegrid.asn import Origin
from securegrid.portal.disclosure.shown import AttributeShown, EventShown
from securegrid.portal.disclosure.table import csv_lines
from securegrid.portal.searches.columns import Column, columns
from securegrid.portal.searches.document import document
from securegrid.portal.searches.models import Search
from securegrid.portal.searches.origins import origins_of
from securegrid.portal.searches.question import unseal_question
from securegrid.portal.searches.rows import StoredHit, read_hits
from securegrid.values.model import Entry

CSV_HEADER = (
    *("value", "kind", "label", "note", "misp", "relation", "count"),
    *("event", "event_uuid", "event_date", "event_tags", "event_org"),
    *("type", "category", "attribute", "comment", "to_ids", "first_seen", "last_seen"),
    *("mode", "index_age_s", "reason", "asn", "as_name", "asn_country_code"),
)


def as_json(search: Search) -> bytes:
    """The same document as ``GET /api/v1/searches/{id}``."""
    return msgspec.json.encode(document(search))


def as_csv(search: Search) -> Iterator[str]:
    """One line per hit, formulas defused; what an owner does not allow is empty.

    ``reason``: why the details of a hit of the last sync are not available.
    """
    asked = unseal_question(search.public_id, search.sealed_question)
    by_misp = {column.answer.misp_id: column for column in columns(search)}
    origin_at = origins_of(asked.entries)
    rows = (
        (
            *_row(asked.entries[hit.position], by_misp[hit.misp_pk], hit),
            *_origin(origin_at(hit.position)),
        )
        for hit in read_hits(search.pk)
    )
    return csv_lines(CSV_HEADER, rows)


def _row(entry: Entry, column: Column, hit: StoredHit) -> tuple[object, ...]:
    value, answer = entry.value, column.answer
    start = (value.text, value.kind.value, entry.label, entry.note, answer.misp.name)
    age_s = "" if answer.index_age_s is None else round(answer.index_age_s)
    end = (answer.mode, age_s, column.reason_at(hit.position) or "")
    details = (*_event(hit.event), *_attribute(hit.attribute))
    return (*start, hit.relation, hit.counted, *details, *end)


def _origin(origin: Origin | None) -> tuple[object, ...]:
    return ("",) * 3 if origin is None else (origin.asn, origin.name, origin.country)


def _event(stored: str | None) -> tuple[object, ...]:
    if stored is None:
        return ("",) * 5
    event = msgspec.json.decode(stored, type=EventShown)
    return event.info, event.uuid, event.date, " ".join(t.name for t in event.tags), event.org


def _attribute(stored: str | None) -> tuple[object, ...]:
    if stored is None:
        return ("",) * 7
    one = msgspec.json.decode(stored, type=AttributeShown)
    told = (one.type, one.category, one.value, one.comment)
    return (*told, "yes" if one.to_ids else "no", one.first_seen, one.last_seen)
