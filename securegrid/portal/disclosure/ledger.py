"""The ledger: written with the results in one transaction, read by the owners of the data."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from securegrid.federation.fanout import LONGEST_DEADLINE_S
from securegrid.federation.outcomes import Found
from securegrid.portal.alliance.models import Member, Misp
from securegrid.portal.disclosure.models import Basis, LedgerEntry
from securegrid.values.model import Value

PENDING_UNSEEN = timedelta(seconds=LONGEST_DEADLINE_S + 60)
"""How long an owner does not see a pending entry. By then its search has settled or withdrawn it,
or the search's process is dead: what the searcher saw stays in the ledger."""


class LedgerEvent(msgspec.Struct, frozen=True):
    """One of the owner's events that hit, and how many of its attributes did."""

    uuid: str
    info: str
    attributes: int


class HitValue(msgspec.Struct, frozen=True):
    """A value that hit in one MISP, with the owner's events that hold it."""

    value: str
    kind: str
    events: tuple[LedgerEvent, ...] = ()
    basis: Basis = Basis.CHECKED


def hit_values(values: Sequence[Value], found: Sequence[Found]) -> list[HitValue]:
    """One entry per value that was found; ``values`` are those of the question, in order."""
    by_position: dict[int, list[Found]] = {}
    for one in found:
        by_position.setdefault(one.position, []).append(one)
    return [
        HitValue(values[position].text, values[position].kind.value, _events(group))
        for position, group in by_position.items()
    ]


def held_values(values: Sequence[Value], positions: Iterable[int], basis: Basis) -> list[HitValue]:
    """One entry per value that an index holds; which events it is in was not asked."""
    held = (values[position] for position in positions)
    return [HitValue(value.text, value.kind.value, basis=basis) for value in held]


def _events(group: Sequence[Found]) -> tuple[LedgerEvent, ...]:
    counted: dict[tuple[str, str], int] = {}
    for one in group:
        event = one.attribute.event
        key = (event.uuid, event.info) if event else ("", "")
        counted[key] = counted.get(key, 0) + 1
    # PostgreSQL holds no NUL in JSON.
    return tuple(
        LedgerEvent(uuid, info.replace("\0", "\ufffd"), count)
        for (uuid, info), count in counted.items()
    )


def write(
    misp_pk: int, search_id: UUID, at: datetime, member_name: str, hits: Sequence[HitValue]
) -> None:
    """Add one row per hit value, inside the caller's transaction (which holds the results).

    ``member_name``: the searching organisation, or empty when the alliance hides it. A value
    that this search already entered for this MISP is left as it is, unless on a weaker basis.
    """
    fields = LedgerEntry._meta
    same = (
        misp_pk,
        fields.get_field("search_id").get_db_prep_value(search_id, connection),
        fields.get_field("at").get_db_prep_value(at, connection),
        member_name,
    )
    with connection.cursor() as cursor:
        cursor.executemany(
            _INSERT, [(*same, hit.value, hit.kind, _json(hit), hit.basis.value) for hit in hits]
        )


_TABLE = LedgerEntry._meta.db_table
_INSERT = (
    # Plain SQL in bulk: through the models this took half of a search's writing time.
    f"INSERT INTO {_TABLE} (misp_id, search_id, at, member_name, value, kind, events, basis)"  # noqa: S608 - a table's name, no input
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (misp_id, search_id, value)"
    " DO UPDATE SET events = excluded.events, basis = excluded.basis"
    f" WHERE {_TABLE}.basis < excluded.basis"
)


def withdraw(misp_pk: int, search_id: UUID, values: Sequence[str]) -> None:
    """Take back what is only pending: the MISP says that it does not hold it any more.

    Inside the caller's transaction, which holds the cells that say so as well.
    """
    pending = LedgerEntry.objects.filter(misp_id=misp_pk, search_id=search_id, basis=Basis.PENDING)
    for start in range(0, len(values), _VALUES_AT_ONCE):
        pending.filter(value__in=values[start : start + _VALUES_AT_ONCE]).delete()


_VALUES_AT_ONCE = 500
"""SQLite takes a limited number of parameters."""


def _json(hit: HitValue) -> str:
    return msgspec.json.encode(hit.events).decode()


def entries(
    member: Member,
    *,
    misp: Misp | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    value: str = "",
    now: datetime | None = None,
) -> QuerySet[LedgerEntry]:
    """The ledger of a member's MISPs, newest first; ``value`` narrows to values containing it.

    What is pending at ``now`` is absent: see ``PENDING_UNSEEN``.
    """
    found = LedgerEntry.objects.filter(misp__member=member).select_related("misp")
    long_ago = (now or timezone.now()) - PENDING_UNSEEN
    found = found.filter(~Q(basis=Basis.PENDING) | Q(at__lt=long_ago))
    if misp is not None:
        found = found.filter(misp=misp)
    if since is not None:
        found = found.filter(at__gte=since)
    if until is not None:
        found = found.filter(at__lt=until)
    if value:
        found = found.filter(value__icontains=value)
    return found.order_by("-at", "-id")
