"""Who sees and changes what: an owner, a colleague, a reader, a stranger and an administrator."""

from typing import Any

import pytest

from tests.unit.node.conftest import ADMIN, COLLEAGUE, OWNER, READER, STRANGER, Node

KEYS = {"owner": OWNER, "colleague": COLLEAGUE, "reader": READER, "stranger": STRANGER}


def _event(node: Node, *, published: bool = True, distribution: int = 1) -> dict[str, Any]:
    node.post("/tags/add", {"name": "tlp:green"}, key=ADMIN)
    return node.add_event(
        published=published,
        distribution=distribution,
        Tag=[{"name": "tlp:green"}],
        Attribute=[
            {"type": "ip-dst", "value": "203.0.113.1"},
            {"type": "ip-dst", "value": "203.0.113.2", "distribution": 0},
        ],
        Object=[
            {"name": "open", "Attribute": [{"type": "md5", "value": "ab" * 16}]},
            {
                "name": "closed",
                "distribution": 0,
                "Attribute": [{"type": "md5", "value": "cd" * 16}],
            },
        ],
    )


ALL = {"203.0.113.1", "203.0.113.2", "ab" * 16, "cd" * 16}
OPEN = {"203.0.113.1", "ab" * 16}


@pytest.mark.parametrize(
    ("who", "published", "distribution", "seen"),
    [
        (OWNER, False, 0, ALL),
        (COLLEAGUE, False, 0, ALL),
        (READER, False, 0, ALL),
        (ADMIN, False, 0, ALL),
        (STRANGER, True, 1, OPEN),
        (STRANGER, True, 3, OPEN),
        (STRANGER, True, 0, set()),
        (STRANGER, False, 1, set()),
        (STRANGER, False, 3, set()),
    ],
)
def test_every_way_to_read_shows_the_same(
    node: Node, who: str, published: bool, distribution: int, seen: set[str]
) -> None:
    event = _event(node, published=published, distribution=distribution)
    assert set(node.found(who, eventid=event["id"])) == seen
    assert set(node.found(who, value=sorted(ALL))) == seen
    assert set(node.found(who, tags=["tlp:green"])) == seen
    listed = node.post("/events/index", {}, key=who)
    assert [e["id"] for e in listed] == ([event["id"]] if seen else [])
    assert len(node.events(who, value="203.0.113.1")) == len(listed)
    assert not node.events(STRANGER, value="203.0.113.2")
    viewed = node.ask(who, "GET", f"/events/view/{event['uuid']}")
    assert viewed.status == (200 if seen else 404)
    if seen:
        assert _values(viewed.json()["Event"]) == seen
        assert viewed.json()["Event"]["Tag"][0]["name"] == "tlp:green"


def test_what_is_closed_decides_no_search_of_a_stranger(node: Node) -> None:
    event = _event(node)
    closed, hidden = event["Attribute"][1], event["Object"][1]
    node.post("/tags/add", {"name": "inner"}, key=ADMIN)
    node.post("/tags/attachTagToObject", {"uuid": closed["uuid"], "tag": "inner"})
    node.post(f"/events/publish/{event['id']}")
    for asked in (
        {"value": closed["value"]},
        {"value": f"%{closed['value']}"},
        {"uuid": closed["uuid"]},
        {"uuid": hidden["uuid"]},
        {"uuid": hidden["Attribute"][0]["uuid"]},
        {"tags": "inner"},
        {"searchall": closed["value"]},
        {"searchall": f"%{hidden['Attribute'][0]['value']}%"},
        {"type": "md5", "value": hidden["Attribute"][0]["value"]},
    ):
        assert node.events(OWNER, **asked) == ["An event"], asked
        assert node.events(STRANGER, **asked) == [], asked
    for asked in ({"attribute": closed["value"]}, {"all": closed["value"]}, {"tag": "inner"}):
        assert len(node.post("/events/index", asked)) == 1
        assert node.post("/events/index", asked, key=STRANGER) == []


@pytest.mark.parametrize("kind", ["Attribute", "Object"])
def test_what_is_closed_inside_an_open_event_is_absent_to_a_stranger(node: Node, kind: str) -> None:
    event = _event(node)
    path = f"/{kind.lower()}s/view/"
    opened, closed = event[kind]
    assert node.ask(STRANGER, "GET", path + opened["uuid"]).status == 200
    hidden = node.ask(STRANGER, "GET", path + closed["uuid"])
    absent = node.ask(STRANGER, "GET", path + "11111111-1111-4111-8111-111111111111")
    assert hidden.status == absent.status
    assert _told(hidden) == _told(absent)


CHANGES = [
    ("/events/edit/{event}", {"info": "Mine now"}),
    ("/events/delete/{event}", {}),
    ("/events/publish/{event}", {}),
    ("/events/unpublish/{event}", {}),
    ("/attributes/add/{event}", {"type": "ip-dst", "value": "203.0.113.9"}),
    ("/attributes/edit/{attribute}", {"comment": "Mine now"}),
    ("/attributes/delete/{attribute}", {}),
    ("/attributes/delete/{attribute}/1", {}),
    ("/attributes/restore/{attribute}", {}),
    ("/objects/add/{event}", {"name": "x", "Attribute": []}),
    ("/objects/edit/{object}", {"comment": "Mine now"}),
    ("/objects/delete/{object}", {}),
    ("/objectReferences/add", {"object_uuid": "{object}", "referenced_uuid": "{attribute}"}),
    ("/tags/attachTagToObject", {"uuid": "{event}", "tag": "tlp:green"}),
    ("/tags/attachTagToObject", {"uuid": "{attribute}", "tag": "tlp:green"}),
    ("/tags/removeTagFromObject", {"uuid": "{event}", "tag": "tlp:green"}),
]


@pytest.mark.parametrize(("path", "body"), CHANGES)
def test_a_stranger_changes_nothing_and_cannot_tell_forbidden_from_absent(
    node: Node, path: str, body: dict[str, str]
) -> None:
    hidden = _event(node, published=False)
    before = node.get(f"/events/view/{hidden['id']}")
    refused = _change(node, STRANGER, path, body, hidden)
    nothing = "11111111-1111-4111-8111-111111111111"
    absent = _change(node, STRANGER, path, body, _named(nothing))
    assert refused.status == absent.status
    assert refused.status in (403, 404)
    assert _told(refused) == _told(absent)
    assert node.get(f"/events/view/{hidden['id']}") == before


@pytest.mark.parametrize(("path", "body"), CHANGES)
def test_a_stranger_does_not_change_what_it_sees(
    node: Node, path: str, body: dict[str, str]
) -> None:
    seen = _event(node)
    before = node.get(f"/events/view/{seen['id']}")
    assert _change(node, STRANGER, path, body, seen).status == 403
    assert node.get(f"/events/view/{seen['id']}") == before


@pytest.mark.parametrize(("path", "body"), CHANGES)
def test_a_reader_changes_nothing_of_its_own_organisation(
    node: Node, path: str, body: dict[str, str]
) -> None:
    own = _event(node)
    refused = _change(node, READER, path, body, own)
    assert refused.status == 403
    assert "permission" in refused.json()["message"]


@pytest.mark.parametrize(("path", "body"), CHANGES)
@pytest.mark.parametrize("key", [COLLEAGUE, ADMIN], ids=["colleague", "admin"])
def test_a_colleague_and_an_administrator_do(
    node: Node, path: str, body: dict[str, str], key: str
) -> None:
    assert _change(node, key, path, body, _event(node)).status == 200


@pytest.mark.parametrize("path", ["/tags/add", "/tags/edit/1", "/tags/delete/1"])
def test_only_an_administrator_makes_and_changes_tags(node: Node, path: str) -> None:
    node.post("/tags/add", {"name": "tlp:green"}, key=ADMIN)
    for key in (OWNER, READER, STRANGER):
        assert node.ask(key, "POST", path, {"name": "another"}).status == 403
    assert node.ask(ADMIN, "POST", path, {"name": "another"}).status == 200


def test_a_soft_deletion_is_told_to_the_owner_only(node: Node) -> None:
    event = _event(node)
    node.post(f"/attributes/delete/{event['Attribute'][0]['id']}")
    node.post(f"/events/publish/{event['id']}")
    assert node.found(OWNER, value="203.0.113.1", deleted=[0, 1]) == ["203.0.113.1"]
    assert node.found(STRANGER, value="203.0.113.1", deleted=[0, 1]) == []


def test_a_sighting_needs_the_attribute_to_be_seen(node: Node) -> None:
    event = _event(node, published=False)
    told = node.post("/sightings/add", {"values": ["203.0.113.1"]}, key=STRANGER)
    assert "Sighting" not in told
    node.post("/sightings/add", {"values": ["203.0.113.1"]}, key=OWNER)
    assert node.ask(STRANGER, "GET", f"/sightings/index/{event['id']}").status == 404
    listed = {"context": "event", "id": event["id"]}
    assert node.post("/sightings/listSightings", listed, key=STRANGER) == []
    assert len(node.post("/sightings/listSightings", listed)) == 1


def test_a_taken_uuid_is_refused_without_saying_where_it_is(node: Node) -> None:
    hidden = _event(node, published=False)
    twice = {"info": "x", "uuid": hidden["uuid"]}
    strange = node.ask(STRANGER, "POST", "/events/add", twice)
    own = node.ask(OWNER, "POST", "/events/add", twice)
    assert strange.status == own.status == 404
    assert "location" not in strange.headers
    assert own.headers["location"] == f"/events/{hidden['id']}"


def test_only_an_administrator_speaks_for_another_organisation(node: Node) -> None:
    claimed = {"Orgc": {"name": "Victim", "uuid": "11111111-1111-4111-8111-111111111111"}}
    assert node.add_event(STRANGER, **claimed)["Orgc"]["name"] == "Stranger"
    assert node.add_event(ADMIN, **claimed)["Orgc"]["name"] == "Victim"


def _values(event: dict[str, Any]) -> set[str]:
    inside = [*event["Attribute"], *(a for o in event["Object"] for a in o["Attribute"])]
    return {attribute["value"] for attribute in inside}


def _change(node: Node, key: str, path: str, body: dict[str, str], event: dict[str, Any]) -> Any:
    names = {
        "event": event["uuid"],
        "attribute": event["Attribute"][0]["uuid"],
        "object": event["Object"][0]["uuid"],
    }
    filled = {k: v.format(**names) if isinstance(v, str) else v for k, v in body.items()}
    return node.ask(key, "POST", path.format(**names), filled)


def _named(uuid: str) -> dict[str, Any]:
    return {"uuid": uuid, "Attribute": [{"uuid": uuid}], "Object": [{"uuid": uuid}]}


def _told(answered: Any) -> tuple[str, str]:
    return answered.json()["name"], answered.json()["message"]
