"""``securegrid trial``: the talk's two tables out of one search."""

import csv
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Command
from tests.unit.cli.fake_portal import FakePortal, hit, misp, search_document

At = tuple[str, ...]


@pytest.fixture
def listed(tmp_path: Path) -> str:
    """A list to search."""
    (tmp_path / "list.csv").write_text("value,label,source\n192.0.2.1,public,a note\n")
    return str(tmp_path / "list.csv")


def rows(path: Path) -> list[dict[str, str]]:
    """A CSV file as it is read by programs."""
    with path.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


async def test_both_tables_are_written_in_every_form(
    securegrid: Command, at: At, listed: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    ended = await securegrid("trial", listed, *at, "--out", str(out))
    assert ended.code == 0
    assert {path.name for path in out.iterdir()} == {
        "trial.md", "trial.html", "summary.csv", "hits.csv",
    }  # fmt: skip
    assert rows(out / "summary.csv") == [
        {"misp": "GEO-MISP", "member": "Member", "values_hit": "1", "values": "2",
         "answer_time_ms": "140", "state": "answered", "reason": "",
             "mode": "live", "index_age_s": ""},
        {"misp": "LAB", "member": "Member", "values_hit": "2", "values": "2",
         "answer_time_ms": "140", "state": "answered", "reason": "",
             "mode": "live", "index_age_s": ""},
    ]  # fmt: skip


async def test_the_hit_table_counts_daily_events_together_and_begins_with_the_rarest(
    securegrid: Command, at: At, listed: str, tmp_path: Path
) -> None:
    await securegrid("trial", listed, *at, "--out", str(tmp_path))
    first, second = rows(tmp_path / "hits.csv")
    assert (first["no"], first["value"], first["source"]) == ("1", "192.0.2.1", "a note")
    assert (first["GEO-MISP"], first["LAB"]) == ("2", "1")
    assert first["GEO-MISP events"] == "どこどこJP VPS(2)"
    assert (second["value"], second["GEO-MISP"], second["LAB"]) == ("evil.example.com", "0", "1")


async def test_every_table_tells_the_network_of_an_address(
    securegrid: Command, portal: FakePortal, at: At, listed: str, tmp_path: Path
) -> None:
    origin = {"asn": 64_500, "name": "=HOSTER <b>", "country": "BG"}
    portal.document["values"][0]["origin"] = origin
    portal.document["origins_dated"] = "2026-09-16"
    await securegrid("trial", listed, *at, "--out", str(tmp_path))
    first, second = rows(tmp_path / "hits.csv")
    told = ("64500", "'=HOSTER <b>", "BG")
    assert (first["asn"], first["as_name"], first["asn_country_code"]) == told
    assert (second["asn"], second["as_name"], second["asn_country_code"]) == ("", "", "")
    page, markdown = ((tmp_path / f"trial.{end}").read_text() for end in ("html", "md"))
    assert "AS64500 =HOSTER &lt;b&gt; (BG)" in page
    assert r"AS64500 =HOSTER \<b\> (BG)" in markdown
    assert all("as of 2026-09-16" in told for told in (page, markdown))


async def test_the_page_needs_nothing_else_and_holds_foreign_text_as_text(
    securegrid: Command, portal: FakePortal, at: At, listed: str, tmp_path: Path
) -> None:
    portal.document["hits"] = [hit("192.0.2.1", "LAB", "<img src=//evil.example>\x1b", "")]
    await securegrid("trial", listed, *at, "--out", str(tmp_path), language="ja_JP.UTF-8")
    page = (tmp_path / "trial.html").read_text()
    assert '<html lang="ja">' in page
    assert "&lt;img src=//evil.example&gt;" in page
    for outside in ("<img", "<script", "<link", 'src="', "href", "url(", "@import", "\x1b"):
        assert outside not in page
    assert "default-src 'none'" in page


async def test_an_incomplete_answer_is_said_on_the_page_and_by_the_exit_code(
    securegrid: Command, portal: FakePortal, at: At, listed: str, tmp_path: Path
) -> None:
    portal.document = search_document(misps=[misp("LAB", 0, "partly", "deadline")], hits=[])
    ended = await securegrid("trial", listed, *at, "--out", str(tmp_path))
    assert ended.code == 3
    assert "Not every MISP answered" in (tmp_path / "trial.html").read_text()
    assert "Not every MISP answered" in (tmp_path / "trial.md").read_text()


async def test_what_an_owner_does_not_tell_is_said_so(
    securegrid: Command, portal: FakePortal, at: At, listed: str, tmp_path: Path
) -> None:
    bare = {"value": "192.0.2.1", "misp": "LAB", "relation": "equal", "count": None}
    counted = bare | {"misp": "GEO-MISP", "count": 7}
    nothing = {"event": None, "attribute": None}
    portal.document["hits"] = [bare | nothing, counted | nothing]
    await securegrid("trial", listed, *at, "--out", str(tmp_path))
    (row,) = rows(tmp_path / "hits.csv")
    assert (row["LAB"], row["GEO-MISP"], row["LAB events"]) == ("yes", "7", "")


async def test_a_folder_that_cannot_be_written_is_told(
    securegrid: Command, at: At, listed: str
) -> None:
    ended = await securegrid("trial", listed, *at, "--out", f"{listed}/inside")
    assert (ended.code, "cannot be written" in ended.err) == (1, True)
