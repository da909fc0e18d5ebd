"""The test that an owner runs on a MISP, against small real servers."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from asgiref.sync import sync_to_async

from securegrid.federation.breaker import Rest
from securegrid.misp.failures import Reason
from securegrid.portal.alliance import connections, services
from securegrid.portal.alliance.models import HealthSample, Misp
from securegrid.portal.refusals import Problem, Refused
from tests.conftest import KEY, MakeMisp

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)

READ_ONLY = {"name": "Read Only", "perm_auth": True}
MIGHTY = {"name": "Sync user", "perm_add": True, "perm_tagger": True, "perm_sighting": True}
NO_KEY = {
    "name": "Authentication failed. Please make sure you pass the API key of an API enabled user "
    "along in the Authorization header.",
    "message": "Authentication failed. Please make sure you pass the API key of an API enabled "
    "user along in the Authorization header.",
    "url": "/servers/getVersion",
}


def server(role: dict[str, Any], *, delay_s: float = 0.0) -> web.Application:
    """A MISP that knows one key and whose user has ``role``."""

    async def answer(request: web.Request) -> web.Response:
        await asyncio.sleep(delay_s)
        if request.headers.get("Authorization") != KEY:
            return web.json_response(NO_KEY, status=403)
        if request.path == "/servers/getVersion":
            return web.json_response({"version": "2.5.1"})
        user = {"id": "7", "org_id": "1", "email": "portal@example.org"}
        me = {"User": user, "Role": role, "Organisation": {"name": "GEO"}}
        return web.Response(text=json.dumps(me), content_type="application/json")

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    return app


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def made(make_misp: MakeMisp, **given: Any) -> Misp:
    return await sync_to_async(lambda: make_misp(**given))()


async def samples() -> list[HealthSample]:
    return await sync_to_async(lambda: list(HealthSample.objects.all()))()


async def test_a_good_misp_tells_version_and_permissions(make_misp: MakeMisp) -> None:
    async with serving(server(READ_ONLY, delay_s=0.02)) as url:
        misp = await made(make_misp, url=url)
        found = await connections.test_misp(misp, clock=lambda: NOW)
    assert (found.reason, found.version, found.role) == (None, "2.5.1", "Read Only")
    assert found.organisation == "GEO"
    assert found.may_read
    assert not any((found.may_add, found.may_tag, found.may_sight, found.is_mighty))
    assert found.round_trip_ms is not None
    assert 20 <= found.round_trip_ms < 2000
    assert (misp.version, misp.tested_at) == ("2.5.1", NOW)
    (sample,) = await samples()
    assert (sample.reason, sample.requests) == ("", 2)
    assert sample.elapsed_ms >= found.round_trip_ms


async def test_what_the_key_may_do_is_told(make_misp: MakeMisp) -> None:
    async with serving(server(MIGHTY | {"perm_site_admin": True})) as url:
        found = await connections.test_misp(await made(make_misp, url=url))
    assert found.may_add
    assert found.may_tag
    assert found.may_sight
    assert found.is_mighty


async def test_a_rejected_key_is_a_result_and_is_kept_as_a_failure(make_misp: MakeMisp) -> None:
    async with serving(server(READ_ONLY)) as url:
        misp = await made(make_misp, url=url, key="W" * 40)
        found = await connections.test_misp(misp, clock=lambda: NOW)
    assert found == connections.MispTest(Reason.KEY_REJECTED)
    assert not found.may_read
    (sample,) = await samples()
    assert (sample.reason, sample.at) == ("key_rejected", NOW)


async def test_an_absent_misp_is_unreachable(make_misp: MakeMisp) -> None:
    async with serving(server(READ_ONLY)) as url:
        pass
    found = await connections.test_misp(await made(make_misp, url=url))
    assert found.reason is Reason.UNREACHABLE


async def test_success_ends_a_rest_and_failure_does_not_begin_one(make_misp: MakeMisp) -> None:
    rest = Rest(5, NOW + timedelta(hours=1), Reason.KEY_REJECTED)
    async with serving(server(READ_ONLY)) as url:
        misp = await made(make_misp, url=url, key="W" * 40)
        await sync_to_async(services.store_rest)(misp, rest)
        await connections.test_misp(misp)
        assert services.rest_of(misp) == rest
        await sync_to_async(services.change_misp)(misp, key=KEY)
        await sync_to_async(services.store_rest)(misp, rest)
        await connections.test_misp(misp)
        assert services.rest_of(misp) == Rest()


async def test_a_failed_test_keeps_the_known_version(make_misp: MakeMisp) -> None:
    async with serving(server(READ_ONLY)) as url:
        misp = await made(make_misp, url=url)
        await connections.test_misp(misp)
    await connections.test_misp(misp)
    assert misp.version == "2.5.1"


async def test_without_a_key_nothing_is_sent(make_misp: MakeMisp) -> None:
    misp = await made(make_misp)
    await sync_to_async(services.disconnect)(misp)
    with pytest.raises(Refused) as refused:
        await connections.test_misp(misp)
    assert refused.value.problem is Problem.KEY_MISSING
    assert await samples() == []
