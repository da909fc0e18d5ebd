"""PyMISP, the client that most programs use, against a node: as it would against a MISP."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymisp import MISPEvent, MISPObject, MISPOrganisation, MISPSighting, MISPTag, PyMISP
from pymisp.exceptions import PyMISPError

from securegrid.node.accounts import Role
from securegrid.node.app import app_of
from securegrid.node.store import Store
from tests.contract.serving import served

ADMIN, WRITER, READER, OTHER = (letter * 40 for letter in "awro")
HASH = "ab" * 32


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    store = Store(tmp_path_factory.mktemp("node") / "node.sqlite3", host_org="LAC")
    store.add_key(Role.ADMIN, raw=ADMIN)
    store.add_key(Role.CONTRIBUTOR, raw=WRITER)
    store.add_key(Role.READ_ONLY, raw=READER)
    store.add_key(Role.CONTRIBUTOR, "IPA", raw=OTHER)
    logging.getLogger("pymisp").setLevel(logging.CRITICAL)
    with served(app_of(store)) as address:
        yield address


@pytest.fixture
def admin(url: str) -> PyMISP:
    return PyMISP(url, ADMIN)


@pytest.fixture
def writer(url: str) -> PyMISP:
    return PyMISP(url, WRITER)


@pytest.fixture
def other(url: str) -> PyMISP:
    return PyMISP(url, OTHER)


@pytest.fixture
def event(admin: PyMISP) -> Iterator[MISPEvent]:
    made = admin.add_event(_composed(), pythonify=True)
    assert isinstance(made, MISPEvent)
    yield made
    admin.delete_event(made)


def _composed() -> MISPEvent:
    """An event with everything that a node keeps."""
    composed = MISPEvent()
    composed.info = "どこどこ report 😀"
    composed.set_date("2026-01-02")
    composed.distribution = 1
    composed.threat_level_id = 2
    composed.analysis = 1
    composed.add_tag("tlp:green")
    address = composed.add_attribute("ip-dst", "203.0.113.7", comment="C2", to_ids=True)
    address.first_seen = "2025-12-31T00:00:00Z"
    address.add_tag("tlp:amber")
    composed.add_attribute("domain|ip", "C2.Evil.example|2001:DB8:0::1")
    composed.add_object(_file_object(composed.attributes[0].uuid))
    return composed


def _file_object(related: str) -> MISPObject:
    described = MISPObject("file")
    described.add_attribute("filename", "Invoice 請求書.exe")
    described.add_attribute("sha256", HASH)
    described.comment = "the dropper"
    described.add_reference(related, "connects-to", "seen in the sandbox")
    return described


def test_it_connects_and_learns_who_it_is(url: str, admin: PyMISP) -> None:
    assert admin.misp_instance_version["version"] == "2.5.1"
    user, role, settings = admin.get_user(pythonify=True, expanded=True)
    assert (role.name, role.perm_site_admin, settings) == ("admin", True, [])
    assert user.org_id == "1"
    assert PyMISP(url, READER).get_user()["Role"]["perm_add"] is False
    with pytest.raises(PyMISPError):
        PyMISP(url, "x" * 40)


def test_the_types_are_pymisps_own(admin: PyMISP) -> None:
    assert admin.describe_types_remote == admin.describe_types_local


def test_an_event_comes_back_as_it_was_sent(admin: PyMISP, event: MISPEvent) -> None:
    sent = _composed()
    sent.uuid = event.uuid
    back = admin.get_event(event.uuid, pythonify=True)
    for name in ("info", "date", "distribution", "threat_level_id", "analysis"):
        assert str(getattr(back, name)) == str(getattr(sent, name)), name
    assert [tag.name for tag in back.tags] == ["tlp:green"]
    address, pair = back.attributes
    assert (address.value, address.comment, address.to_ids) == ("203.0.113.7", "C2", True)
    assert address.first_seen.isoformat() == "2025-12-31T00:00:00+00:00"
    assert [tag.name for tag in address.tags] == ["tlp:amber"]
    assert pair.value == "c2.evil.example|2001:db8::1"


def test_uuids_given_by_the_client_are_kept(admin: PyMISP) -> None:
    sent = _composed()
    made = admin.add_event(sent, pythonify=True)
    assert made.uuid == sent.uuid
    assert [a.uuid for a in made.attributes] == [a.uuid for a in sent.attributes]
    assert made.objects[0].uuid == sent.objects[0].uuid
    assert {a.uuid for a in made.objects[0].attributes} == {
        a.uuid for a in sent.objects[0].attributes
    }
    admin.delete_event(made)


def test_objects_keep_their_template_and_their_references(admin: PyMISP, event: MISPEvent) -> None:
    (back,) = admin.get_event(event, pythonify=True).objects
    assert (back.name, back["meta-category"], back.comment) == ("file", "file", "the dropper")
    assert {a.object_relation: a.value for a in back.attributes} == {
        "filename": "Invoice 請求書.exe",
        "sha256": HASH,
    }
    (related,) = back.references
    assert related.relationship_type == "connects-to"
    assert related.referenced_uuid == event.attributes[0].uuid


def test_an_object_is_added_changed_related_and_deleted(admin: PyMISP, event: MISPEvent) -> None:
    described = MISPObject("domain-ip")
    described.add_attribute("domain", "second.example")
    made = admin.add_object(event, described, pythonify=True)
    assert [a.value for a in made.attributes] == ["second.example"]
    made.comment = "changed"
    made.add_attribute("ip", "203.0.113.8")
    changed = admin.update_object(made, pythonify=True)
    assert changed.comment == "changed"
    assert {a.value for a in changed.attributes} == {"second.example", "203.0.113.8"}
    made.references = []
    relation = made.add_reference(event.objects[0].uuid, "related-to")
    stored = admin.add_object_reference(relation, pythonify=True)
    assert stored.relationship_type == "related-to"
    assert "errors" not in admin.delete_object_reference(stored)
    assert "errors" not in admin.delete_object(changed, hard=True)
    assert not admin.object_exists(changed)
    assert len(admin.get_event(event, pythonify=True).objects) == 1


def test_an_event_is_changed_and_what_is_not_mentioned_stays(
    admin: PyMISP, event: MISPEvent
) -> None:
    event.info = "Another title"
    event.attributes[0].comment = "changed"
    event.add_attribute("domain", "added.example")
    changed = admin.update_event(event, pythonify=True)
    assert changed.info == "Another title"
    assert [a.comment for a in changed.attributes] == ["changed", "", ""]
    assert changed.attributes[2].value == "added.example"
    partly = admin.update_event({"analysis": 2}, event_id=event.id, pythonify=True)
    assert (partly.info, str(partly.analysis)) == ("Another title", "2")
    assert len(partly.attributes) == 3


def test_an_event_that_is_not_newer_is_refused(admin: PyMISP, event: MISPEvent) -> None:
    stale = admin.update_event({"info": "Old", "timestamp": "1"}, event_id=event.id)
    assert stale["errors"][0] == 403
    assert admin.get_event(event)["Event"]["info"] == event.info


def test_attributes_are_added_changed_deleted_and_restored(admin: PyMISP, event: MISPEvent) -> None:
    made = admin.add_attribute(event, {"type": "ip-src", "value": "203.0.113.9"}, pythonify=True)
    assert made.category == "Network activity"
    made.comment = "changed"
    assert admin.update_attribute(made, pythonify=True).comment == "changed"
    admin.delete_attribute(made)
    assert "203.0.113.9" not in _values(admin.get_event(event))
    assert "203.0.113.9" in _values(admin.get_event(event, deleted=True))
    assert admin.restore_attribute(made, pythonify=True).value == "203.0.113.9"
    admin.delete_attribute(made, hard=True)
    assert "203.0.113.9" not in _values(admin.get_event(event, deleted=True))
    assert admin.get_attribute(made)["errors"][0] == 405


def test_several_attributes_are_added_and_the_bad_ones_told(
    admin: PyMISP, event: MISPEvent
) -> None:
    several = [
        {"type": "ip-src", "value": "203.0.113.10"},
        {"type": "ip-src", "value": "banana"},
        {"type": "ip-dst", "value": "203.0.113.7"},
    ]
    answered = admin.add_attribute(event, several)
    assert [a["value"] for a in answered["Attribute"]] == ["203.0.113.10"]
    assert set(answered["errors"]) == {"attribute_1", "attribute_2"}


def test_publishing_shows_an_event_to_others_and_a_change_takes_it_back(
    admin: PyMISP, other: PyMISP, event: MISPEvent
) -> None:
    assert not other.event_exists(event)
    assert admin.publish(event)["success"]
    assert admin.get_event(event)["Event"]["published"] is True
    assert other.search("attributes", value=HASH, pythonify=True)[0].value == HASH
    assert admin.unpublish(event)["success"]
    assert other.search("attributes", value=HASH) == {"Attribute": []}
    admin.publish(event)
    admin.add_attribute(event, {"type": "ip-src", "value": "203.0.113.11"})
    assert admin.get_event(event)["Event"]["published"] is False


def test_attributes_are_searched(admin: PyMISP, event: MISPEvent) -> None:
    found = admin.search(
        "attributes",
        value=["203.0.113.7", "C2.EVIL.example", "192.0.2.1"],
        type_attribute=["ip-dst", "domain|ip"],
        tags=["tlp:green"],
        date_from="2026-01-01",
        date_to="2026-01-31",
        include_event_tags=True,
        include_context=True,
        pythonify=True,
    )
    assert [a.value for a in found] == ["203.0.113.7", "c2.evil.example|2001:db8::1"]
    assert [t.name for t in found[1].tags] == ["tlp:green"]
    assert found[0].Event.info == event.info


@pytest.mark.parametrize(
    "asked",
    [
        {"value": "203.0.113.7"},
        {"type_attribute": "sha256", "category": "Payload delivery"},
        {"org": "LAC", "timestamp": "1h"},
        {"eventinfo": "%どこどこ%"},
        {"searchall": "%203.0.113.7%"},
        {"published": False, "to_ids": True, "limit": 10, "page": 1},
    ],
    ids=str,
)
def test_events_are_searched(admin: PyMISP, event: MISPEvent, asked: dict[str, Any]) -> None:
    found = admin.search("events", pythonify=True, **asked)
    assert [e.uuid for e in found] == [event.uuid]
    bare = admin.search("events", metadata=True, pythonify=True, **asked)
    assert bare[0].attributes == []


def test_by_id_uuid_and_in_complex_ways(admin: PyMISP, event: MISPEvent) -> None:
    assert len(admin.search("events", eventid=event.id, pythonify=True)) == 1
    assert len(admin.search("attributes", uuid=event.attributes[0].uuid, pythonify=True)) == 1
    query = admin.build_complex_query(or_parameters=["tlp:green"], not_parameters=["tlp:amber"])
    values = [a.value for a in admin.search("attributes", tags=query, pythonify=True)]
    assert "203.0.113.7" not in values
    assert HASH in values


def test_the_index_is_searched(admin: PyMISP, event: MISPEvent) -> None:
    (minimal,) = admin.search_index(minimal=True, eventinfo="どこどこ")
    assert (minimal["uuid"], minimal["published"]) == (event.uuid, False)
    (listed,) = admin.search_index(tags="tlp:green", org="LAC")
    assert (listed["uuid"], listed["EventTag"][0]["Tag"]["name"]) == (event.uuid, "tlp:green")
    assert admin.search_index(eventinfo="no such event") == []


def test_tags_are_made_searched_attached_and_removed(
    admin: PyMISP, writer: PyMISP, event: MISPEvent
) -> None:
    tag = MISPTag()
    tag.from_dict(name="made:here", colour="#112233")
    made = admin.add_tag(tag, pythonify=True)
    assert (made.name, made.colour) == ("made:here", "#112233")
    assert [t.name for t in admin.search_tags("made:%", pythonify=True)] == ["made:here"]
    assert "made:here" in [t.name for t in admin.tags(pythonify=True)]
    assert "errors" not in writer.tag(event, "made:here")
    assert "errors" not in writer.tag(event.attributes[0], "made:here", local=True)
    back = admin.get_event(event, pythonify=True)
    assert [t.name for t in back.tags] == ["tlp:green", "made:here"]
    assert [t.name for t in back.attributes[0].tags] == ["tlp:amber", "made:here"]
    assert "errors" not in writer.untag(event, "made:here")
    made.colour = "#445566"
    assert admin.update_tag(made, pythonify=True).colour == "#445566"
    assert "errors" not in admin.delete_tag(made)
    assert [t.name for t in admin.get_event(event, pythonify=True).attributes[0].tags] == [
        "tlp:amber"
    ]


def test_a_writer_cannot_make_tags(writer: PyMISP) -> None:
    made = MISPEvent()
    made.info = "With unknown tags"
    made.add_tag("no:such:tag")
    stored = writer.add_event(made, pythonify=True)
    assert stored.tags == []
    assert writer.tag(stored, "no:such:tag")["errors"][0] == 404
    assert writer.add_tag({"name": "no:such:tag"})["errors"][0] == 403
    writer.delete_event(stored)


def test_sightings(admin: PyMISP, event: MISPEvent) -> None:
    seen = MISPSighting()
    seen.from_dict(values=["203.0.113.7"], source="honeypot", type="0")
    made = admin.add_sighting(seen, pythonify=True)
    assert made.source == "honeypot"
    admin.add_sighting({"type": "1"}, event.attributes[0])
    assert [s.type for s in admin.sightings(event.attributes[0], pythonify=True)] == ["0", "1"]
    assert len(admin.sightings(event, pythonify=True)) == 2
    (found,) = admin.search(
        "attributes", value="203.0.113.7", include_sightings=True, pythonify=True
    )
    assert [s.source for s in found.sightings] == ["honeypot", ""]
    assert "errors" not in admin.delete_sighting(made)
    assert len(admin.sightings(event)) == 1


def test_organisations(admin: PyMISP) -> None:
    assert {o.name for o in admin.organisations(pythonify=True)} >= {"LAC", "IPA"}
    org = admin.get_organisation(1, pythonify=True)
    assert isinstance(org, MISPOrganisation)
    assert org.name == "LAC"


def test_a_reader_is_refused_with_misps_words(url: str, event: MISPEvent) -> None:
    reader = PyMISP(url, READER)
    assert reader.event_exists(event)
    status, told = reader.add_event(_composed())["errors"]
    assert (status, told["message"]) == (
        403,
        "You do not have permission to use this functionality.",
    )


def test_a_hard_deleted_event_is_gone_with_all_that_was_in_it(admin: PyMISP) -> None:
    made = admin.add_event(_composed(), pythonify=True)
    admin.add_sighting({"values": ["203.0.113.7"]})
    assert "errors" not in admin.delete_event(made)
    assert not admin.event_exists(made)
    assert admin.search("attributes", value=[HASH, "203.0.113.7"]) == {"Attribute": []}
    assert "errors" not in admin.add_event(made)
    admin.delete_event(made)


def _values(event: Any) -> list[str]:
    return [attribute["value"] for attribute in event["Event"]["Attribute"]]


def test_an_unfiltered_search_is_refused(admin: PyMISP) -> None:
    assert admin.search("attributes")["errors"][0] == 400
    assert admin.search("attributes", value=[])["errors"][0] == 400
    assert admin.search("attributes", value="")["errors"][0] == 400


def test_a_node_file_serves_on_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "node.sqlite3"
    store = Store(path)
    store.add_key(Role.ADMIN, raw=ADMIN)
    with served(app_of(store)) as address:
        made = PyMISP(address, ADMIN).add_event(_composed(), pythonify=True)
    with served(app_of(Store(path))) as address:
        assert PyMISP(address, ADMIN).get_event(made.uuid)["Event"]["info"] == made.info
