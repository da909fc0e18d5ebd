"""An earlier search as the beginning of a new one: its text, options and MISPs."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from io import StringIO

from securegrid.portal.searches.models import MispAnswer, Search
from securegrid.portal.searches.question import unseal_question, unseal_title
from securegrid.values.model import Entry, Value
from securegrid.values.normalise import normalise


@dataclass(frozen=True, slots=True)
class Repeated:
    """What the search page is filled with."""

    text: str
    options: dict[str, object]
    misps: frozenset[str]


def repeated(search: Search) -> Repeated:
    """The question of ``search`` as text that is understood the same way again."""
    asked = unseal_question(search.public_id, search.sealed_question)
    title = unseal_title(search.public_id, search.sealed_title)
    ids = MispAnswer.objects.filter(search=search).values_list("misp__public_id", flat=True)
    options: dict[str, object] = {
        "label": title.label,
        "purpose": title.purpose,
        "deadline_s": search.deadline_s,
        "private": search.private,
        "related": search.related,
    }
    return Repeated(as_text(asked.entries), options, frozenset(str(one) for one in ids))


def as_text(entries: Iterable[Entry]) -> str:
    """A plain list where that says everything, else a table with kinds, labels and notes."""
    kept = tuple(entries)
    if all(_is_plain(entry) for entry in kept):
        return "".join(f"{entry.value.text}\n" for entry in kept)
    out = StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(("value", "kind", "label", "note"))
    for entry in kept:
        table.writerow((entry.value.text, entry.value.kind.value, entry.label, entry.note))
    return out.getvalue()


def _is_plain(entry: Entry) -> bool:
    if entry.label or entry.note:
        return False
    found = normalise(entry.value.text)
    return isinstance(found, Value) and found.kind is entry.value.kind
