"""Each parameter of the two searches and of the index, over HTTP, alone and together."""

from typing import Any

import pytest

from tests.unit.node.conftest import ADMIN, NOW, OWNER, STRANGER, Node

DAY = 86_400


@pytest.fixture
def filled(node: Node) -> Node:
    """Three events: an alert of June 2021, a report of 2024 (published), a foreign one."""
    node.post("/tags/add", {"name": "IPAlert"}, key=ADMIN)
    node.add_event(
        ADMIN,
        info="[IPAlert] port:445",
        date="2021-06-11",
        threat_level_id=2,
        timestamp=NOW - 10 * DAY,
        Tag=[{"name": "IPAlert"}],
        Attribute=[
            {"type": "ip-src", "value": "219.167.13.11", "timestamp": NOW - 10 * DAY},
            {"type": "port", "value": "445", "timestamp": NOW - 10 * DAY},
        ],
    )
    node.add_event(
        ADMIN,
        info="OSINT Évil loader",
        date="2024-03-02",
        published=True,
        publish_timestamp=NOW - DAY // 2,
        timestamp=NOW - DAY,
        Tag=[{"name": "tlp:green"}, {"name": "type:OSINT"}],
        Attribute=[
            {
                "type": "domain",
                "value": "evil-loader.example",
                "timestamp": NOW - DAY,
                "first_seen": "2024-02-01",
                "comment": "the loader",
                "Tag": [{"name": "tlp:amber"}],
            },
            {
                "type": "filename|md5",
                "value": "Invoice.exe|" + "ab" * 16,
                "timestamp": NOW - DAY,
                "to_ids": False,
            },
            {"type": "ip-dst", "value": "2001:db8::1", "timestamp": NOW - DAY},
        ],
    )
    node.add_event(
        STRANGER,
        info="Of another organisation",
        date="2024-04-01",
        published=True,
        Attribute=[{"type": "ip-dst", "value": "203.0.113.1"}],
    )
    return node


ALERT = {"219.167.13.11", "445"}
FILE = "Invoice.exe|" + "ab" * 16
REPORT = {"evil-loader.example", FILE, "2001:db8::1"}
FOREIGN = {"203.0.113.1"}

ASKED: list[tuple[dict[str, Any], set[str]]] = [
    ({"value": "EVIL-loader.example"}, {"evil-loader.example"}),
    ({"value": ["invoice.EXE"]}, {FILE}),
    ({"value": "AB" * 16}, {FILE}),
    ({"value": FILE}, set()),
    ({"value": "2001:0DB8:0:0::1"}, {"2001:db8::1"}),
    ({"value": "219.167.%"}, {"219.167.13.11"}),
    ({"value": "%loader%"}, {"evil-loader.example"}),
    ({"value": "%.EXE"}, {FILE}),
    ({"value": ["219.167.%", "445", "nothing"]}, ALERT),
    ({"value": ["219.167.%", "!219.167.13.11"]}, set()),
    ({"value": {"OR": ["445", "203.0.113.1"], "NOT": ["445"]}}, FOREIGN),
    ({"value": "' OR 1=1 --"}, set()),
    ({"value": "a\\_b%"}, set()),
    ({"value": "x\0"}, set()),
    ({"value1": "invoice.exe", "value2": "ab" * 16}, {FILE}),
    ({"type": "port"}, {"445"}),
    ({"type": ["port", "domain"]}, {"445", "evil-loader.example"}),
    ({"type": "ip-%"}, {"219.167.13.11", "2001:db8::1", "203.0.113.1"}),
    ({"type": ["!ip-src", "!ip-dst"]}, {"445", "evil-loader.example", FILE}),
    ({"type": {"OR": ["ip-dst", "port"], "NOT": ["port"]}}, {"2001:db8::1", "203.0.113.1"}),
    ({"category": "Payload delivery"}, {FILE}),
    ({"org": "stranger"}, FOREIGN),
    ({"org": "!Stranger"}, ALERT | REPORT),
    ({"org": ["Nobody"]}, set()),
    ({"tags": "ipalert"}, ALERT),
    ({"tags": ["tlp:%"]}, REPORT),
    ({"tags": "tlp:amber"}, {"evil-loader.example"}),
    ({"tags": ["!tlp:amber"], "limit": 50}, ALERT | FOREIGN | REPORT - {"evil-loader.example"}),
    ({"tags": {"AND": ["tlp:green", "tlp:amber"]}}, {"evil-loader.example"}),
    ({"tags": {"OR": ["IPAlert", "tlp:green"], "NOT": ["type:OSINT"]}}, ALERT),
    ({"tags": ["no-such-tag"]}, set()),
    ({"tags": "99999999999999999999"}, set()),
    ({"eventid": 1}, ALERT),
    ({"eventid": ["1", "3"]}, ALERT | FOREIGN),
    ({"eventid": "!1"}, REPORT | FOREIGN),
    ({"eventid": [str(n) for n in range(2, 3000)]}, REPORT | FOREIGN),
    ({"eventid": "99999999999999999999"}, set()),
    ({"uuid": "nope"}, set()),
    ({"timestamp": "2d"}, REPORT | FOREIGN),
    ({"timestamp": ["20d", "5d"]}, ALERT),
    ({"timestamp": "banana"}, set()),
    ({"event_timestamp": "2d"}, REPORT | FOREIGN),
    ({"publish_timestamp": "1d"}, REPORT | FOREIGN),
    ({"publish_timestamp": ["1d", "6h"]}, REPORT),
    ({"last": "6h"}, FOREIGN),
    ({"from": "2024-03-01", "to": "2024-03-31"}, REPORT),
    ({"from": "2024-03-15"}, FOREIGN),
    ({"to": "2021-12-31"}, ALERT),
    ({"to_ids": 1}, {"219.167.13.11", "evil-loader.example", "2001:db8::1", "203.0.113.1"}),
    ({"to_ids": False}, {"445", FILE}),
    ({"published": True}, REPORT | FOREIGN),
    ({"published": 0}, ALERT),
    ({"published": [0, 1]}, ALERT | REPORT | FOREIGN),
    ({"deleted": 1}, set()),
    ({"first_seen": "2024-01-01"}, {"evil-loader.example"}),
    ({"first_seen": "2024-02-02"}, set()),
    ({"eventinfo": "%EVIL%"}, REPORT),
    ({"eventinfo": "OSINT Evil loader"}, REPORT),
    ({"threat_level_id": ["2"]}, ALERT),
    ({"threat_level_id": [2, 3]}, ALERT),
    ({"threat_level_id": "2"}, ALERT),
    ({"comment": "%loader%"}, {"evil-loader.example"}),
    ({"value": "445", "type": "port", "tags": "IPAlert", "to_ids": 0}, {"445"}),
    ({"value": "445", "type": "ip-src"}, set()),
]


@pytest.mark.parametrize(("asked", "found"), ASKED, ids=lambda v: str(v)[:60])
def test_attributes_are_found(filled: Node, asked: dict[str, Any], found: set[str]) -> None:
    values = filled.found(ADMIN, **asked)
    assert set(values) == found
    assert len(values) == len(found)


EVENTS: list[tuple[dict[str, Any], list[int]]] = [
    ({"value": "445"}, [1]),
    ({"value": ["445", "203.0.113.1"]}, [1, 3]),
    ({"type": "domain"}, [2]),
    ({"value": "445", "type": "domain"}, []),
    ({"tags": ["tlp:amber"]}, [2]),
    ({"tags": ["!IPAlert"], "limit": 10}, [2, 3]),
    ({"searchall": "%loader%"}, [2]),
    ({"searchall": "évil"}, []),
    ({"quickFilter": "%évil%"}, [2]),
    ({"eventinfo": "%IPAlert%"}, [1]),
    ({"timestamp": "2d"}, [2, 3]),
    ({"attribute_timestamp": "6h"}, [3]),
    ({"org": "Stranger"}, [3]),
    ({"published": False}, [1]),
    ({"eventid": [1, 3]}, [1, 3]),
    ({"date": ["2024-01-01", "2024-12-31"]}, [2, 3]),
    ({"limit": 2, "page": 2}, [3]),
    ({"limit": 2, "order": "Event.id DESC"}, [3, 2]),
    ({"limit": 3, "order": "date; DROP TABLE event"}, [1, 2, 3]),
]


@pytest.mark.parametrize(("asked", "found"), EVENTS, ids=lambda v: str(v)[:60])
def test_events_are_found(filled: Node, asked: dict[str, Any], found: list[int]) -> None:
    answered = filled.post("/events/restSearch", asked, key=ADMIN)["response"]
    assert [int(event["Event"]["id"]) for event in answered] == found
    assert all("Attribute" in event["Event"] for event in answered)


def test_events_are_found_by_the_uuid_of_anything_in_them(filled: Node) -> None:
    event = filled.get("/events/view/2", key=ADMIN)["Event"]
    for uuid in (event["uuid"], event["Attribute"][0]["uuid"]):
        assert filled.events(ADMIN, uuid=uuid) == ["OSINT Évil loader"]


def test_a_search_for_detections_shows_only_those_in_events(filled: Node) -> None:
    (found,) = filled.post("/events/restSearch", {"eventid": 2, "to_ids": 1}, key=ADMIN)["response"]
    assert [a["type"] for a in found["Event"]["Attribute"]] == ["domain", "ip-dst"]


def test_metadata_leaves_the_content_out(filled: Node) -> None:
    asked = {"value": "445", "metadata": 1}
    (found,) = filled.post("/events/restSearch", asked, key=ADMIN)["response"]
    assert found["Event"]["attribute_count"] == "2"
    assert not {"Attribute", "Object"} & set(found["Event"])


INDEX: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["1", "2", "3"]),
    ({"eventinfo": ""}, ["1", "2", "3"]),
    ({"eventinfo": "evil"}, ["2"]),
    ({"tag": "IPAlert"}, ["1"]),
    ({"tag": ["IPAlert", "tlp:green"]}, ["1", "2"]),
    ({"attribute": "445"}, ["1"]),
    ({"org": "Stranger"}, ["3"]),
    ({"published": 1}, ["2", "3"]),
    ({"eventid": ["2"]}, ["2"]),
    ({"datefrom": "2024-01-01", "dateuntil": "2024-03-31"}, ["2"]),
    ({"timestamp": "2d"}, ["2", "3"]),
    ({"threatlevel": "2"}, ["1"]),
    ({"all": "%loader%"}, ["2"]),
    ({"sort": "date", "direction": "desc"}, ["3", "2", "1"]),
    ({"sort": "info", "desc": 1, "limit": 1}, ["2"]),
    ({"sort": "nonsense"}, ["1", "2", "3"]),
    ({"limit": 2, "page": 2}, ["3"]),
]


@pytest.mark.parametrize(("asked", "found"), INDEX, ids=lambda v: str(v)[:60])
def test_the_index_lists(filled: Node, asked: dict[str, Any], found: list[str]) -> None:
    for minimal in ({}, {"minimal": 1}):
        listed = filled.post("/events/index", {**asked, **minimal}, key=ADMIN)
        assert [event["id"] for event in listed] == found


def test_the_pages_of_a_list_are_the_list(filled: Node) -> None:
    pages = [filled.found(ADMIN, limit=2, page=n) for n in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [2, 2, 2, 0]
    assert set().union(*pages) == ALERT | REPORT | FOREIGN


@pytest.mark.parametrize(
    ("limit", "page", "told"), [(4, 1, "5"), (7, 1, "6"), (6, 1, "7"), (6, 2, "1"), (0, 1, "6")]
)
def test_the_count_is_told_as_misp_tells_it(filled: Node, limit: int, page: int, told: str) -> None:
    asked = {"published": [0, 1], "limit": limit, "page": page}
    answered = filled.ask(ADMIN, "POST", "/attributes/restSearch", asked)
    assert answered.headers["x-result-count"] == told


def test_only_the_number_may_be_asked(filled: Node) -> None:
    asked = {"returnFormat": "count", "published": [0, 1]}
    answered = filled.ask(ADMIN, "POST", "/attributes/restSearch", asked)
    assert (answered.content, answered.headers["content-type"]) == (
        b"6",
        "text/plain; charset=UTF-8",
    )


def test_orders(filled: Node) -> None:
    asked: dict[str, Any] = {"published": [0, 1]}
    assert filled.found(ADMIN, **asked, order="Attribute.id DESC")[0] == "203.0.113.1"
    assert filled.found(ADMIN, **asked, order="timestamp")[:2] == ["219.167.13.11", "445"]
    assert len(filled.found(ADMIN, **asked, order="value1; DROP TABLE attribute")) == 6


def test_event_tags_context_and_sightings_come_when_they_are_asked(filled: Node) -> None:
    filled.post("/sightings/add", {"value": "evil-loader.example", "source": "lab"}, key=OWNER)
    (plain,) = _found(filled, {})
    assert [tag["name"] for tag in plain["Tag"]] == ["tlp:amber"]
    assert "date" not in plain["Event"]
    (full,) = _found(filled, {"includeEventTags": 1, "includeContext": 1, "includeSightings": 1})
    assert [(tag["name"], tag.get("inherited")) for tag in full["Tag"]] == [
        ("tlp:amber", None),
        ("tlp:green", 1),
        ("type:OSINT", 1),
    ]
    assert full["Event"]["date"] == "2024-03-02"
    assert [tag["name"] for tag in full["Event"]["Tag"]] == ["tlp:green", "type:OSINT"]
    assert full["Event"]["Orgc"]["name"] == "Owner"
    assert [sighting["source"] for sighting in full["Sighting"]] == ["lab"]


def test_deleted_attributes_come_when_they_are_asked(filled: Node) -> None:
    filled.post(f"/attributes/delete/{_found(filled, {})[0]['uuid']}", key=ADMIN)
    asked = {"value": "evil-loader.example"}
    assert filled.found(ADMIN, **asked) == []
    for deleted in (1, "1", True, [1], [0, 1]):
        assert filled.found(ADMIN, **asked, deleted=deleted) == ["evil-loader.example"]
    assert filled.found(ADMIN, **asked, deleted=0) == []


def _found(node: Node, more: dict[str, Any]) -> list[dict[str, Any]]:
    asked = {"value": "evil-loader.example", **more}
    answered = node.post("/attributes/restSearch", asked, key=ADMIN)
    found: list[dict[str, Any]] = answered["response"]["Attribute"]
    return found
