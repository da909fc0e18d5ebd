"""Looking a MISP over: everything once, in bounded pieces, whatever the server does."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from securegrid.ingest.quality.findings import RuleId
from securegrid.ingest.quality.looking import Looked, Progress
from securegrid.ingest.quality.looking import look_over_misp as look_over
from securegrid.ingest.quality.profile import Profile
from securegrid.ingest.quality.reading import FIRST_WAIT_S, Piece, Reading
from securegrid.ingest.quality.warning_lists import WarningLists
from securegrid.misp.client import MispClient
from securegrid.misp.connection import AddressPolicy, Connection
from securegrid.misp.copying import EventHead, EventLine, Listing
from securegrid.misp.failures import MispFailure, Reason
from securegrid.misp.identities import ContentsQuery, CountsQuery
from securegrid.misp.records import Attribute
from securegrid.node.accounts import Role
from securegrid.node.app import app_of
from securegrid.node.records import NewAttribute, NewEvent, NewObject, NewTag
from securegrid.node.store import Store
from tests.contract.serving import served
from tests.unit.ingest.quality.composed import NOW

KEY = "k" * 40
TAGS = (NewTag("IPAlert"), NewTag("tlp:amber"))


def good(number: int) -> NewEvent:
    host = f"219.167.13.{number}"
    return NewEvent(
        info=f"[IPAlert] 2021-06-11 port:445 access from {host}",
        date="2021-06-11",
        tags=TAGS,
        published=bool(number % 2),
        attributes=(NewAttribute("ip-src", host, "Network activity", comment="12 connections"),),
        objects=(
            NewObject(
                "network-connection",
                (NewAttribute("ip-src", host, "Network activity", object_relation="ip-src"),),
            ),
        ),
    )


def bad() -> NewEvent:
    return NewEvent(
        info="things",
        date="2021-06-11",
        tags=(NewTag("tlp:amber"),),
        attributes=(
            NewAttribute("ip-src", "10.0.0.1", "Network activity"),
            NewAttribute("text", "8.8.8.8", "Other", comment="x"),
        ),
    )


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A node with five good events and a bad one."""
    store = Store(tmp_path_factory.mktemp("node") / "node.sqlite3")
    store.load([*map(good, range(1, 6)), bad()])
    store.add_key(Role.READ_ONLY, raw=KEY)
    with served(app_of(store)) as url:
        yield url
    store.close()


async def looked_at(url: str, tell: Callable[[Progress], None] = print, **other: bool) -> Looked:
    policy = AddressPolicy(allow_loopback=True)
    async with MispClient(Connection(url, KEY, policy=policy)) as client:
        return await look_over(
            client, Profile.load(), WarningLists.none(), now=NOW, tell=tell, **other
        )


async def test_a_real_server_is_looked_over_whole(node: str) -> None:
    told: list[Progress] = []
    looked = await looked_at(node, told.append)
    score = looked.score
    assert (score.events, score.attributes, looked.events_listed) == (6, 12, 6)
    assert looked.complete
    assert looked.vanished == 0
    assert {(one.rule, one.found, one.of) for one in score.deductions} == {
        (RuleId.TITLE_WITHOUT_SOURCE, 1, 6),
        (RuleId.TITLE_WITHOUT_DATE, 1, 6),
        (RuleId.SOURCE_TAG_MISSING, 1, 6),
        (RuleId.ADDRESS_PRIVATE, 1, 12),
        (RuleId.ADDRESS_AS_TEXT, 1, 12),
        (RuleId.CONTEXT_MISSING, 1, 12),
    }
    assert told[-1] == Progress(6, 6, 12)


async def test_only_what_is_published_where_that_is_asked(node: str) -> None:
    looked = await looked_at(node, published_only=True)
    assert looked.score.events == looked.events_listed == 3


Fails = Callable[[str, ContentsQuery | CountsQuery | None], MispFailure | None]


def _never(_what: str, _query: object) -> None:
    pass


@dataclass
class Fake:
    """A MISP in memory: ``sizes`` attributes in events 1, 2, …"""

    sizes: Sequence[int]
    told: Callable[[int], int | None] = int
    fails: Fails = _never
    gone: frozenset[int] = frozenset()
    asked: list[ContentsQuery] = field(default_factory=list)

    async def events(self) -> Listing:
        self._fail("events", None)
        lines = (
            EventLine(number, UUID(int=number), number, True)
            for number, _ in enumerate(self.sizes, 1)
        )
        return Listing(tuple(lines), None)

    async def heads(self, query: CountsQuery) -> tuple[EventHead, ...]:
        self._fail("heads", query)
        return tuple(
            EventHead(
                number, str(UUID(int=number)), "[X] 2021-06-11", "2021-06-11",
                attribute_count=self.told(self.sizes[number - 1]),
            )
            for number in query.event_ids
            if number not in self.gone
        )  # fmt: skip

    async def attributes(self, query: ContentsQuery) -> tuple[Attribute, ...]:
        self.asked.append(query)
        self._fail("attributes", query)
        rows = [
            Attribute(at, f"{number} {at}", number, "port", "", str(at + 1), comment="c")
            for number in sorted(query.event_ids)
            for at in range(self.sizes[number - 1])
        ]
        return tuple(rows[(query.page - 1) * query.limit : query.page * query.limit])

    def _fail(self, what: str, query: ContentsQuery | CountsQuery | None) -> None:
        if failure := self.fails(what, query):
            raise failure


class Naps(list[float]):
    """Remembers how long it would have slept."""

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


async def read(fake: Fake, naps: Naps | None = None, page: int = 1_000) -> list[Piece]:
    reading = Reading(fake, sleep=Naps() if naps is None else naps, page=page)
    return [piece async for piece in reading.pieces(await reading.lines())]


def sizes(pieces: Sequence[Piece]) -> dict[int, int]:
    found: dict[int, int] = {}
    for piece in pieces:
        found[piece.head.id] = found.get(piece.head.id, 0) + len(piece.attributes)
    return found


@pytest.mark.parametrize("told", [int, lambda _: None, lambda _: 0, lambda _: 9_999])
async def test_every_attribute_comes_once_whatever_the_counts_say(
    told: Callable[[int], int | None],
) -> None:
    fake = Fake([3, 0, 2_500, 998, 2, 1_000, 7], told)
    pieces = await read(fake)
    assert sizes(pieces) == dict(enumerate(fake.sizes, 1))
    for number in range(1, 8):
        its = [piece for piece in pieces if piece.head.id == number]
        assert [piece.first for piece in its] == [True] + [False] * (len(its) - 1)
        assert [piece.last for piece in its] == [False] * (len(its) - 1) + [True]


async def test_no_request_asks_for_more_than_a_page_and_small_events_share_one() -> None:
    fake = Fake([10] * 250)
    await read(fake)
    assert {query.limit for query in fake.asked} == {1_000}
    assert [len(query.event_ids) for query in fake.asked] == [99, 91, 60]


async def test_events_that_are_gone_are_counted_and_left_out() -> None:
    fake = Fake([1, 2, 3], gone=frozenset({2}))
    looked = await look_over(fake, Profile.load(), WarningLists.none(), now=NOW)
    assert (looked.score.events, looked.vanished, looked.complete) == (2, 1, True)


async def test_the_last_changed_come_first_and_a_limit_ends_the_look() -> None:
    fake = Fake([400] * 20)
    looked = await look_over(
        fake, Profile.load(), WarningLists.none(), now=NOW, most_attributes=1_000
    )
    assert (looked.score.attributes, looked.complete, looked.events_listed) == (1_200, False, 20)
    assert max(fake.asked[0].event_ids) == 20


async def test_a_passing_failure_is_waited_for() -> None:
    failures = iter([MispFailure(Reason.UNREACHABLE, permanent=False)] * 2)
    naps = Naps()
    fake = Fake([5], fails=lambda what, _: next(failures, None) if what == "attributes" else None)
    assert sizes(await read(fake, naps)) == {1: 5}
    assert naps == [FIRST_WAIT_S, FIRST_WAIT_S * 4]


async def test_a_rate_limit_is_heeded() -> None:
    failures = iter([MispFailure(Reason.RATE_LIMITED, permanent=False, retry_after_s=33)])
    naps = Naps()
    await read(Fake([5], fails=lambda *_: next(failures, None)), naps)
    assert naps == [33]


async def test_what_is_too_much_for_the_server_is_asked_in_smaller_pieces() -> None:
    def fails(what: str, query: ContentsQuery | CountsQuery | None) -> MispFailure | None:
        too_much = isinstance(query, ContentsQuery) and query.limit > 500
        return MispFailure(Reason.TOO_LARGE, permanent=False) if too_much else None

    naps = Naps()
    fake = Fake([3, 1_700], fails=fails)
    assert sizes(await read(fake, naps, page=2_000)) == {1: 3, 2: 1_700}
    assert naps == []


@pytest.mark.parametrize("what", ["events", "heads", "attributes"])
async def test_a_lasting_failure_ends_the_look_with_its_reason(what: str) -> None:
    def fails(asked: str, _: object) -> MispFailure | None:
        return MispFailure(Reason.KEY_REJECTED, permanent=True) if asked == what else None

    with pytest.raises(MispFailure) as caught:
        await look_over(Fake([1], fails=fails), Profile.load(), WarningLists.none(), now=NOW)
    assert caught.value.reason is Reason.KEY_REJECTED


async def test_a_server_that_does_not_turn_pages_does_not_hold_the_look_for_ever() -> None:
    class Same(Fake):
        async def attributes(self, query: ContentsQuery) -> tuple[Attribute, ...]:
            first = ContentsQuery(query.event_ids, query.limit, 1)
            return await Fake.attributes(self, first)

    with pytest.raises(MispFailure) as caught:
        await read(Same([1_500]))
    assert caught.value.reason is Reason.MALFORMED
