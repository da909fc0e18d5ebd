"""Drafts published to a node and read back with PyMISP, attribute by attribute; and undone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pymisp import PyMISP

from securegrid.ingest.model import AttributeDraft
from securegrid.ingest.publishing import event_writing
from securegrid.ingest.publishing import undo as undoing
from securegrid.ingest.publishing.journal import Journal, UnknownImport
from securegrid.ingest.publishing.outcomes import EventState, ImportState, Stopped
from securegrid.ingest.publishing.pieces import Limits
from securegrid.ingest.publishing.undo import undo
from securegrid.misp.failures import MispFailure, Reason
from tests.contract.publishing import (
    NOON,
    OTHER,
    READER,
    WRITER,
    Events,
    address,
    addresses,
    connection,
    expected,
    head,
    held,
    import_into,
    login,
)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "state" / "journal.sqlite3") as opened:
        yield opened


EVENT = head("どこどこJP Linux VPS/Cloud")


def morning() -> Events:
    """Three sources and a log-in."""
    return Events().add(EVENT, [*addresses(EVENT, 3), login(EVENT, "root")])


def evening() -> Events:
    """The whole day: a fourth source, later times, larger counts."""
    contents = [*addresses(EVENT, 4, last=NOON + 60, count=7), login(EVENT, "root", count=3)]
    return Events().add(EVENT, contents)


def test_what_was_drafted_is_what_is_read_back(node: str, journal: Journal) -> None:
    drafts = morning().add(head("iOS"), [address(head("iOS"), "2001:db8::1", first=NOON - 5)])
    published = import_into(node, journal, drafts)
    assert held(node) == expected(drafts)
    assert published.whole
    counts = published.counts
    assert (counts.events_made, counts.attributes_added, counts.objects_added) == (2, 6, 1)


def test_the_same_drafts_again_change_nothing(node: str, journal: Journal) -> None:
    import_into(node, journal, morning())
    stamps = PyMISP(node, WRITER).search(controller="events", metadata=True)
    again = import_into(node, journal, morning())
    assert held(node) == expected(morning())
    assert PyMISP(node, WRITER).search(controller="events", metadata=True) == stamps
    assert (again.counts.events_unchanged, again.counts.attributes_added) == (1, 0)


def test_another_machine_without_the_journal_makes_no_doubles(node: str, tmp_path: Path) -> None:
    for name in ("one", "two"):
        with Journal(tmp_path / name) as own:
            import_into(node, own, morning())
    assert held(node) == expected(morning())


def test_a_later_part_of_the_day_extends_the_event(node: str, journal: Journal) -> None:
    import_into(node, journal, morning())
    published = import_into(node, journal, evening())
    assert held(node) == expected(evening())
    counts = published.counts
    assert (counts.events_extended, counts.attributes_added, counts.attributes_changed) == (1, 1, 4)


def test_a_part_read_elsewhere_takes_nothing_back(node: str, journal: Journal) -> None:
    import_into(node, journal, evening())
    earlier = Events().add(EVENT, addresses(EVENT, 1, first=NOON - 60, last=NOON))
    import_into(node, journal, Events().add(EVENT, addresses(EVENT, 1)))
    assert held(node) == expected(evening())
    import_into(node, journal, earlier)
    uuid = addresses(EVENT, 1)[0].uuid
    merged = held(node)[EVENT.uuid]["attributes"][uuid]
    assert merged["first_seen"] == "2021-05-13T11:59:00.000000+00:00"
    assert merged["last_seen"] == "2021-05-13T12:01:00.000000+00:00"


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_a_big_event_goes_in_pieces(node: str, journal: Journal, limit: int) -> None:
    drafts = Events().add(EVENT, [*addresses(EVENT, 6), login(EVENT, "root"), login(EVENT, "pi")])
    import_into(node, journal, drafts, limits=Limits(attributes=limit))
    assert held(node) == expected(drafts)


def test_an_event_too_large_to_be_read_as_a_whole_is_read_in_pages(
    node: str, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_writing, "WHOLE_UP_TO", 1)
    monkeypatch.setattr(undoing, "WHOLE_UP_TO", 1)
    first = import_into(node, journal, morning())
    later = import_into(node, journal, evening())
    assert held(node) == expected(evening())
    undo(journal, later.name, connection(node))
    assert held(node) == expected(morning())
    undo(journal, first.name, connection(node))
    assert held(node) == {}


def test_what_the_misp_drops_in_silence_is_reported_with_its_words(
    node: str, journal: Journal
) -> None:
    bad = address(EVENT, "no-address")
    drafts = Events().add(EVENT, [bad, *addresses(EVENT, 2)])
    published = import_into(node, journal, drafts)
    assert held(node) == expected(Events().add(EVENT, addresses(EVENT, 2)))
    assert not published.whole
    (dropped,) = published.dropped
    assert (dropped.uuid, dropped.type, dropped.value) == (bad.uuid, "ip-src", "no-address")
    assert dropped.told == ("value: IP address has an invalid format.",)
    assert published.counts.dropped == 1


def test_what_the_misp_writes_otherwise_is_counted(node: str, journal: Journal) -> None:
    upper = AttributeDraft(address(EVENT, "h").uuid, "hostname", "Network activity", "C2.Example")
    spaced = AttributeDraft(
        address(EVENT, "t").uuid, "email-src", "Payload delivery", "a@b.example"
    )
    published = import_into(node, journal, Events().add(EVENT, [upper, spaced]))
    assert (published.counts.altered, published.counts.dropped) == (0, 0)


def test_characters_of_four_bytes_are_written_as_codes(node: str, journal: Journal) -> None:
    event = head("😀 VPS", tags=("docodoco.jp", "tag-😀"))
    link = AttributeDraft(address(event, "u").uuid, "url", "Network activity", "http://a.jp/😀")
    drafts = Events().add(
        event, [link, msgspec.structs.replace(address(event, "192.0.2.1"), comment="😀")]
    )
    published = import_into(node, journal, drafts)
    found = held(node)[event.uuid]
    assert found["info"] == r"(2021-05-13) \U0001f600 VPS"
    assert found["tags"] == ["docodoco.jp", r"tag-\U0001f600"]
    assert found["attributes"][link.uuid]["value"] == "http://a.jp/%F0%9F%98%80"
    assert {one["comment"] for one in found["attributes"].values()} == {"", r"\U0001f600"}
    assert published.whole
    assert published.counts.rewritten == 2


def test_what_breaks_a_rule_is_not_written(node: str, journal: Journal) -> None:
    one, two = addresses(EVENT, 2)
    other = head("iOS")
    held_back = login(EVENT, "root")
    refused = [
        (EVENT.uuid, one.uuid),
        (EVENT.uuid, held_back.attributes[0].uuid),
        (other.uuid, other.uuid),
    ]
    drafts = Events().add(EVENT, [one, two, held_back]).add(other, [address(other, "192.0.2.1")])
    published = import_into(node, journal, drafts, refused=refused)
    assert held(node) == expected(Events().add(EVENT, [two]))
    assert (published.counts.refused, published.counts.events_refused) == (2, 1)
    assert not published.whole


def test_what_people_changed_at_the_misp_stays(node: str, journal: Journal) -> None:
    import_into(node, journal, morning())
    misp = PyMISP(node, WRITER)
    first, second, third = (one.uuid for one in addresses(EVENT, 3))
    theirs = {"to_ids": True, "category": "Payload delivery", "distribution": 0}
    misp.update_attribute(theirs, first)
    misp.delete_attribute(second)
    misp.direct_call("events/edit/" + EVENT.uuid, {"threat_level_id": "1"})
    published = import_into(node, journal, evening())
    found = held(node)[EVENT.uuid]["attributes"]
    assert (found[first]["to_ids"], found[first]["category"]) == (True, "Payload delivery")
    assert found[first]["comment"] == "7 requests"
    assert found[third]["comment"] == "7 requests"
    kept = misp.get_attribute(first)
    assert isinstance(kept, dict)
    assert kept["Attribute"]["distribution"] == "0"
    assert second not in found or found[second]["comment"] == "1 requests"
    assert published.counts.deleted_there == 1
    assert published.whole


def test_a_key_that_may_only_read_writes_nothing(node: str, journal: Journal) -> None:
    with pytest.raises(MispFailure) as caught:
        import_into(node, journal, morning(), to=connection(node, READER))
    assert caught.value.reason is Reason.NO_PERMISSION
    assert held(node) == {}
    ((one, _),) = journal.imports()
    assert one.state is ImportState.OPEN


def test_an_event_of_another_organisation_is_told_and_the_rest_written(
    node: str, journal: Journal, tmp_path: Path
) -> None:
    with Journal(tmp_path / "other") as others:
        import_into(node, others, morning())
    drafts = evening().add(head("iOS"), [address(head("iOS"), "192.0.2.9")])
    published = import_into(node, journal, drafts, to=connection(node, OTHER))
    (failed,) = published.failed
    assert (failed.event, failed.reason) == (EVENT.uuid, Reason.NO_PERMISSION)
    assert held(node) == expected(morning().add(head("iOS"), [address(head("iOS"), "192.0.2.9")]))
    assert journal.find(published.name).state is ImportState.OPEN


def test_asked_to_stop_it_goes_on_where_it_stopped(node: str, journal: Journal) -> None:
    drafts = Events().add(EVENT, addresses(EVENT, 6))
    asked = iter([False, False, False, False, True])
    with pytest.raises(Stopped):
        import_into(node, journal, drafts, limits=Limits(attributes=1), stop=lambda: next(asked))
    there = len(held(node)[EVENT.uuid]["attributes"])
    assert 0 < there < 6
    ((_, counts),) = journal.imports()
    assert counts.unacknowledged == there
    assert not held(node)[EVENT.uuid]["published"]
    published = import_into(node, journal, drafts)
    assert held(node) == expected(drafts)
    assert published.counts.attributes_added == 6
    assert len(journal.imports()) == 1


def test_each_event_is_acknowledged_once_it_is_there(node: str, journal: Journal) -> None:
    seen: list[tuple[str, int]] = []
    drafts = morning().add(head("iOS"), [address(head("iOS"), "192.0.2.9")])
    import_into(
        node, journal, drafts, at_once=1,
        acknowledged=lambda draft: seen.append((draft.uuid, len(held(node)))),
    )  # fmt: skip
    assert seen == [(EVENT.uuid, 1), (head("iOS").uuid, 2)]


def test_an_undone_import_was_never_there(node: str, journal: Journal) -> None:
    published = import_into(node, journal, morning())
    taken = undo(journal, published.name, connection(node))
    assert held(node) == {}
    assert taken.events_deleted == 1
    assert journal.find(published.name).state is ImportState.UNDONE
    assert {page.row.state for page in journal.pages(journal.find(published.name))} == {
        EventState.TAKEN_BACK
    }
    undo(journal, published.name, connection(node))
    import_into(node, journal, morning())
    assert held(node) == expected(morning())


def test_a_later_part_undone_leaves_the_earlier_one_as_it_was(node: str, journal: Journal) -> None:
    import_into(node, journal, morning())
    later = import_into(node, journal, evening())
    taken = undo(journal, later.name, connection(node))
    assert held(node) == expected(morning())
    assert (taken.attributes_deleted, taken.attributes_restored) == (1, 4)


def test_the_earlier_part_undone_leaves_what_the_later_one_counted(
    node: str, journal: Journal
) -> None:
    earlier = import_into(node, journal, morning())
    contents = [*addresses(EVENT, 2, count=5), login(EVENT, "root", count=3)]
    later = import_into(node, journal, Events().add(EVENT, contents))
    taken = undo(journal, earlier.name, connection(node))
    assert held(node) == expected(Events().add(EVENT, contents))
    assert taken.left_to_later == 3
    undo(journal, later.name, connection(node))
    assert held(node) == {}


def test_undone_twice_over_in_the_other_order_nothing_is_left(node: str, journal: Journal) -> None:
    earlier = import_into(node, journal, morning())
    later = import_into(node, journal, evening())
    for name in (later.name, earlier.name):
        undo(journal, name, connection(node))
    assert held(node) == {}


def test_what_others_added_outlives_the_undo(node: str, journal: Journal) -> None:
    published = import_into(node, journal, morning())
    misp = PyMISP(node, WRITER)
    misp.add_attribute(EVENT.uuid, {"type": "domain", "value": "c2.example"})
    undo(journal, published.name, connection(node))
    found = held(node)[EVENT.uuid]
    assert [one["value"] for one in found["attributes"].values()] == ["c2.example"]
    assert found["objects"] == {}


def test_an_event_that_was_there_before_gets_back_its_tags(node: str, journal: Journal) -> None:
    bare: dict[str, Any] = {"uuid": EVENT.uuid, "info": EVENT.info, "date": "2021-05-13"}
    PyMISP(node, WRITER).add_event({**bare, "Tag": [{"name": "mine"}]})
    before = held(node)
    published = import_into(node, journal, morning())
    assert held(node)[EVENT.uuid]["tags"] == ["docodoco.jp", "mine", "tlp:amber"]
    undo(journal, published.name, connection(node))
    assert held(node) == {EVENT.uuid: {**before[EVENT.uuid], "published": True}}


def test_only_a_known_import_at_its_own_misp_is_undone(node: str, journal: Journal) -> None:
    published = import_into(node, journal, morning())
    with pytest.raises(UnknownImport):
        undo(journal, "20200101-000000-0000", connection(node))
    with pytest.raises(ValueError, match="another MISP"):
        undo(journal, published.name, connection("http://127.0.0.1:9"))
