"""``securegrid search``: formats, exit codes, where the token comes from, clear refusals."""

import csv
import io
import json
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Command
from tests.unit.cli.fake_portal import TOKEN, FakePortal, hit, misp, search_document

At = tuple[str, ...]


async def test_a_file_is_asked_with_its_label_and_deadline(
    securegrid: Command, portal: FakePortal, at: At, tmp_path: Path
) -> None:
    (tmp_path / "list.csv").write_text("192.0.2.1\n")
    file = str(tmp_path / "list.csv")
    ended = await securegrid("search", file, *at, "--label", "A list", "--deadline", "12")
    assert (ended.code, ended.err) == (0, "")
    assert portal.asked == [{"text": "192.0.2.1\n", "label": "A list", "deadline_s": 12.0}]
    assert portal.headers[0]["Authorization"] == f"Bearer {TOKEN}"


async def test_the_table_names_misps_hits_and_what_was_not_understood(
    securegrid: Command, at: At
) -> None:
    ended = await securegrid("search", *at, typed=b"192.0.2.1")
    for shown in ("GEO-MISP", "0.14 s", "どこどこJP VPS(2)", "evil.example.com", "zzz"):
        assert shown in ended.out
    assert "2 values at 2 MISPs: 3 hit, 1 no hit, 0 not answered, 0 not asked." in ended.out


async def test_json_is_the_portals_own_document(
    securegrid: Command, portal: FakePortal, at: At
) -> None:
    ended = await securegrid("search", *at, "--format", "json", typed=b"192.0.2.1")
    assert json.loads(ended.out) == portal.document


async def test_csv_has_a_line_per_hit_and_defuses_formulas(securegrid: Command, at: At) -> None:
    ended = await securegrid("search", *at, "--format", "csv", typed=b"192.0.2.1")
    rows = list(csv.DictReader(io.StringIO(ended.out)))
    assert [(row["value"], row["misp"], row["state"]) for row in rows] == [
        ("192.0.2.1", "GEO-MISP", "hit"),
        ("192.0.2.1", "GEO-MISP", "hit"),
        ("192.0.2.1", "LAB", "hit"),
        ("evil.example.com", "LAB", "hit"),
    ]
    assert {row["attribute_comment"] for row in rows} == {"'=cmd()"}
    assert rows[0]["event_tags"] == "a tag"


async def test_csv_tells_every_cell_without_an_answer(
    securegrid: Command, portal: FakePortal, at: At
) -> None:
    portal.document = search_document(
        hits=[], cells={"hit": 0, "miss": 2, "not_answered": 2, "not_asked": 0},
        misps=[misp("GEO-MISP", 0), misp("LAB", 0, "not_answered", "timed_out")],
    )  # fmt: skip
    ended = await securegrid("search", *at, "--format", "csv", typed=b"192.0.2.1")
    rows = list(csv.DictReader(io.StringIO(ended.out)))
    assert [(r["value"], r["misp"], r["state"], r["reason"]) for r in rows] == [
        ("192.0.2.1", "LAB", "not_answered", "timed_out"),
        ("evil.example.com", "LAB", "not_answered", "timed_out"),
    ]


async def test_a_search_may_be_private_and_look_for_what_is_related(
    securegrid: Command, portal: FakePortal, at: At
) -> None:
    await securegrid("search", *at, "--private", "--related", typed=b"192.0.2.1")
    assert portal.asked[0].items() >= {"private": True, "related": True}.items()


async def test_every_format_says_how_each_misp_was_searched(
    securegrid: Command, portal: FakePortal, at: At
) -> None:
    indexed = misp("LAB", 2) | {"mode": "indexed", "index_age_s": 425.4}
    portal.document["misps"] = [misp("GEO-MISP", 1) | {"mode": "live"}, indexed]
    for form in ("table", "md"):
        ended = await securegrid("search", *at, "--format", form, typed=b"192.0.2.1")
        assert "indexed, 7 min old" in " ".join(ended.out.split())
        assert "live" in ended.out
    ended = await securegrid("search", *at, "--format", "csv", typed=b"192.0.2.1")
    rows = list(csv.DictReader(io.StringIO(ended.out)))
    told = {row["misp"]: (row["mode"], row["index_age_s"]) for row in rows}
    assert told == {"GEO-MISP": ("live", ""), "LAB": ("indexed", "425")}


async def test_every_format_tells_the_network_of_an_address(
    securegrid: Command, portal: FakePortal, at: At
) -> None:
    portal.document["values"][0]["origin"] = {"asn": 64_500, "name": "HOSTER", "country": "BG"}
    ended = await securegrid("search", *at, "--format", "md", typed=b"192.0.2.1")
    assert "AS64500 HOSTER (BG)" in ended.out
    ended = await securegrid("search", *at, "--format", "csv", typed=b"192.0.2.1")
    told = {r["value"]: (r["asn"], r["as_name"], r["asn_country_code"])
            for r in csv.DictReader(io.StringIO(ended.out))}  # fmt: skip
    assert told == {"192.0.2.1": ("64500", "HOSTER", "BG"), "evil.example.com": ("", "", "")}


async def test_every_format_labels_what_is_only_related(
    securegrid: Command, portal: FakePortal, at: At
) -> None:
    related = hit("192.0.2.1", "LAB", "A report", "") | {"relation": "its_network"}
    portal.document["hits"] = [hit("192.0.2.1", "LAB", "A report", ""), related]
    for form in ("table", "md"):
        ended = await securegrid("search", *at, "--format", form, typed=b"192.0.2.1")
        assert "network" in ended.out.replace("Network activity", "")
    ended = await securegrid("search", *at, "--format", "csv", typed=b"192.0.2.1")
    rows = csv.DictReader(io.StringIO(ended.out))
    assert [row["relation"] for row in rows] == ["equal", "its_network"]


async def test_a_hit_without_details_says_why(
    securegrid: Command, portal: FakePortal, at: At
) -> None:
    bare = hit("192.0.2.1", "LAB", "", "") | {"event": None, "attribute": None}
    portal.document["hits"] = [bare | {"reason": "timed_out"}]
    ended = await securegrid("search", *at, "--format", "md", typed=b"192.0.2.1")
    assert "details not available" in ended.out
    ended = await securegrid("search", *at, "--format", "csv", typed=b"192.0.2.1")
    (row,) = csv.DictReader(io.StringIO(ended.out))
    assert (row["state"], row["reason"], row["event_title"]) == ("hit", "timed_out", "")


async def test_markdown_holds_foreign_text_as_text(
    securegrid: Command, portal: FakePortal, at: At
) -> None:
    portal.document["hits"] = [hit("192.0.2.1", "LAB", "a|b [x](http://evil.example) <b>", "")]
    ended = await securegrid("search", *at, "--format", "md", typed=b"192.0.2.1")
    assert r"a\|b \[x\](http:\//evil.example) \<b\>" in ended.out


async def test_what_a_misp_says_cannot_steer_the_terminal(
    securegrid: Command, portal: FakePortal, at: At
) -> None:
    nasty = "\x1b[2J\x9b31mred\u202ecod.exe\x07[bold]not bold"
    portal.document["hits"] = [hit("192.0.2.1", "LAB", nasty, "")]
    ended = await securegrid("search", *at, typed=b"192.0.2.1")
    assert not set(ended.out) & set("\x1b\x9b\u202e\x07")
    assert "[bold]not bold" in ended.out


@pytest.mark.parametrize(
    ("misps", "code"),
    [
        ([misp("A", 1), misp("B", 0)], 0),
        ([misp("A", 1), misp("B", 0, "not_asked", "switched_off")], 0),
        ([misp("A", 1), misp("B", 0, "not_asked", "not_private")], 0),
        ([misp("A", 1), misp("B", 0, "not_asked", "index_stale")], 3),
        ([misp("A", 1), misp("B", 0, "not_answered", "timed_out")], 3),
        ([misp("A", 1, "partly", "deadline")], 3),
        ([misp("A", 0, "not_asked", "resting")], 3),
    ],
)
async def test_the_exit_code_says_whether_all_answered(
    securegrid: Command, portal: FakePortal, at: At, misps: list[object], code: int
) -> None:
    portal.document = search_document(misps=misps, hits=[])
    assert (await securegrid("search", *at, typed=b"192.0.2.1")).code == code


async def test_a_stream_that_breaks_is_no_failure(
    securegrid: Command, portal: FakePortal, at: At
) -> None:
    portal.breaks_stream = True
    assert (await securegrid("search", *at, typed=b"192.0.2.1")).code == 0


async def test_the_token_may_come_from_a_file_the_environment_or_standard_input(
    securegrid: Command, portal: FakePortal, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    (tmp_path / "list").write_text("192.0.2.1")
    token_file, listed = str(tmp_path / "token"), str(tmp_path / "list")
    ways = (
        await securegrid("search", listed, "--portal", portal.url, "--token-file", token_file),
        await securegrid("search", listed, SECUREGRID_PORTAL=portal.url, SECUREGRID_TOKEN=TOKEN),
        await securegrid(
            "search", listed, "--portal", portal.url, "--token", "-", typed=TOKEN.encode()
        ),
    )
    assert [ended.code for ended in ways] == [0, 0, 0]
    assert {headers["Authorization"] for headers in portal.headers} == {f"Bearer {TOKEN}"}


@pytest.mark.parametrize(
    ("typed", "english", "japanese"),
    [
        (b" \n", "the input is empty", "入力が空のため"),
        (b"\x7fELF\0\0\0", "The input is not text", "入力がテキストではありません"),
    ],
)
async def test_bad_input_gets_a_clear_word_in_the_users_language(
    securegrid: Command, at: At, typed: bytes, english: str, japanese: str
) -> None:
    told = await securegrid("search", *at, typed=typed)
    tell = await securegrid("search", *at, typed=typed, language="ja_JP.UTF-8")
    assert (told.code, tell.code) == (1, 1)
    assert english in told.err
    assert japanese in tell.err


async def test_lists_in_shift_jis_and_utf_16_are_read(
    securegrid: Command, portal: FakePortal, at: At
) -> None:
    text = "値,情報源\n192.0.2.1,調査メモ\n"
    for encoding in ("cp932", "utf-16", "utf-8-sig"):
        await securegrid("search", *at, typed=text.encode(encoding))
    assert [asked["text"] for asked in portal.asked] == [text] * 3


@pytest.mark.parametrize(
    ("status", "raw", "told"),
    [
        (401, b'{"error":{"code":"unauthenticated","message":"No."}}', "No. (unauthenticated)"),
        (302, b"", "did not answer like a SecureGRID Portal (HTTP 302)"),
        (200, b"<html>a login page</html>", "did not answer like a SecureGRID Portal"),
        (502, b"<html>bad gateway</html>", "(HTTP 502)"),
    ],
)
async def test_an_answer_that_is_no_search_is_told_without_a_trace(
    securegrid: Command, portal: FakePortal, at: At, status: int, raw: bytes, told: str
) -> None:
    portal.status, portal.raw = status, raw
    ended = await securegrid("search", *at, typed=b"192.0.2.1")
    assert ended.code == 1
    assert told in ended.err
    assert "Traceback" not in ended.err
    assert TOKEN not in ended.err


async def test_a_portal_that_is_not_there_and_wrong_use_end_with_1(
    securegrid: Command, portal: FakePortal
) -> None:
    at_nothing = ("--portal", "http://127.0.0.1:1", "--token", TOKEN)
    ended = await securegrid("search", *at_nothing, typed=b"192.0.2.1")
    assert (ended.code, "cannot be reached" in ended.err) == (1, True)
    assert (await securegrid("search", "--no-such-option")).code == 1
    nowhere = await securegrid("search", "--portal", "ftp://x", "--token", TOKEN, typed=b"1")
    assert "must begin with https://" in nowhere.err


async def test_when_nothing_can_be_searched_each_piece_says_why(
    securegrid: Command, portal: FakePortal, at: At
) -> None:
    portal.status, portal.raw = 400, b'{"error":{"code":"no_values","message":"Nothing."}}'
    ended = await securegrid("search", *at, typed=b"zzz\nyyy\n", language="ja_JP.UTF-8")
    assert (ended.code, ended.out) == (1, "")
    assert "  zzz: 検索できる種別の値として認識できません" in ended.err


async def test_an_unencrypted_way_is_warned_of(securegrid: Command) -> None:
    far = ("--portal", "http://portal.invalid", "--token", TOKEN)
    ended = await securegrid("search", *far, typed=b"192.0.2.1")
    assert "others on the way can read the token" in ended.err
