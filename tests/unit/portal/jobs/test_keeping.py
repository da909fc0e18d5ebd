"""A claim is kept while its sync works, and the sync stops when the claim is lost."""

import asyncio
from datetime import datetime, timedelta

import pytest
from asgiref.sync import sync_to_async
from django.db import connection

from securegrid.portal.alliance.models import Misp
from securegrid.portal.indexing import services
from securegrid.portal.indexing.models import MispIndex
from securegrid.portal.indexing.services import LEASE, ClaimLost, Progress
from securegrid.portal.jobs.keeping import Keeper, SliceOver
from tests.conftest import MakeMisp
from tests.unit.portal.indexing.conftest import NOW, claimed

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def indexed(make_misp: MakeMisp) -> Misp:
    """A MISP whose index was never filled."""
    return make_misp(mode="indexed")


async def forever() -> None:
    """A sync that never ends by itself."""
    await asyncio.Event().wait()


def later() -> datetime:
    """A clock that stands."""
    return NOW + timedelta(seconds=30)


def keeper_of(misp: Misp, **more: float) -> Keeper:
    """One that tells often."""
    return Keeper(claimed(misp), later, told_every_s=0.01, **more)  # type: ignore[arg-type]


def test_progress_is_told_and_the_lease_renewed(indexed: Misp) -> None:
    keeper = keeper_of(indexed)

    async def work() -> str:
        keeper.progress = Progress(1, 2, 30, 60)
        while (await _row(indexed)).attributes_done != 30:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        return "done"

    assert asyncio.run(keeper.keep(work)) == "done"
    assert MispIndex.objects.get(misp=indexed).claimed_until == later() + LEASE


async def _row(misp: Misp) -> MispIndex:
    return await sync_to_async(MispIndex.objects.get)(misp=misp)


def test_a_sync_whose_claim_is_lost_is_stopped(indexed: Misp) -> None:
    keeper, stopped = keeper_of(indexed), []

    async def work() -> None:
        await sync_to_async(services.pause)(indexed, NOW)
        try:
            await forever()
        finally:
            stopped.append(True)

    with pytest.raises(ClaimLost):
        asyncio.run(keeper.keep(work))
    assert stopped == [True]


def test_a_slice_ends(indexed: Misp) -> None:
    with pytest.raises(SliceOver):
        asyncio.run(keeper_of(indexed, slice_s=0.02).keep(forever))


def test_the_fault_of_the_sync_comes_through(indexed: Misp) -> None:
    async def work() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        asyncio.run(keeper_of(indexed).keep(work))


def test_a_sync_that_is_ended_from_outside_ends(indexed: Misp) -> None:
    keeper, ended = keeper_of(indexed), []

    async def work() -> None:
        try:
            await forever()
        finally:
            ended.append(True)

    async def run() -> None:
        keeping = asyncio.ensure_future(keeper.keep(work))
        await asyncio.sleep(0.05)
        keeping.cancel()
        await keeping

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(run())
    assert ended == [True]


def test_a_database_that_is_away_for_as_long_as_the_lease_ends_the_sync(indexed: Misp) -> None:
    moments = iter([0.0, 1.0, LEASE.total_seconds() - 1, LEASE.total_seconds()])
    keeper = keeper_of(indexed, timer=lambda: next(moments))  # type: ignore[arg-type]
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE indexing_mispindex RENAME TO away")
    try:
        with pytest.raises(ClaimLost):
            asyncio.run(keeper.keep(forever))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE away RENAME TO indexing_mispindex")
    assert [*moments] == []
