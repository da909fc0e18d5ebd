"""Many searches at once through the portal: what an owner allows holds over all of them."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from aiohttp import web

from securegrid.portal.accounts.models import User
from securegrid.portal.searches import run, services
from securegrid.portal.searches.columns import columns
from securegrid.portal.searches.engine import engine
from securegrid.values.model import Extraction
from tests.conftest import MakeMisp
from tests.fake_misp import FakeMisp, attribute, event, serving
from tests.unit.portal.searches.conftest import entry

pytestmark = pytest.mark.django_db(transaction=True)

SEARCHES = 20
STAY_S = 0.05


@dataclass
class Turnstile:
    """Counts the requests that a MISP has at the same time, each staying for ``STAY_S``."""

    inside: int = 0
    most: int = 0

    async def __call__(self, _request: web.Request) -> None:
        self.inside += 1
        self.most = max(self.most, self.inside)
        await asyncio.sleep(STAY_S)
        self.inside -= 1


@pytest.fixture
def counted() -> Iterator[tuple[FakeMisp, Turnstile]]:
    """A MISP that counts its visitors."""
    turnstile = Turnstile()
    with serving() as start:
        held = [attribute("hit.example", event(1))]
        yield start(held, behaviour=turnstile), turnstile  # type: ignore[arg-type]


@pytest.mark.parametrize("concurrency", [1, 3])
def test_twenty_searches_together_never_exceed_what_the_owner_allows(
    stranger: User,
    make_misp: MakeMisp,
    counted: tuple[FakeMisp, Turnstile],
    concurrency: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fake, turnstile = counted
    # The last search waits for its turn longer than a request may take: not the MISP's fault.
    monkeypatch.setattr(run, "REQUEST_TIMEOUT_S", SEARCHES * STAY_S / 4)
    make_misp(url=fake.url, concurrency=concurrency)
    asked = Extraction((entry("hit.example"), entry("miss.example")), ())
    searches = [services.ask(stranger, asked) for _ in range(SEARCHES)]
    for search in searches:
        assert engine().wait(search.public_id, 20)
    assert turnstile.most == concurrency
    counts = [column.counts for search in searches for column in columns(search)]
    assert [(count.hit, count.miss) for count in counts] == [(1, 1)] * SEARCHES


def test_the_owners_pause_holds_between_searches(
    stranger: User, make_misp: MakeMisp, counted: tuple[FakeMisp, Turnstile]
) -> None:
    fake, turnstile = counted
    make_misp(url=fake.url, pause_ms=100)
    asked = Extraction((entry("miss.example"),), ())
    searches = [services.ask(stranger, asked) for _ in range(6)]
    for search in searches:
        assert engine().wait(search.public_id, 20)
    assert turnstile.most == 1
