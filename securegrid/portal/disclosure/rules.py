"""What a searcher may see of a hit: the owner's rules, applied before anything is stored."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from securegrid.federation.outcomes import Found
from securegrid.misp.records import Attribute, EventSummary, Tag
from securegrid.portal.alliance.models import Visibility
from securegrid.portal.disclosure.shown import AttributeShown, EventShown, TagShown, VisibleHit
from securegrid.values.model import Relation
from securegrid.values.relations import strongest


def reduce(visibility: Visibility, own: bool, found: Sequence[Found]) -> list[VisibleHit]:
    """Reduce the hits of one MISP to what it lets the searcher see.

    ``own``: the searcher is of the MISP's own member and always sees everything. Give all
    that was found of a value in one call: it is counted and grouped here.
    """
    match Visibility.FULL if own else Visibility(visibility):
        case Visibility.FULL:
            events = _Events()
            return [_full(one, events) for one in found]
        case Visibility.TITLE:
            return [_title(group) for group in _by_event(found)]
        case Visibility.COUNT:
            return [_bare(group, len(group)) for group in _by_position(found)]
        case Visibility.EXISTS:
            return [_bare(group, None) for group in _by_position(found)]


def shows_events(visibility: Visibility, own: bool) -> bool:
    """Whether the searcher may see more than numbers, so that details are worth fetching."""
    return own or visibility in (Visibility.TITLE, Visibility.FULL)


def reduce_held(
    visibility: Visibility, own: bool, position: int, relations: Sequence[Relation]
) -> VisibleHit:
    """What may be shown of attributes (with these relations) that only an index told of."""
    count = len(relations) if may_count(visibility, own) else None
    return VisibleHit(position, _strongest(relations), count)


def may_count(visibility: Visibility, own: bool) -> bool:
    """Whether the searcher may know how many attributes hit."""
    return own or visibility != Visibility.EXISTS


class _Events:
    """Shown events by their identity: a few events hold most of what hits."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[EventSummary, EventShown]] = {}

    def shown(self, event: EventSummary) -> EventShown:
        """The whole event; made anew when the MISP told it differently before."""
        known = self._known.get(event.uuid)
        if known is None or known[0] != event:
            known = self._known[event.uuid] = (event, _whole_event(event))
        return known[1]


def _full(one: Found, events: _Events) -> VisibleHit:
    attribute = one.attribute
    event = events.shown(attribute.event) if attribute.event else None
    return VisibleHit(one.position, one.relation, 1, event, _attribute(attribute))


def _title(group: list[Found]) -> VisibleHit:
    event = group[0].attribute.event
    shown = EventShown(event.info, _tags(event.tags)) if event else None
    return VisibleHit(group[0].position, _relation(group), len(group), shown)


def _bare(group: list[Found], count: int | None) -> VisibleHit:
    return VisibleHit(group[0].position, _relation(group), count)


def _relation(group: list[Found]) -> Relation:
    return _strongest([one.relation for one in group])


def _strongest(relations: Sequence[Relation]) -> Relation:
    return strongest(relations) or Relation.EQUAL  # a hit has at least one


def _by_position(found: Sequence[Found]) -> list[list[Found]]:
    groups: dict[int, list[Found]] = {}
    for one in found:
        groups.setdefault(one.position, []).append(one)
    return list(groups.values())


def _by_event(found: Sequence[Found]) -> list[list[Found]]:
    groups: dict[tuple[int, str], list[Found]] = {}
    for one in found:
        groups.setdefault((one.position, str(one.attribute.event_id)), []).append(one)
    return list(groups.values())


def _whole_event(event: EventSummary) -> EventShown:
    return EventShown(
        info=event.info,
        tags=_tags(event.tags),
        uuid=event.uuid,
        date=event.date,
        org=event.orgc.name if event.orgc else None,
        published=event.published,
        threat_level_id=_integer(event.threat_level_id),
    )


def _attribute(attribute: Attribute) -> AttributeShown:
    return AttributeShown(
        uuid=attribute.uuid,
        type=attribute.type,
        category=attribute.category,
        value=attribute.value,
        comment=attribute.comment or "",
        to_ids=attribute.to_ids,
        timestamp=_moment(attribute.timestamp),
        first_seen=attribute.first_seen,
        last_seen=attribute.last_seen,
        object_relation=attribute.object_relation,
        tags=_own_tags(attribute.tags) if attribute.tags else [],
    )


def _own_tags(tags: Iterable[Tag]) -> list[TagShown]:
    """Without those that includeEventTags merged in from the event (trap 7)."""
    return _tags(tag for tag in tags if tag.inherited in {0, "0"})


def _tags(tags: Iterable[Tag]) -> list[TagShown]:
    return [TagShown(tag.name, tag.colour) for tag in tags]


def _integer(number: int | str | None) -> int | None:
    """An integer that MISP may have sent as a string (trap 6)."""
    try:
        return None if number is None else int(number)
    except ValueError:
        return None


def _moment(seconds: int | str) -> str | None:
    """Unix seconds as RFC 3339 in UTC; ``None`` for 0 and for what is no moment."""
    whole = _integer(seconds)
    try:
        return datetime.fromtimestamp(whole, UTC).isoformat() if whole else None
    except (OverflowError, OSError, ValueError):
        return None
