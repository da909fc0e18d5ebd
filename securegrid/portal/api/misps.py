"""MISPs over the API: what there is to search, and for their managers connect, change, test."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from asgiref.sync import async_to_sync
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router, Status

from securegrid.portal.accounts.models import ApiToken, User
from securegrid.portal.accounts.roles import May
from securegrid.portal.alliance import services as alliance
from securegrid.portal.alliance.models import Member, Misp
from securegrid.portal.alliance.scope import MISP_MANAGERS, members_choosable_by, misps_managed_by
from securegrid.portal.alliance.words import Standing, state_of
from securegrid.portal.api.answers import answers
from securegrid.portal.api.auth import caller, member_of
from securegrid.portal.api.finding import by_id, by_id_or_name
from securegrid.portal.api.people_schemas import (
    MispChange,
    MispIn,
    MispOut,
    MispRules,
    MispSettingsOut,
    MispsOut,
    MispTestOut,
    ModeName,
    TlsName,
    VisibilityName,
)
from securegrid.portal.api.wire import text
from securegrid.portal.indexing import services as indexing

router = Router(tags=["misps"])


@router.get("/misps", response=answers({200: MispsOut}), summary="MISPs")
def misps(request: HttpRequest) -> MispsOut:
    """Every MISP of the alliance for searchers; those they manage, with settings, for managers."""
    token = caller(request, May.SEARCH, *MISP_MANAGERS)
    managed = _managed_keys(token)
    found = Misp.objects.select_related("member").order_by("name")
    if not token.may(May.SEARCH):
        found = found.filter(pk__in=managed)
    now = timezone.now()
    stand = indexing.overviews(found, now)
    return MispsOut(misps=[_misp(one, token.user, now, one.misp.pk in managed) for one in stand])


@router.post("/misps", response=answers({201: MispOut}), summary="Connect a MISP")
def add_misp(request: HttpRequest, given: MispIn) -> Status[MispOut]:
    """Connect a MISP; nothing is sent to it yet. The key goes in and never comes out."""
    user = caller(request, *MISP_MANAGERS).user
    misp = alliance.add_misp(
        _member_for(user, given.member),
        text(given.name),
        text(given.url),
        text(given.key),
        **_rules(given),
    )
    return Status(201, _managed_one(misp, user))


@router.patch("/misps/{misp_id}", response=answers({200: MispOut}), summary="Change a MISP")
def change_misp(request: HttpRequest, misp_id: UUID, given: MispChange) -> MispOut:
    """Change settings or the key, switch on or off; all or nothing."""
    user = caller(request, *MISP_MANAGERS).user
    misp = by_id(misps_managed_by(user), misp_id)
    changes = _rules(given) | {
        name: text(told)
        for name in ("name", "url", "key")
        if (told := getattr(given, name)) is not None
    }
    with transaction.atomic():
        alliance.change_misp(misp, **changes)
        if given.enabled is not None:
            alliance.set_enabled(misp, given.enabled)
    return _managed_one(misp, user)


@router.post("/misps/{misp_id}/test", response=answers({200: MispTestOut}), summary="Test a MISP")
def test_misp(request: HttpRequest, misp_id: UUID) -> MispTestOut:
    """Ask a MISP for its version and what the key may do, and measure one round trip."""
    user = caller(request, *MISP_MANAGERS).user
    found = async_to_sync(alliance.test_misp)(by_id(misps_managed_by(user), misp_id))
    return MispTestOut(
        ok=found.reason is None,
        reason=None if found.reason is None else found.reason.value,
        version=found.version,
        round_trip_ms=found.round_trip_ms,
        organisation=found.organisation,
        role=found.role,
        may_read=found.may_read,
        may_add=found.may_add,
        may_tag=found.may_tag,
        may_sight=found.may_sight,
        is_mighty=found.is_mighty,
    )


@router.delete("/misps/{misp_id}", response=answers({204: None}), summary="Disconnect a MISP")
def disconnect(request: HttpRequest, misp_id: UUID) -> HttpResponse:
    """Switch a MISP off and forget its key and certificate; its history stays."""
    user = caller(request, *MISP_MANAGERS).user
    alliance.disconnect(by_id(misps_managed_by(user), misp_id))
    return HttpResponse(status=204)


def _managed_keys(token: ApiToken) -> frozenset[int]:
    if not any(token.may(permission) for permission in MISP_MANAGERS):
        return frozenset()
    return frozenset(misps_managed_by(token.user).values_list("pk", flat=True))


def _member_for(user: User, named: str | None) -> Member:
    if named is None:
        return member_of(user)
    return by_id_or_name(members_choosable_by(user, May.MANAGE_ANY_MISPS), text(named), "member")


def _rules(given: MispRules) -> dict[str, Any]:
    """What was given of the rules, without NUL."""
    told = given.model_dump(include=set(MispRules.model_fields), exclude_none=True)
    for name in ("left_out_tags", "left_out_types"):
        if name in told:
            told[name] = [text(one) for one in told[name]]
    return {name: text(one) if isinstance(one, str) else one for name, one in told.items()}


def _managed_one(misp: Misp, user: User) -> MispOut:
    now = timezone.now()
    return _misp(indexing.overview(misp, now), user, now, managed=True)


def _misp(stands: indexing.Overview, user: User, now: datetime, managed: bool) -> MispOut:
    misp = stands.misp
    standing = state_of(misp, now, "en").standing
    if not managed and standing in {Standing.SUSPENDED, Standing.NO_KEY}:
        standing = Standing.OFF
    resting = standing is Standing.RESTING
    return MispOut(
        id=str(misp.public_id),
        name=misp.name,
        member=misp.member.name,
        own=misp.member_id == user.member_id,
        state=standing.value,
        mode=cast(ModeName, misp.mode),
        index_age_s=stands.age_s,
        resting_until=misp.resting_until if resting else None,
        resting_reason=(misp.resting_reason or None) if resting else None,
        settings=_settings(misp) if managed else None,
    )


def _settings(misp: Misp) -> MispSettingsOut:
    return MispSettingsOut(
        url=misp.url,
        tls=cast(TlsName, misp.tls),
        visibility=cast(VisibilityName, misp.visibility),
        published_only=misp.published_only,
        left_out_tags=misp.left_out_tags,
        left_out_types=misp.left_out_types,
        concurrency=misp.concurrency,
        pause_ms=misp.pause_ms,
        has_key=bool(misp.sealed_key),
        has_client_certificate=bool(misp.sealed_client_pem),
        version=misp.version,
        tested_at=misp.tested_at,
    )
