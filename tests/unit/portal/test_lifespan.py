"""The process begins by marking what another left behind, and ends by marking its own."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from securegrid.portal.accounts.models import User
from securegrid.portal.lifespan import Lifespan, begin, end
from securegrid.portal.searches import services
from securegrid.portal.searches.models import Search, SearchState
from tests.conftest import MakeMisp
from tests.fake_misp import hang, serving
from tests.unit.portal.searches.conftest import extraction


async def test_each_moment_is_met_once_and_requests_pass() -> None:
    told: list[str] = []
    sent: list[str] = []
    moments = iter(["lifespan.startup", "lifespan.shutdown"])

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        told.append(scope["type"])

    async def receive() -> dict[str, str]:
        return {"type": next(moments)}

    async def send(message: Any) -> None:
        sent.append(message["type"])

    lifespan = Lifespan(app, lambda: told.append("begin"), lambda: told.append("end"))
    await lifespan({"type": "lifespan"}, receive, send)
    await lifespan({"type": "http"}, receive, send)
    assert told == ["begin", "end", "http"]
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


@pytest.mark.django_db(transaction=True)
def test_a_search_that_runs_at_the_end_is_marked(stranger: User, make_misp: MakeMisp) -> None:
    with serving() as start:
        fake = start(behaviour=hang)
        make_misp(url=fake.url)
        search = services.ask(stranger, extraction("bad.example"))
        while not fake.asked:
            pass
        end()
    search.refresh_from_db()
    assert search.state == SearchState.COMPLETE


@pytest.mark.django_db(transaction=True)
def test_a_search_left_behind_is_marked_at_the_begin(stranger: User, make_misp: MakeMisp) -> None:
    with serving() as start:
        make_misp(url=start().url)
        search = services.ask(stranger, extraction("bad.example"))
        end()
    Search.objects.update(
        state=SearchState.RUNNING, must_end_at=timezone.now() - timedelta(seconds=1)
    )
    begin()
    search.refresh_from_db()
    assert search.state == SearchState.COMPLETE
