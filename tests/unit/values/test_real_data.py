"""Real lists and reports beside the project are understood as their authors meant them."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from securegrid.values.extract import extract
from securegrid.values.match import keys
from securegrid.values.model import Extraction, Kind, Reject, Value
from securegrid.values.normalise import normalise

pytestmark = pytest.mark.shared

NAMES = (Kind.DOMAIN, Kind.HOSTNAME)


def texts(found: Extraction) -> set[str]:
    return {entry.value.text for entry in found.entries}


def test_every_trail_of_blacktech(real_data: Path) -> None:
    text = (real_data / "maltrail-apt" / "apt_blacktech.txt").read_text()
    trails = {line.strip() for line in text.splitlines() if line.strip() and line[0] != "#"}
    found = extract(text)
    written = {form for entry in found.entries for form in entry.written}
    rejected = {rejected.written for rejected in found.rejected}
    assert written | rejected == trails
    assert all(piece.startswith("/") for piece in rejected)
    assert {entry.value.kind for entry in found.entries} <= {Kind.IPV4, Kind.URL, *NAMES}


def test_nearly_every_trail_of_all_groups(real_data: Path) -> None:
    """The rest are bare paths and names of roots that do not exist."""
    understood = rejected = 0
    for path in sorted((real_data / "maltrail-apt").glob("apt_*.txt")):
        found = extract(path.read_text(), limit=1_000_000)
        understood += len(found.entries)
        rejected += sum(
            r.count for r in found.rejected if not r.written.startswith(("/", "?", "="))
        )
    assert understood > 100_000
    assert rejected < understood / 500


def test_the_honeypot_lists(real_data: Path) -> None:
    for path in (real_data / "lac-iocs" / "honeypot").glob("*/ip_list.csv"):
        rows = [line.split(",") for line in path.read_text().splitlines()[1:]]
        found = extract(path.read_text(), limit=1_000_000)
        assert texts(found) == {row[1] for row in rows} | {row[2] for row in rows if row[2]}
        assert found.rejected == ()


def test_the_list_of_urls(real_data: Path) -> None:
    text = (real_data / "lac-iocs" / "honeypot" / "2023" / "url_list.csv").read_text()
    found = extract(text, limit=1_000_000)
    kinds = {entry.value.kind for entry in found.entries}
    rows = len({line.partition(",")[2] for line in text.splitlines()[1:]})
    assert kinds == {Kind.URL}
    assert len(found.entries) + sum(r.count for r in found.rejected) >= rows * 0.99
    assert len(found.rejected) < rows / 1_000


def test_the_lists_of_cybercrime(real_data: Path) -> None:
    for path in (real_data / "lac-iocs" / "Cybercrime").glob("*/*.csv"):
        rows = list(csv.reader(path.read_text("utf-8-sig").splitlines()))[1:]
        found = extract(path.read_text(), limit=1_000_000)
        assert len(found.entries) + len(found.rejected) == len(
            {row[2].lower() for row in rows if row}
        )
        assert len(found.rejected) <= len(rows) / 100
        assert {entry.label for entry in found.entries} & {row[1] for row in rows}


def test_networks_and_hosters(real_data: Path) -> None:
    for path in (real_data / "x4bnet" / "output").glob("*/ip*.txt"):
        lines = {line for line in path.read_text().splitlines() if line}
        found = extract(path.read_text(), limit=1_000_000)
        assert len(found.entries) == len(lines)
        assert found.rejected == ()
    for path in (real_data / "x4bnet" / "input").glob("*/ASN.txt"):
        found = extract(path.read_text(), limit=1_000_000)
        assert {entry.value.kind for entry in found.entries} == {Kind.AS}
        assert found.rejected == ()


def test_samples_of_every_campaign(real_data: Path) -> None:
    for path in (real_data / "eset").glob("*/samples.*"):
        digests = set(re.findall(r"\b[0-9a-f]{32,}\b", path.read_text().lower()))
        found = extract(path.read_text(), limit=1_000_000)
        assert texts(found) == digests, path
        assert {str(entry.value.kind) for entry in found.entries} <= {path.suffix[1:]}


def test_reports_hold_the_hashes_of_their_samples(real_data: Path) -> None:
    """What stands in a report as a hash comes out of it, whatever stands around it."""
    for path in (real_data / "eset").glob("*/README.adoc"):
        report = path.read_text()
        found = " ".join(texts(extract(report, limit=1_000_000)))
        for samples in path.parent.glob("samples.*"):
            for digest in samples.read_text().lower().split():
                assert (digest in found) == (digest in report.lower()), (path, digest)


def stored(node: object) -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        if {"type", "value", "category"} <= node.keys():
            yield str(node["type"]), str(node["value"])
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            yield from stored(child)


TYPED = {
    "md5", "sha1", "sha256", "domain", "hostname", "url", "link", "ip-src", "ip-dst", "filename",
    "vulnerability", "domain|ip", "filename|sha1",
}  # fmt: skip


def test_attributes_of_exported_events_are_recognised(real_data: Path) -> None:
    unknown: list[tuple[str, str]] = []
    seen = 0
    for path in (real_data / "eset").glob("*/*.json"):
        for misp_type, value in stored(json.loads(path.read_text())):
            if misp_type not in TYPED:
                continue
            seen += 1
            if not keys(misp_type, value):
                unknown.append((misp_type, value))
            elif "|" not in misp_type:
                asked = normalise(value)
                assert not isinstance(asked, Value) or asked.text in dict(keys(misp_type, value))
    assert seen > 1_000
    assert len(unknown) < seen / 100, unknown


def test_the_hit_table_of_the_trial(real_data: Path) -> None:
    text = (real_data.parent / "mission" / "trial_hits.csv").read_text()
    found = extract(text)
    assert len(found.entries) == 13
    assert {entry.value.kind for entry in found.entries} == {Kind.IPV4}
    assert found.entries[1].note == "dxc.yasonbin[.]info resolved to it around 2018"
    assert found.rejected == ()


def test_the_talk_itself(real_data: Path) -> None:
    found = extract((real_data.parent / "mission" / "talk.ja.txt").read_text())
    assert {"dxc.yasonbin.info", "forum.wesogo.com", "cypd.linestw.com"} <= texts(found)
    assert {r.reason for r in found.rejected} == {Reject.INVALID_ADDRESS}
