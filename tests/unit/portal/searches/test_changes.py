"""News of a search reach readers in any loop, and readers of other processes by polling."""

import asyncio
import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from securegrid.portal.accounts.models import User
from securegrid.portal.searches import changes, services
from securegrid.portal.searches.changes import Hub, News, hub, watch
from securegrid.portal.searches.engine import engine
from securegrid.portal.searches.models import Search
from tests.conftest import MakeMisp
from tests.fake_misp import attribute, event
from tests.unit.portal.searches.conftest import RunSearch, StartMisp, extraction

pytestmark = pytest.mark.django_db(transaction=True)


async def collect(search_id: object, **more: float) -> list[News]:
    return [news async for news in watch(search_id, **more)]  # type: ignore[arg-type]


async def test_news_of_a_local_search_come_at_once_from_another_thread() -> None:
    search_id = uuid4()
    hub.announce(search_id, News(1, complete=False))
    told: list[News] = []

    async def read() -> None:
        async for news in watch(search_id):
            told.append(news)
            threading.Thread(
                target=hub.announce, args=(search_id, News(news.revision + 1, told == [told[0]]))
            ).start() if not news.complete else None

    await asyncio.wait_for(read(), 5)
    hub.forget(search_id)
    assert told == [News(1, complete=False), News(2, complete=True)]


async def test_a_quiet_search_gives_heartbeats() -> None:
    search_id = uuid4()
    hub.announce(search_id, News(1, complete=False))
    stream = watch(search_id, after=1, heartbeat_s=0.02)
    assert (await anext(stream)).heartbeat
    assert (await anext(stream)).heartbeat
    await stream.aclose()  # type: ignore[attr-defined]
    hub.forget(search_id)


def test_a_complete_search_is_told_at_once_even_when_seen(
    stranger: User, make_misp: MakeMisp, start_misp: StartMisp, run_search: RunSearch
) -> None:
    make_misp(url=start_misp([]).url)
    search = run_search(stranger, "bad.example")
    for after in (0, search.revision, search.revision + 5):
        (news,) = asyncio.run(collect(search.public_id, after=after))
        assert (news.complete, news.revision) == (True, search.revision)


def test_a_deleted_search_ends_the_stream() -> None:
    assert asyncio.run(collect(uuid4())) == []


def test_a_search_of_another_process_is_polled(
    stranger: User, make_misp: MakeMisp, start_misp: StartMisp, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_misp(url=start_misp([attribute("bad.example", event(1))], delay_s=0.3).url)
    monkeypatch.setattr(changes, "hub", Hub())  # the reader's process knows nothing of it
    search = services.ask(stranger, extraction("bad.example"))
    told = asyncio.run(collect(search.public_id, poll_s=0.02))
    assert told[-1].complete
    assert not told[0].complete
    engine().wait(search.public_id, 5)


async def test_a_search_that_died_is_told_complete(
    stranger: User, make_misp: MakeMisp, start_misp: StartMisp, run_search: RunSearch
) -> None:
    def dead() -> Search:
        make_misp(url=start_misp([]).url)
        search = run_search(stranger, "bad.example")
        past = timezone.now() - timedelta(seconds=1)
        Search.objects.update(state="running", must_end_at=past)
        return search

    search = await sync_to_async(dead)()
    (news,) = await collect(search.public_id)
    assert news.complete
