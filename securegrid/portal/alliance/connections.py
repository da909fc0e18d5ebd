"""From a stored MISP to a connection, and the test that an owner runs on it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from asgiref.sync import sync_to_async
from django.utils import timezone

from securegrid.federation.breaker import Rest
from securegrid.misp.client import MispClient
from securegrid.misp.connection import Connection, Tls
from securegrid.misp.failures import MispFailure, Reason
from securegrid.misp.records import Me, Version
from securegrid.portal.alliance.health import record_health
from securegrid.portal.alliance.misps import address_policy, client_context, key_context
from securegrid.portal.alliance.models import Misp
from securegrid.portal.alliance.resting import store_rest
from securegrid.portal.refusals import Problem, Refused
from securegrid.portal.sealing import SealError, unseal

log = structlog.get_logger(__name__)

TEST_TIMEOUT_S = 15.0


@dataclass(frozen=True, slots=True)
class MispTest:
    """What a test found: either ``reason`` says why it failed, or the rest describes the MISP."""

    reason: Reason | None
    version: str = ""
    round_trip_ms: float | None = None
    """Milliseconds of one request over an open connection."""
    organisation: str = ""
    """The organisation of the key's user, as the MISP names it."""
    role: str = ""
    may_add: bool = False
    may_tag: bool = False
    may_sight: bool = False
    is_mighty: bool = False
    """The key may administrate or synchronise: more than the portal needs."""

    @property
    def may_read(self) -> bool:
        """A key that is accepted may read what its organisation may."""
        return self.reason is None


def connection_of(misp: Misp) -> Connection:
    """How to reach ``misp``, with its key. Raises ``Refused`` when there is none to open."""
    if not misp.sealed_key:
        raise Refused(Problem.KEY_MISSING, "key")
    try:
        key = unseal(misp.sealed_key, key_context(misp)).decode()
        client_pem = _client_pem(misp)
    except SealError:
        log.error("a sealed key cannot be opened", misp=str(misp.public_id))
        raise Refused(Problem.KEY_MISSING, "key") from None
    return Connection(
        url=misp.url,
        key=key,
        tls=Tls(misp.tls),
        ca_pem=misp.ca_pem,
        client_pem=client_pem,
        policy=address_policy(),
    )


async def test_misp(  # the name is a MISP user's word, not pytest's
    misp: Misp,
    *,
    clock: Callable[[], datetime] = timezone.now,  # noqa: PT028
    timer: Callable[[], float] = time.perf_counter,  # noqa: PT028
) -> MispTest:
    """Ask for version and permissions, and keep what was found.

    A success ends a rest; a failure only tells. Raises ``Refused`` without a usable key.
    """
    started = timer()
    found = await probe(connection_of(misp), timer=timer)
    await sync_to_async(_keep)(misp, found, clock(), (timer() - started) * 1000)
    return found


async def probe(
    connection: Connection, *, timer: Callable[[], float] = time.perf_counter
) -> MispTest:
    """The same for a connection that is not stored yet; keeps nothing."""
    async with MispClient(connection, request_timeout_s=TEST_TIMEOUT_S) as client:
        try:
            version = await client.version()  # opens the connection, so the next is a round trip
            started = timer()
            me = await client.me()
        except MispFailure as failure:
            return MispTest(failure.reason)
    return _described(version, me, (timer() - started) * 1000)


def _described(version: Version, me: Me, round_trip_ms: float) -> MispTest:
    role = me.role
    return MispTest(
        reason=None,
        version=version.version[:32],
        round_trip_ms=round(round_trip_ms, 1),
        organisation=me.organisation.name,
        role=role.name,
        may_add=role.perm_add,
        may_tag=role.perm_tagger,
        may_sight=role.perm_sighting,
        is_mighty=role.perm_admin or role.perm_site_admin or role.perm_sync,
    )


def _keep(misp: Misp, found: MispTest, at: datetime, elapsed_ms: float) -> None:
    requests = 2 if found.reason is None else 1
    record_health(misp, at=at, elapsed_ms=elapsed_ms, requests=requests, reason=found.reason)
    Misp.objects.filter(pk=misp.pk).update(tested_at=at, version=found.version or misp.version)
    if found.reason is None:
        store_rest(misp, Rest())
    misp.refresh_from_db()


def _client_pem(misp: Misp) -> str:
    if not misp.sealed_client_pem:
        return ""
    return unseal(misp.sealed_client_pem, client_context(misp)).decode()
