"""STIX bundles become MISP events, quietly and without a network."""

import json
import socket
from typing import Any

import pytest
from misp_stix_converter import MISPtoSTIX21Parser

from securegrid.ingest.model import BadLine, ObjectDraft
from securegrid.ingest.readers.format import UnknownFormatError
from securegrid.ingest.readers.stix import STIX, make_reader
from tests.unit.ingest.readers.blocks import OPTIONS, block, flat, shape_options, shaped

SHAPE = STIX.shape(shape_options("feed", "tlp:amber"))
BASE = "6f1c6c7e-6a4b-4d0a-9a53-0b8d6f2f20"
MADE = "2026-01-02T03:04:05.000Z"
SHA256 = "a" * 64


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a reader goes to no network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def thing(kind: str, number: int, **more: object) -> dict[str, object]:
    told = {"type": kind, "spec_version": "2.1", "id": f"{kind}--{BASE}{number:02}",
            "created": MADE, "modified": MADE}  # fmt: skip
    return told | more


def indicator(number: int, pattern: str) -> dict[str, object]:
    return thing("indicator", number, pattern=pattern, pattern_type="stix", valid_from=MADE)


def bundle(*objects: dict[str, object]) -> bytes:
    told = {"type": "bundle", "id": f"bundle--{BASE}99", "objects": list(objects)}
    return json.dumps(told).encode()


def events_of(raw: bytes) -> tuple[dict[str, Any], tuple[BadLine, ...]]:
    batch = make_reader(raw, OPTIONS).read(block(raw))
    return shaped(SHAPE, batch), tuple(one.reason for one in batch.bad)


GOOD = bundle(
    indicator(1, "[ipv4-addr:value = '203.0.113.7']"),
    indicator(2, f"[file:hashes.'SHA-256' = '{SHA256}' AND file:name = 'x.exe']"),
    thing("malware", 3, name="PLEAD", is_family=True),
    {"type": "ipv4-addr", "spec_version": "2.1", "id": f"ipv4-addr--{BASE}04",
     "value": "203.0.113.9"},
)  # fmt: skip


def test_a_bundle_becomes_one_event_of_its_newest_day(capfd: pytest.CaptureFixture[str]) -> None:
    events, bad = events_of(GOOD)
    assert bad == ()
    ((head, contents),) = events.values()
    assert (head.info, str(head.date)) == ("[feed] 2026-01-02 STIX 2.1 bundle", "2026-01-02")
    assert (head.tags[0], head.tags[-1]) == ("source:feed", "tlp:amber")
    assert any("PLEAD" in tag for tag in head.tags)
    assert {(one.type, one.value, one.to_ids) for one in flat(contents)} == {
        ("ip-dst", "203.0.113.7", True),
        ("ip-dst", "203.0.113.9", False),
        ("sha256", SHA256, True),
        ("filename", "x.exe", True),
    }
    assert [one.template for one in contents if isinstance(one, ObjectDraft)] == ["file"]
    assert capfd.readouterr() == ("", "")


def test_a_report_gives_its_own_event_its_title() -> None:
    refs = [f"indicator--{BASE}01"]
    report = thing("report", 5, name="About PLEAD", published=MADE, object_refs=refs)
    events, bad = events_of(bundle(indicator(1, "[domain-name:value = 'a.example']"), report))
    assert (list(events), bad) == (["About PLEAD"], ())


def test_what_misp_stix_wrote_comes_back_with_its_uuids(capfd: pytest.CaptureFixture[str]) -> None:
    attribute = {"uuid": f"{BASE}02", "type": "ip-dst", "category": "Network activity",
                 "value": "203.0.113.7", "to_ids": True}  # fmt: skip
    told = {"uuid": f"{BASE}01", "info": "About PLEAD", "date": "2026-01-02",
            "Attribute": [attribute], "Orgc": {"name": "LAC", "uuid": f"{BASE}03"},
            "timestamp": "1767323045", "Tag": [{"name": "tlp:green"}]}  # fmt: skip
    writer = MISPtoSTIX21Parser()
    writer.parse_misp_event({"Event": told})
    events, bad = events_of(writer.bundle.serialize().encode())
    ((head, contents),) = events.values()
    assert (head.info, bad, capfd.readouterr()) == ("About PLEAD", (), ("", ""))
    assert "tlp:green" in head.tags
    assert "tlp:amber" not in head.tags
    assert [(one.uuid, one.value, one.to_ids) for one in flat(contents)] == [
        (f"{BASE}02", "203.0.113.7", True)
    ]


def test_reading_again_gives_the_same_uuids() -> None:
    assert events_of(GOOD) == events_of(GOOD)


@pytest.mark.parametrize(
    "objects",
    [
        [indicator(1, "[bogus")],
        [indicator(1, "[ipv4-addr:value = '203.0.113.7'] AND")],
        [thing("indicator", 1)],
        [{"type": "nonsense"}],
        [thing("x-own", 1, name="x")],
        [{}],
        [thing("relationship", 1, source_ref="a", target_ref="b", relationship_type="c")],
    ],
)
def test_a_strange_object_stops_nothing_and_says_nothing_on_the_terminal(
    objects: list[dict[str, object]], capfd: pytest.CaptureFixture[str]
) -> None:
    good = indicator(9, "[ipv4-addr:value = '203.0.113.7']")
    raw = bundle(*objects, good)
    batch = make_reader(raw, OPTIONS).read(block(raw))
    found = {one.value for _, contents in shaped(SHAPE, batch).values() for one in flat(contents)}
    assert "203.0.113.7" in found or batch.bad
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "raw",
    [b'{"type": "bundle"}', b'{"type": "bundle", "objects": 1}', b'{"type": "bundle", ',
     b'{"bundle": ' * 5_000, b'{"type": "bundle", "objects": []}',
     b'{"type": "bundle", "id": 1, "objects": [1]}'],
)  # fmt: skip
def test_a_broken_bundle_is_told(raw: bytes) -> None:
    assert set(events_of(raw)[1]) <= {BadLine.NOT_THE_FORMAT, BadLine.NO_TIME}
    assert events_of(raw)[0] == {}
    assert events_of(raw)[1]


@pytest.mark.parametrize("head", [b"[]", b'{"Event": {}}', b"a,b"])
def test_what_is_no_bundle_is_refused(head: bytes) -> None:
    with pytest.raises(UnknownFormatError):
        make_reader(head, OPTIONS)
