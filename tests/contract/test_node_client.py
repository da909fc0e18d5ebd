"""The portal's own client against a node: what it asks is found, and failures are named."""

from collections.abc import Iterator

import pytest

from securegrid.misp.client import MispClient
from securegrid.misp.connection import AddressPolicy, Connection
from securegrid.misp.failures import MispFailure, Reason
from securegrid.misp.query import MAX_VALUES, AttributeQuery
from securegrid.node.accounts import Role
from securegrid.node.app import app_of
from securegrid.node.records import NewAttribute, NewEvent, NewTag
from securegrid.node.store import Store
from tests.contract.serving import served

KEY = "k" * 40


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    store = Store(tmp_path_factory.mktemp("node") / "node.sqlite3", host_org="LAC")
    store.load([_event("open", published=True), _event("draft", published=False)])
    store.add_key(Role.READ_ONLY, "SecureGRID", raw=KEY)
    with served(app_of(store)) as address:
        yield address


def _event(name: str, *, published: bool) -> NewEvent:
    values = (
        ("ip-dst", "203.0.113.7"),
        ("domain", f"{name}.example"),
        ("url", f"http://{name}.example/100%/a?b=c"),
        ("domain|ip", f"pair.{name}.example|198.51.100.1"),
        ("sha256", "ab" * 32),
    )
    return NewEvent(
        info=f"The {name} event",
        date="2026-01-02",
        published=published,
        tags=(NewTag("tlp:green"), NewTag(name)),
        attributes=tuple(NewAttribute(kind, value) for kind, value in values),
    )


def _client(url: str, key: str = KEY) -> MispClient:
    return MispClient(Connection(url, key, policy=AddressPolicy(allow_loopback=True)))


async def test_what_is_published_is_found_with_its_context(url: str) -> None:
    values = ["203.0.113.7", "AB" * 32, "198.51.100.1", "open.example", "draft.example"]
    async with _client(url) as client:
        found = await client.search(AttributeQuery.by_values(values))
    assert sorted(a.value for a in found) == sorted(
        ["203.0.113.7", "ab" * 32, "pair.open.example|198.51.100.1", "open.example"]
    )
    event = found[0].event
    assert event is not None
    assert (event.info, event.date, event.published) == ("The open event", "2026-01-02", True)
    assert [tag.name for tag in event.tags] == ["tlp:green", "open"]


async def test_a_full_question_is_answered(url: str) -> None:
    values = ["203.0.113.7", *(f"host{n}.example" for n in range(MAX_VALUES - 1))]
    async with _client(url) as client:
        assert len(await client.search(AttributeQuery.by_values(values))) == 1


@pytest.mark.parametrize(
    "left_out", [{"left_out_tags": ["open"]}, {"left_out_types": ["ip-dst"]}], ids=str
)
async def test_what_an_owner_leaves_out_is_not_found(
    url: str, left_out: dict[str, list[str]]
) -> None:
    query = AttributeQuery.by_values(["203.0.113.7"], published_only=True, **left_out)
    async with _client(url) as client:
        assert await client.search(query) == ()


async def test_the_connection_is_tested(url: str) -> None:
    async with _client(url) as client:
        assert (await client.version()).version == "2.5.1"
        me = await client.me()
    assert me.organisation.name == "SecureGRID"
    assert me.role.name == "Read Only"


async def test_a_wrong_key_is_told_apart(url: str) -> None:
    async with _client(url, "x" * 40) as client:
        with pytest.raises(MispFailure) as failure:
            await client.search(AttributeQuery.by_values(["203.0.113.7"]))
    assert failure.value.reason is Reason.KEY_REJECTED
