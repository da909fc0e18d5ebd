"""A search as a client words it, read into one typed filter; unfiltered ones are refused."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from securegrid.node.moments import epoch_of, iso_date, iso_moment
from securegrid.node.protocol import Refused

UNFILTERED = (
    "This node does not answer searches without a filter. Name what is searched for, or page"
    " through everything with a limit."
)
EMPTY_FILTER = (
    'The filter "{}" is empty, or holds an entry that matches everything. This request has been'
    " blocked to avoid an unfiltered request."
)
BAD_LIMIT = "Invalid limit or page: whole numbers are expected."

# Each pattern is a condition of its own, and a leading % reads every row.
MAX_PATTERNS = 100
MAX_ENTRIES = 200
TOO_LONG = 'The filter "{}" has too many entries or patterns, or too long a pattern.'
_LONG_PATTERN = 1000
# Lists of these are one lookup each, however long.
_LONG = frozenset({"value", "values", "uuid", "eventid", "event_id", "type", "category", "tags"})
_MATCHES_ALL = frozenset({"", "!", "%", "!%"})


class Choice(NamedTuple):
    """Alternatives, requirements and exclusions for one field."""

    any_of: tuple[str, ...] = ()
    all_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()


class Span(NamedTuple):
    """A closed range; ``None`` is open. ``impossible`` matches nothing (trap: ``banana``)."""

    start: int | str | None = None
    end: int | str | None = None
    impossible: bool = False


class Paging(NamedTuple):
    """Rows per answer (``None``: all) and which page of them, from 1."""

    limit: int | None
    page: int
    counted: bool

    @property
    def offset(self) -> int:
        """How many rows come before the page."""
        return (self.page - 1) * self.limit if self.limit else 0


class Filter(NamedTuple):
    """Everything a search may ask for; absent parts do not restrict."""

    choices: Mapping[str, Choice]
    spans: Mapping[str, Span]
    flags: Mapping[str, frozenset[int]]
    paging: Paging
    order: str

    @property
    def restricts(self) -> bool:
        """Whether anything is asked for at all."""
        return bool(self.choices or self.spans or self.flags)


# Which parameter names mean which field; several names may mean the same.
_CHOICES = {
    "value": "value",
    "value1": "value1",
    "value2": "value2",
    "type": "type",
    "category": "category",
    "org": "org",
    "tags": "tags",
    "tag": "tags",
    "eventid": "eventid",
    "event_id": "eventid",
    "uuid": "uuid",
    "eventinfo": "eventinfo",
    "object_relation": "object_relation",
    "threat_level_id": "threat_level_id",
    "analysis": "analysis",
    "event_distribution": "event_distribution",
    "comment": "comment",
}
_SPANS = {
    "timestamp": "timestamp",
    "attribute_timestamp": "timestamp",
    "event_timestamp": "event_timestamp",
    "publish_timestamp": "publish_timestamp",
    "last": "publish_timestamp",
}
_FLAGS = ("to_ids", "published", "deleted")


def read_filter(parameters: Mapping[str, Any], now: int, *, searchall: bool = False) -> Filter:
    """The filter that the parameters mean.

    ``searchall`` (``quickFilter``) counts for events only, as in MISP. Unknown parameters are
    ignored (trap 1). Raises ``Refused`` for an empty filter and for a limit that is no number.
    """
    return Filter(
        choices=_choices(parameters, searchall),
        spans={**_spans(parameters, now), **_dates(parameters), **_seen(parameters)},
        flags=_flags(parameters),
        paging=_paging(parameters),
        order=str(parameters.get("order") or ""),
    )


def demand_filter(filter_: Filter) -> Filter:
    """The filter; raises ``Refused`` for a search that would return everything (trap 1)."""
    if not filter_.restricts and filter_.paging.limit is None:
        raise Refused(400, UNFILTERED)
    return filter_


def truthy(value: object) -> bool:
    """PHP's idea of true, by which MISP reads its switches: ``"false"`` is true."""
    return value not in (None, False, 0, "", "0", [], {})


def choice_of(name: str, given: object) -> Choice:
    """Read one parameter: a scalar, ``a||b``, a list, or ``{"OR", "AND", "NOT"}``."""
    if isinstance(given, Mapping):
        known = {k: _entries(name, v) for k, v in given.items() if k in ("OR", "AND", "NOT")}
        choice = Choice(*(tuple(known.get(k, ())) for k in ("OR", "AND", "NOT")))
    else:
        choice = _signed(_entries(name, given))
    if not any(choice):
        raise Refused(400, EMPTY_FILTER.format(name))
    return choice


def _signed(entries: list[str]) -> Choice:
    wanted = tuple(entry for entry in entries if not entry.startswith("!"))
    return Choice(wanted, (), tuple(entry[1:] for entry in entries if entry.startswith("!")))


def _entries(name: str, given: object) -> list[str]:
    items = given if isinstance(given, list) else _split(given)
    texts = [_text(item) for item in items if item is not None]
    if len(texts) > MAX_ENTRIES and name not in _LONG:
        raise Refused(400, TOO_LONG.format(name))
    if sum(_is_costly(text) for text in texts) > MAX_PATTERNS:
        raise Refused(400, TOO_LONG.format(name))
    if any(text.rstrip(" ") in _MATCHES_ALL or not text.strip("%") for text in texts):
        raise Refused(400, EMPTY_FILTER.format(name))
    return texts


def _is_costly(text: str) -> int:
    if not (text.startswith("%") or text.endswith("%")):
        return 0
    return 1 if len(text) <= _LONG_PATTERN else MAX_PATTERNS + 1


def _split(given: object) -> list[object]:
    """The old notation: ``a||b`` and ``a&&!b`` in one string."""
    if not isinstance(given, str):
        return [given]
    for mark in ("||", "&&"):
        if mark in given:
            return list(given.split(mark))
    return [given]


def _text(item: object) -> str:
    if isinstance(item, bool):
        return "1" if item else "0"
    # A list inside a list matches nothing, as recorded; its text cannot occur as a value.
    return item if isinstance(item, str) else str(item)


def _choices(parameters: Mapping[str, Any], searchall: bool) -> dict[str, Choice]:
    names = {
        **_CHOICES,
        **({"searchall": "searchall", "quickFilter": "searchall"} if searchall else {}),
    }
    return {
        field: choice_of(name, parameters[name])
        for name, field in names.items()
        if name in parameters
    }


def _spans(parameters: Mapping[str, Any], now: int) -> dict[str, Span]:
    return {
        field: _epochs(parameters[name], now)
        for name, field in _SPANS.items()
        if truthy(parameters.get(name))
    }


def _epochs(given: object, now: int) -> Span:
    ends = given if isinstance(given, list) else [given]
    moments = [epoch_of(end, now) for end in ends[:2]]
    known = [moment for moment in moments if moment is not None]
    if len(known) < len(moments):
        return Span(impossible=True)
    return Span(min(known), max(known) if len(known) > 1 else None)


def _dates(parameters: Mapping[str, Any]) -> dict[str, Span]:
    date = parameters.get("date")
    ends = date if isinstance(date, list) else [date]
    start = parameters.get("from") or parameters.get("datefrom") or ends[0]
    end = parameters.get("to") or parameters.get("dateuntil") or (ends[1] if ends[1:] else None)
    if not truthy(start) and not truthy(end):
        return {}
    return {"date": _span(start, end, iso_date)}


def _seen(parameters: Mapping[str, Any]) -> dict[str, Span]:
    return {
        name: _span(parameters[name], None, iso_moment)
        for name in ("first_seen", "last_seen")
        if truthy(parameters.get(name))
    }


def _span(start: object, end: object, read: Any) -> Span:
    first = read(start) if truthy(start) else None
    last = read(end) if truthy(end) else None
    broken = (truthy(start) and first is None) or (truthy(end) and last is None)
    return Span(first, last, impossible=broken)


def _flags(parameters: Mapping[str, Any]) -> dict[str, frozenset[int]]:
    return {name: _flag(parameters[name]) for name in _FLAGS if parameters.get(name) is not None}


def _flag(given: object) -> frozenset[int]:
    """Which of 0 and 1 are wanted: a switch, or a list of both."""
    entries = given if isinstance(given, list) else [given]
    return frozenset(int(truthy(entry)) for entry in entries if entry != "exclude") | frozenset(
        0 for entry in entries if entry == "exclude"
    )


def _paging(parameters: Mapping[str, Any]) -> Paging:
    limit = _whole(parameters.get("limit"))
    page = _whole(parameters.get("page"))
    counted = limit is not None and limit != 0
    rows = limit if limit is not None and limit > 0 else None
    return Paging(rows, max(page or 1, 1), counted)


def _whole(given: object) -> int | None:
    if given is None or given == "":
        return None
    try:
        return int(str(given))
    except ValueError:
        raise Refused(400, BAD_LIMIT) from None
