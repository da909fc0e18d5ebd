"""Whatever goes wrong between writer and MISP, the same events are there in the end, once."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from securegrid.ingest.publishing.journal import Journal
from securegrid.ingest.publishing.outcomes import ImportState, Progress, Stage, Stopped
from securegrid.ingest.publishing.pieces import Limits
from securegrid.ingest.publishing.undo import undo
from securegrid.misp.failures import MispFailure, Reason
from tests.contract.publishing import (
    NOON,
    Events,
    addresses,
    connection,
    expected,
    head,
    held,
    import_into,
    login,
)
from tests.faults.faulty_front import Wrong, before
from tests.faults.faulty_misp import Request

FIRST, SECOND = head("Linux VPS/Cloud"), head("iOS")
PASSING = [wrong for wrong in Wrong if wrong is not Wrong.NOTHING]


class Hurried:
    """A clock on which waiting takes no time."""

    def __init__(self) -> None:
        self.slept_s = 0.0

    def monotonic(self) -> float:
        return self.slept_s

    async def sleep(self, seconds: float) -> None:
        self.slept_s += seconds


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "journal") as opened:
        yield opened


def morning() -> Events:
    return (
        Events()
        .add(FIRST, [*addresses(FIRST, 5), login(FIRST, "root")])
        .add(SECOND, addresses(SECOND, 2))
    )


def evening() -> Events:
    contents = [*addresses(FIRST, 7, last=NOON + 60, count=9), login(FIRST, "root", count=4)]
    return Events().add(FIRST, contents).add(SECOND, addresses(SECOND, 2))


def once_each(wrong: Wrong) -> Callable[[Request], Wrong]:
    """Every request goes wrong the first time that it comes."""
    seen: set[tuple[str, bytes]] = set()

    def choose(request: Request) -> Wrong:
        known = (request.path, request.body) in seen
        seen.add((request.path, request.body))
        return Wrong.NOTHING if known else wrong

    return choose


@pytest.mark.parametrize("wrong", PASSING)
def test_every_request_fails_once(node: str, journal: Journal, wrong: Wrong) -> None:
    clock = Hurried()
    with before(node, once_each(wrong)) as front:
        for drafts in (morning(), evening()):
            published = import_into(
                front.url, journal, drafts, limits=Limits(attributes=3), clock=clock
            )
            assert published.whole
        assert held(node) == expected(evening())
        for one, _ in journal.imports():
            undo(journal, one.name, connection(front.url), clock=clock)
    assert held(node) == {}
    assert clock.slept_s > 0


@pytest.mark.parametrize("seed", range(4))
def test_requests_fail_at_random(node: str, journal: Journal, seed: int) -> None:
    chance = random.Random(seed)

    def choose(_: Request) -> Wrong:
        return chance.choice(PASSING) if chance.random() < 0.35 else Wrong.NOTHING

    with before(node, choose) as front:
        for drafts in (morning(), evening()):
            for _ in range(20):
                published = import_into(
                    front.url, journal, drafts, limits=Limits(attributes=2), clock=Hurried()
                )
                if published.whole:
                    break
            assert published.whole
    assert held(node) == expected(evening())


def test_nothing_that_was_received_is_sent_again_unseen(node: str, journal: Journal) -> None:
    def choose(request: Request) -> Wrong:
        is_first = request.path.startswith("/events/add") and not any(
            one.path.startswith("/events/add") for one, _ in front.seen
        )
        return Wrong.LOST_AFTER if is_first else Wrong.NOTHING

    with before(node, choose) as front:
        import_into(front.url, journal, Events().add(SECOND, addresses(SECOND, 2)), clock=Hurried())
        paths = [request.path for request, _ in front.seen]
    assert [path for path in paths if path.startswith("/events/add")] == ["/events/add"]
    assert held(node) == expected(Events().add(SECOND, addresses(SECOND, 2)))


def test_it_waits_as_long_as_the_misp_says_and_tells_so(node: str, journal: Journal) -> None:
    told: list[Progress] = []
    clock = Hurried()
    with before(node, once_each(Wrong.RATE_LIMITED)) as front:
        import_into(
            front.url, journal, Events().add(SECOND, addresses(SECOND, 1)), clock=clock,
            tell=told.append,
        )  # fmt: skip
    waits = [one for one in told if one.stage is Stage.WAITING]
    assert {(one.reason, one.pause_s) for one in waits} == {(Reason.RATE_LIMITED, 31.0)}
    assert clock.slept_s == 31.0 * len(waits)


def test_patience_ends_and_the_journal_keeps_the_rest(node: str, journal: Journal) -> None:
    clock = Hurried()
    with before(node, lambda request: Wrong.NOTHING) as front:
        front.choose = lambda request: (
            Wrong.MAINTENANCE if "/events/edit" in request.path else Wrong.NOTHING
        )
        with pytest.raises(MispFailure) as caught:
            import_into(
                front.url, journal, morning(), limits=Limits(attributes=3), clock=clock,
                patience_s=300, at_once=1,
            )  # fmt: skip
        assert caught.value.reason is Reason.MAINTENANCE
        assert 240 <= clock.slept_s <= 300
        ((one, _),) = journal.imports()
        assert one.state is ImportState.OPEN
        front.choose = lambda request: Wrong.NOTHING
        published = import_into(front.url, journal, morning())
    assert published.name == one.name
    assert held(node) == expected(morning())


def test_waiting_ends_when_somebody_asks_to_stop(node: str, journal: Journal) -> None:
    clock = Hurried()
    with before(node, lambda request: Wrong.MAINTENANCE) as front, pytest.raises(Stopped):
        import_into(front.url, journal, morning(), clock=clock, stop=lambda: clock.slept_s >= 5)
    assert clock.slept_s == 5


def test_pieces_shrink_for_a_misp_that_cannot_take_them(node: str, journal: Journal) -> None:
    def choose(request: Request) -> Wrong:
        too_much = request.body.count(b'"ip-src"') > 50
        return Wrong.UNAVAILABLE if too_much else Wrong.NOTHING

    drafts = Events().add(FIRST, addresses(FIRST, 130))
    with before(node, choose) as front:
        import_into(front.url, journal, drafts, clock=Hurried())
    assert held(node) == expected(drafts)
