"""A search in rows and columns: the lines that every output format shows."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from securegrid.cli.answers import (
    CellAnswer,
    HitAnswer,
    MispAnswer,
    OriginAnswer,
    SearchAnswer,
)
from securegrid.cli.codes import in_words
from securegrid.cli.words import Language, Say, say
from securegrid.federation.outcomes import Why
from securegrid.misp.failures import Reason
from securegrid.values.model import Relation

_STATES = {
    "answered": Say.ANSWERED,
    "partly": Say.PARTLY,
    "not_answered": Say.NOT_ANSWERED,
    "not_asked": Say.NOT_ASKED,
    "running": Say.RUNNING,
}


@dataclass(frozen=True, slots=True)
class Held:
    """What one MISP holds of one value; ``count`` is ``None`` where its owner does not tell."""

    value: str
    misp: str
    count: int | None
    titles: tuple[tuple[str, int | None], ...]
    """Event titles, most frequent first, each with its number of attributes."""
    relations: tuple[str, ...] = ("equal",)
    """How the attributes relate to the value, each code once, the strongest first."""
    reason: str | None = None
    """Why there are no details; then it is a hit of the last sync."""


def held(hits: Iterable[HitAnswer]) -> list[Held]:
    """The hits put together: one line for each value and MISP, in the portal's order."""
    together: dict[tuple[str, str], list[HitAnswer]] = {}
    for hit in hits:
        together.setdefault((hit.value, hit.misp), []).append(hit)
    return [
        Held(
            value,
            misp,
            _sum(one.count for one in rows),
            _titles(rows),
            _relations(rows),
            next((one.reason for one in rows if one.reason), None),
        )
        for (value, misp), rows in together.items()
    ]


def _relations(rows: list[HitAnswer]) -> tuple[str, ...]:
    order: list[str] = [relation.value for relation in Relation]
    codes = {one.relation for one in rows}
    return (*(code for code in order if code in codes), *sorted(codes.difference(order)))


def _titles(rows: list[HitAnswer]) -> tuple[tuple[str, int | None], ...]:
    counts: Counter[str] = Counter()
    hidden = False
    for row in rows:
        if row.event is not None and row.event.info:
            counts[without_date(row.event.info, row.event.date)] += row.count or 1
            hidden = hidden or row.count is None
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return tuple((title, None if hidden else count) for title, count in ordered)


def without_date(info: str, date: str | None) -> str:
    """An event's title without the date it begins with, so that daily events count together."""
    head, bracket, rest = info.partition(") ")
    dated = head[1:] if bracket and head.startswith("(") else ""
    return rest if dated and (dated == date or _is_date(dated)) else info


def _is_date(text: str) -> bool:
    parts = text.split("-")
    return [len(part) for part in parts] == [4, 2, 2] and "".join(parts).isdigit()


def _sum(counts: Iterable[int | None]) -> int | None:
    known = list(counts)
    return None if None in known else sum(count for count in known if count is not None)


def state_words(misp: MispAnswer, language: Language) -> str:
    """A MISP's state in words, with the reason where it did not answer for everything."""
    known = _STATES.get(misp.state)
    state = say(known, language) if known else misp.state
    reason = in_words(misp.reason, language, Reason, Why)
    return f"{state} ({reason})" if reason else state


def mode_words(misp: MispAnswer, language: Language) -> str:
    """How a MISP was searched, and how old its index was."""
    if misp.mode != "indexed":
        return say(Say.LIVE, language) if misp.mode == "live" else misp.mode
    if misp.index_age_s is None:
        return say(Say.INDEXED, language)
    return say(Say.INDEXED_OF, language, age=age(misp.index_age_s, language))


def age(seconds_old: float, language: Language) -> str:
    """A length of time in its largest fitting unit, rounded down."""
    amount, unit = next(
        (int(seconds_old // (length or 1)), unit)
        for length, unit in _UNITS
        if seconds_old >= length
    )
    words = unit[language is Language.JAPANESE]
    return f"{amount} {words}"


_UNITS = ((86_400, ("d", "日")), (3_600, ("h", "時間")), (60, ("min", "分")), (0, ("s", "秒")))


def summary_line(search: SearchAnswer, language: Language) -> str:
    """The whole search in one sentence."""
    cells = search.cells
    return say(
        Say.SUMMARY, language,
        values=len(search.values), misps=len(search.misps), hit=cells.hit, miss=cells.miss,
        not_answered=cells.not_answered, not_asked=cells.not_asked,
    )  # fmt: skip


def seconds(elapsed_ms: float | None) -> str:
    """Milliseconds as seconds with two decimals; empty when there was no answer."""
    return "" if elapsed_ms is None else f"{elapsed_ms / 1000:.2f} s"


SEARCH_COLUMNS = (
    "value", "kind", "label", "source", "misp", "state", "reason", "relation", "count",
    "event_date", "event_title", "event_tags", "event_uuid",
    "attribute_type", "attribute_category", "attribute_value", "attribute_comment",
    "mode", "index_age_s", "asn", "as_name", "asn_country_code",
)  # fmt: skip
"""The CSV's columns: a line per hit, and a line per cell without an answer."""


def search_lines(search: SearchAnswer, unanswered: list[CellAnswer]) -> list[list[str]]:
    """The CSV's lines; a value and MISP without any line is a miss."""
    known = {value.value: value for value in search.values}
    modes = {misp.name: mode_cells(misp) for misp in search.misps}

    def begin(value: str, misp: str) -> list[str]:
        asked = known[value]
        return [value, asked.kind, asked.label, asked.note, misp]

    def end(value: str, misp: str) -> list[str]:
        return [*modes[misp], *origin_cells(known[value].origin)]

    hits = [
        [*begin(h.value, h.misp), "hit", h.reason or "", *_hit_cells(h), *end(h.value, h.misp)]
        for h in search.hits
    ]
    missing = [
        [*begin(c.value, c.misp), c.state, c.reason or "", *_NO_HIT, *end(c.value, c.misp)]
        for c in unanswered
    ]
    return hits + missing


_NO_HIT = [""] * (SEARCH_COLUMNS.index("mode") - SEARCH_COLUMNS.index("relation"))
"""What a cell without an answer has in the columns of a hit."""


def mode_cells(misp: MispAnswer) -> list[str]:
    """Mode and index age in seconds, for programs."""
    old = "" if misp.index_age_s is None else f"{misp.index_age_s:.0f}"
    return [misp.mode, old]


def origin_cells(origin: OriginAnswer | None) -> list[str]:
    """AS number, AS name and country, for programs; empty for what has no network."""
    return [""] * 3 if origin is None else [str(origin.asn), origin.name, origin.country]


def origin_words(origin: OriginAnswer | None) -> str:
    """The same in one cell: ``AS16509 AMAZON-02 (US)``."""
    if origin is None:
        return ""
    country = f"({origin.country})" if origin.country else ""
    return " ".join(filter(None, (f"AS{origin.asn}", origin.name, country)))


def _hit_cells(hit: HitAnswer) -> list[str]:
    event, attribute = hit.event, hit.attribute
    cells = [hit.relation, "" if hit.count is None else str(hit.count)]
    tags = "; ".join(_tag_name(tag) for tag in event.tags) if event else ""
    cells += [event.date or "", event.info or "", tags, event.uuid or ""] if event else [""] * 4
    if attribute is None:
        return cells + [""] * 4
    shown = (attribute.type, attribute.category, attribute.value, attribute.comment)
    return cells + [cell or "" for cell in shown]


def _tag_name(tag: object) -> str:
    return str(tag.get("name", "")) if isinstance(tag, dict) else str(tag)
