"""The stream of a running search: whole fragments, throttled, and an end."""

import time
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async

from securegrid.portal.accounts.models import User
from securegrid.portal.searches import services
from securegrid.portal.searches.pages.choosing import Chosen
from securegrid.portal.searches.pages.live import DONE, Reader, stream
from securegrid.portal.searches.shapes import GridFilter
from tests.conftest import MakeMisp
from tests.fake_misp import attribute, event
from tests.unit.portal.searches.conftest import StartMisp, extraction, finish

pytestmark = pytest.mark.django_db(transaction=True)

HIT, MISS = "hit.example.org", "miss.example.org"


def reader(search_id: object, language: str = "en", **shown: object) -> Reader:
    choice = Chosen("", GridFilter(**shown), 1)  # type: ignore[arg-type]
    return Reader(search_id, choice, language, "Asia/Tokyo", 0)  # type: ignore[arg-type]


async def test_it_tells_the_page_while_misps_answer_and_then_ends(
    analyst: User, make_misp: MakeMisp, start_misp: StartMisp
) -> None:
    quick = start_misp([attribute(HIT, event(1))])
    slow = start_misp([attribute(MISS, event(2))], delay_s=0.6)
    await sync_to_async(make_misp)(name="A", url=quick.url)
    await sync_to_async(make_misp)(name="B", url=slow.url)
    search = await sync_to_async(services.ask)(analyst, extraction(HIT, MISS))
    told = [part async for part in stream(reader(search.public_id), pause_s=0.05)]
    fragments = [part.decode() for part in told if b"hx-partial" in part]
    early, last = fragments[0], fragments[-1]
    assert "sq-running" in early
    assert "sq-running" not in last
    assert last.count('class="sq-hit"><span>1') == 2
    assert 'hx-target="#rows"' in last
    assert told[-1] == DONE
    assert all(line.startswith(("id: ", "data: ")) for line in last.strip().splitlines())


async def test_a_complete_search_is_told_once(
    analyst: User, make_misp: MakeMisp, start_misp: StartMisp
) -> None:
    await sync_to_async(make_misp)(url=start_misp().url)
    search = await sync_to_async(services.ask)(analyst, extraction(MISS))
    await sync_to_async(finish)(search)
    told = [part async for part in stream(reader(search.public_id, "ja"))]
    assert len(told) == 3
    assert "検索が完了しました" in told[1].decode()


async def test_only_what_the_page_shows_is_sent(
    analyst: User, make_misp: MakeMisp, start_misp: StartMisp
) -> None:
    await sync_to_async(make_misp)(url=start_misp([attribute(HIT, event(1))]).url)
    search = await sync_to_async(services.ask)(analyst, extraction(HIT, MISS))
    await sync_to_async(finish)(search)
    (_, fragment, _) = [part async for part in stream(reader(search.public_id, hits_only=True))]
    assert HIT in fragment.decode()
    assert MISS not in fragment.decode()


async def test_fragments_come_at_most_once_a_pause(
    analyst: User, make_misp: MakeMisp, start_misp: StartMisp
) -> None:
    for delay_s in (0.05, 0.1, 0.15, 0.2, 0.25, 0.3):
        await sync_to_async(make_misp)(url=start_misp(delay_s=delay_s).url)
    search = await sync_to_async(services.ask)(analyst, extraction(MISS))
    began = time.monotonic()
    told = [part async for part in stream(reader(search.public_id), pause_s=0.2)]
    elapsed_s = time.monotonic() - began
    assert sum(b"hx-partial" in part for part in told) <= elapsed_s / 0.2 + 2


async def test_a_search_that_is_gone_ends_the_stream(db: None) -> None:
    assert [part async for part in stream(reader(uuid4()))][-1] == DONE
