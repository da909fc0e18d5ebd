"""The ledger: written with the results in one transaction, read by the owners of the data."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import QuerySet

from securegrid.federation.outcomes import Found
from securegrid.portal.alliance.models import Member, Misp
from securegrid.portal.disclosure.models import LedgerEntry
from securegrid.values.model import Value


class LedgerEvent(msgspec.Struct, frozen=True):
    """One of the owner's events that hit, and how many of its attributes did."""

    uuid: str
    info: str
    attributes: int


class HitValue(msgspec.Struct, frozen=True):
    """A value that hit in one MISP, with the owner's events that hold it."""

    value: str
    kind: str
    events: tuple[LedgerEvent, ...]


def hit_values(values: Sequence[Value], found: Sequence[Found]) -> list[HitValue]:
    """One entry per value that was found; ``values`` are those of the question, in order."""
    by_position: dict[int, list[Found]] = {}
    for one in found:
        by_position.setdefault(one.position, []).append(one)
    return [
        HitValue(values[position].text, values[position].kind.value, _events(group))
        for position, group in by_position.items()
    ]


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
    that this search already entered for this MISP is left as it is.
    """
    fields = LedgerEntry._meta
    same = (
        misp_pk,
        fields.get_field("search_id").get_db_prep_value(search_id, connection),
        fields.get_field("at").get_db_prep_value(at, connection),
        member_name,
    )
    with connection.cursor() as cursor:
        cursor.executemany(_INSERT, [(*same, hit.value, hit.kind, _json(hit)) for hit in hits])


_INSERT = (
    # Plain SQL in bulk: through the models this took half of a search's writing time.
    f"INSERT INTO {LedgerEntry._meta.db_table} (misp_id, search_id, at, member_name, value, kind,"  # noqa: S608 - a table's name, no input
    " events) VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
)


def _json(hit: HitValue) -> str:
    return msgspec.json.encode(hit.events).decode()


def entries(
    member: Member,
    *,
    misp: Misp | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    value: str = "",
) -> QuerySet[LedgerEntry]:
    """The ledger of a member's MISPs, newest first; ``value`` narrows to values containing it."""
    found = LedgerEntry.objects.filter(misp__member=member).select_related("misp")
    if misp is not None:
        found = found.filter(misp=misp)
    if since is not None:
        found = found.filter(at__gte=since)
    if until is not None:
        found = found.filter(at__lt=until)
    if value:
        found = found.filter(value__icontains=value)
    return found.order_by("-at", "-id")
