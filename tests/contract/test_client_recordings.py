"""The client against what a real MISP sent: every recorded answer is read as it is meant.

A small server gives each recorded answer again, byte for byte with its status and headers.
"""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web

from securegrid.misp import records, shapes
from securegrid.misp.client import MispClient
from securegrid.misp.connection import AddressPolicy, Connection
from securegrid.misp.failures import MispFailure, Reason
from securegrid.misp.query import AttributeQuery, folded

COPIED = Path(__file__).parent / "recordings"
SHARED = Path(__file__).parents[3] / "shared" / "misp" / "recordings"
SHARED_COUNT = 346

# What each failing exchange means. Whatever is not named here must be readable.
REASONS = {
    Reason.KEY_REJECTED: """authkey_disabled_user authkey_expired_use authkey_ipbound_use
        err_bad_key err_bearer_key err_no_key err_short_key maintenance_bad_key
        role_without_perm_auth""",
    Reason.NO_PERMISSION: """attributes_add_other_org attributes_add_readonly_user
        authkey_readonly_add err_readonly_event_add servers_index_user sightings_add_readonly
        tags_add_readonly user_admin_index_denied""",
    Reason.REQUEST_REFUSED: """attributes_add_404 attributes_add_dup
        attributes_add_invalid_category attributes_add_invalid_type attributes_add_invalid_value
        attributes_add_missing_value attributes_add_multiline attributes_delete_again
        attributes_view_404 err_bom_body err_latin1_body err_malformed_json err_unknown_action
        err_unknown_controller events_add_bad_date events_add_bad_distribution
        events_add_dup_uuid events_add_empty events_add_missing_info events_delete_404
        events_view_404 events_view_uuid_404 rs_fmt_JSON rs_fmt_attack rs_fmt_bro
        rs_fmt_context-markdown rs_fmt_context rs_fmt_no-such-format rs_fmt_nohit_values
        rs_fmt_values rs_fmt_zeek rs_get_query rs_get_query_json sightings_rs sightings_rs_ok
        tags_add_bad_colour tags_attach_new_user""",
    Reason.MAINTENANCE: """err_bad_key_html err_no_key_html maintenance_getVersion_readonly
        maintenance_readonly maintenance_restsearch_accept_html""",
    Reason.UNAVAILABLE: "infra_phpfpm_down",
    Reason.RATE_LIMITED: "ratelimit_call4 ratelimit_call5",
    Reason.SERVER_ERROR: """events_add_emoji rs_fmt_opendata rs_fmt_stix-json rs_fmt_stix
        rs_fmt_yara rs_limit_garbage tags_add_emoji tags_add_noname""",
    Reason.NOT_JSON: """ev_rs_count ev_rs_csv maintenance_html rs_count_all rs_count_limit
        rs_fmt_cache rs_fmt_count rs_fmt_csv rs_fmt_hashes rs_fmt_hosts rs_fmt_netfilter
        rs_fmt_nohit_cache rs_fmt_nohit_count rs_fmt_nohit_csv rs_fmt_nohit_text
        rs_fmt_nohit_xml rs_fmt_openioc rs_fmt_rpz rs_fmt_snort rs_fmt_suricata rs_fmt_text
        rs_fmt_xml rs_limit_huge""",
}
REASON_OF = {name: reason for reason, names in REASONS.items() for name in names.split()}
PERMANENT = {Reason.KEY_REJECTED, Reason.NO_PERMISSION, Reason.REQUEST_REFUSED}

# The record of each endpoint; the longest beginning of the path decides.
RECORDS: dict[str, Any] = {
    "/attributes/restSearch": records.AttributeAnswer,
    "/attributes/index": list[records.Attribute],
    "/attributes/add": shapes.AttributeEntry,
    "/attributes/edit": shapes.AttributeEntry,
    "/attributes/view": shapes.AttributeEntry,
    "/attributes/delete": shapes.Told,
    "/attributes/describeTypes": shapes.TypesAnswer,
    "/events/restSearch": shapes.EventAnswer,
    "/events/index": list[shapes.IndexedEvent],
    "/events/add": shapes.EventEntry,
    "/events/edit": shapes.EventEntry,
    "/events/view": shapes.EventEntry,
    "/events/publish": shapes.Told,
    "/objects/restSearch": shapes.ObjectAnswer,
    "/organisations/index": list[shapes.OrganisationEntry],
    "/servers/getVersion": records.Version,
    "/sightings/add": shapes.SightingEntry,
    "/sightings/index": list[shapes.Sighting],
    "/sightings/listSightings": list[shapes.SightingEntry],
    "/tags/add": shapes.TagEntry,
    "/tags/attachTagToObject": shapes.Told,
    "/tags/index": shapes.TagList,
    "/tags/search": list[shapes.TagEntry],
    "/users/view/me": records.Me,
    "/admin/users/index": list[shapes.UserEntry],
    "/admin/users/edit": shapes.UserEntry,
}
# Sightings that matched nothing: 200 with only a message (trap 11).
ONLY_TOLD = {"sightings_add_empty", "sightings_add_nohit", "sightings_add_uuid"}
# Endpoints and export formats in JSON that the portal does not speak.
NOT_SPOKEN = {
    *("authkey_add_expired", "authkey_add_ipbound", "authkey_add_readonly"),
    *("feeds_index", "feeds_index_readonly", "galaxies_index", "servers_index", "statistics"),
    *("ev_rs_stix2", "rs_fmt_attack-sightings", "rs_fmt_kunai", "rs_fmt_nohit_stix2"),
    *("rs_fmt_stix2", "warninglists_checkValue"),
}


@dataclass(frozen=True)
class Exchange:
    """One recorded exchange."""

    name: str
    path: str
    asked: Any
    status: int
    headers: dict[str, str]
    text: str
    is_whole: bool

    @property
    def asked_values(self) -> list[Any]:
        """The list of values in the request, if it was one."""
        value = self.asked.get("value") if isinstance(self.asked, dict) else None
        return value if isinstance(value, list) else []

    @property
    def is_read(self) -> bool:
        return self.name not in REASON_OF and self.name not in NOT_SPOKEN


def _load(path: Path) -> Exchange:
    written = json.loads(path.read_text())
    request, response = written["request"], written["response"]
    text = response.get("text")
    if text is None:  # the larger bodies are kept parsed only
        text = json.dumps(response["json"]) if "json" in response else ""
    is_whole = bool(text) or not response["bytes"]
    headers = dict(response["headers"])
    return Exchange(
        path.stem, request["path"], request.get("body"), response["status"], headers, text, is_whole
    )


def _all() -> list[Exchange]:
    """The copied exchanges, and the other shared ones where the folder is there."""
    paths = {path.name: path for folder in (SHARED, COPIED) for path in folder.glob("*.json")}
    return [_load(path) for _, path in sorted(paths.items())]


EXCHANGES = _all()
every = pytest.mark.parametrize("exchange", EXCHANGES, ids=lambda each: each.name)
READ = [each for each in EXCHANGES if each.is_read]
every_read = pytest.mark.parametrize("exchange", READ, ids=lambda each: each.name)


def _record_of(exchange: Exchange) -> Any:
    if exchange.name in ONLY_TOLD:
        return shapes.Told
    fitting = [path for path in RECORDS if exchange.path.startswith(path)]
    return RECORDS[max(fitting, key=len)]


@dataclass
class Again:
    """Gives one recorded answer to whatever is asked."""

    url: str = ""
    exchange: Exchange | None = None

    async def handle(self, _request: web.Request) -> web.Response:
        assert self.exchange is not None
        kept = {"content-type", "location", "set-cookie", "x-result-count"}
        headers = {
            name: value
            for name, value in self.exchange.headers.items()
            if name.lower() in kept or name.lower().startswith("x-rate")
        }
        return web.Response(
            body=self.exchange.text.encode(), status=self.exchange.status, headers=headers
        )


@pytest.fixture
async def again() -> AsyncIterator[Again]:
    server = Again()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield server
    await runner.cleanup()


@pytest.fixture
async def client(again: Again) -> AsyncIterator[MispClient]:
    policy = AddressPolicy(allow_loopback=True)
    async with MispClient(Connection(again.url, "k" * 40, policy=policy)) as made:
        yield made


@pytest.mark.shared
def test_all_346_are_read_where_they_are_present() -> None:
    assert len(EXCHANGES) == SHARED_COUNT


@pytest.mark.shared
def test_the_copies_are_unchanged() -> None:
    changed = [
        path.name
        for path in COPIED.glob("*.json")
        if path.read_bytes() != (SHARED / path.name).read_bytes()
    ]
    assert not changed


def test_no_name_in_the_tables_is_made_up() -> None:
    """Where all are present every name exists; the copies hold at least every failing one."""
    names = {each.name for each in EXCHANGES}
    assert set(REASON_OF) <= names
    assert set(ONLY_TOLD) <= names


@every_read
def test_every_shape_is_accepted(exchange: Exchange) -> None:
    assert exchange.is_whole, "a body that was left out cannot be read"
    record = _record_of(exchange)
    decoded = msgspec.json.Decoder(record, strict=False).decode(exchange.text)
    _same(msgspec.to_builtins(decoded), json.loads(exchange.text))


def _same(kept: Any, sent: Any) -> None:
    """Whatever a record keeps is what was sent; lists lose nothing; the rest is left out."""
    if isinstance(kept, dict) and isinstance(sent, dict):
        for name in kept.keys() & sent.keys():
            _same(kept[name], sent[name])
    elif isinstance(kept, list | tuple):
        assert len(kept) == len(sent)
        for one, other in zip(kept, sent, strict=True):
            _same(one, other)
    else:
        assert kept == sent


@every
async def test_every_answer_to_a_search_is_read_as_it_is_meant(
    exchange: Exchange, again: Again, client: MispClient
) -> None:
    """Whatever the endpoint was: an error, a page or HTML may come back to a search too."""
    again.exchange = exchange
    is_search = exchange.path.startswith("/attributes/restSearch")
    wanted = REASON_OF.get(exchange.name)
    if wanted is None and is_search and exchange.is_read:
        found = await client.search(AttributeQuery.by_values(["a.example"]))
        plain = json.loads(exchange.text)["response"]["Attribute"]
        assert [each.value for each in found] == [each["value"] for each in plain]
        return
    with pytest.raises(MispFailure) as caught:
        await client.search(AttributeQuery.by_values(["a.example"]))
    assert caught.value.reason is (wanted or Reason.MALFORMED)
    assert caught.value.permanent is (caught.value.reason in PERMANENT)
    assert "219.167.13.11" not in repr(caught.value) + caught.value.detail


@pytest.mark.parametrize(
    ("name", "seconds"), [("ratelimit_call4", 900.0), ("ratelimit_call5", 899.0)]
)
async def test_a_rate_limit_tells_when_in_seconds(
    again: Again, client: MispClient, name: str, seconds: float
) -> None:
    again.exchange = next(each for each in EXCHANGES if each.name == name)
    with pytest.raises(MispFailure) as caught:
        await client.search(AttributeQuery.by_values(["a.example"]))
    assert caught.value.retry_after_s == seconds


@pytest.mark.parametrize(
    ("name", "organisation", "may_add"),
    [
        ("users_view_me", "ORGNAME", True),
        ("users_view_me_readonly", "LAC-like Org", False),
        ("variant_nostringify_users_me", "ORGNAME", True),
    ],
)
async def test_who_am_i(
    again: Again, client: MispClient, name: str, organisation: str, may_add: bool
) -> None:
    again.exchange = next(each for each in EXCHANGES if each.name == name)
    me = await client.me()
    assert me.organisation.name == organisation
    assert ("perm_add" in me.role.granted) is may_add
    assert "perm_auth" in me.role.granted


async def test_which_version(again: Again, client: MispClient) -> None:
    again.exchange = next(each for each in EXCHANGES if each.name == "servers_getVersion")
    assert (await client.version()).version == "2.5.1"


@pytest.mark.parametrize("name", ["rs_flag_includeContext", "variant_nostringify_rs_context"])
def test_the_context_of_an_attribute_is_kept(name: str) -> None:
    exchange = next(each for each in EXCHANGES if each.name == name)
    answer = msgspec.json.Decoder(records.AttributeAnswer, strict=False).decode(exchange.text)
    for found in answer.response.attributes:
        assert found.event is not None
        assert found.event.orgc is not None
        assert found.event.orgc.name == "ORGNAME"
        assert found.event.date is not None
        assert found.event.tags
        assert records.whole(found.event.threat_level_id) in {1, 2, 3, 4}
        assert (records.whole(found.timestamp) or 0) > 1_600_000_000


def _is_unfiltered(exchange: Exchange) -> bool:
    """Whether the MISP gave rows that equal none of the asked values, as trap 1 says."""
    answer = json.loads(exchange.text)
    halves = {
        folded(half)
        for each in answer["response"]["Attribute"]
        for half in (each["value"], *each["value"].split("|"))
    }
    asked = {folded(str(value)) for value in exchange.asked_values}
    return len(answer["response"]["Attribute"]) > 0 and not halves & asked


# One row each, which the database or the server takes for equal (trap 3): no danger.
EQUAL_FOR_MISP = {"rs_accent_collation", "rs_ipv6_long"}


def test_what_a_misp_answered_unfiltered_cannot_be_asked() -> None:
    """Each recorded list of values that gave rows it did not ask for is refused."""
    lists = [
        each
        for each in READ
        if each.path.startswith("/attributes/restSearch") and each.asked_values
        if set(each.asked) <= {"returnFormat", "value", "limit"}
        if each.name not in EQUAL_FOR_MISP and _is_unfiltered(each)
    ]
    assert {"rs_percent_only", "rs_neg_value_only", "rs_wild_percent"} <= {
        each.name for each in lists
    }
    for each in lists:
        with pytest.raises((ValueError, TypeError)):
            AttributeQuery.by_values(each.asked_values)
