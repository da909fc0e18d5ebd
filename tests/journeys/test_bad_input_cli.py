"""What people may hand to the command line: told in a sentence of their language, exit code 1."""

import asyncio
import csv
import io
import json
import re
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Command, at, portal, securegrid
from tests.unit.cli.fake_portal import FakePortal

__all__ = ["at", "portal", "securegrid"]

At = tuple[str, ...]
MB = 1_000_000
JAPANESE = re.compile("[ぁ-んァ-ヶ]")
LANGUAGES = [("C.UTF-8", False), ("ja_JP.UTF-8", True)]
SECONDS = 60.0

NO_TEXT = {
    "empty": b"",
    "byte order mark and blanks": b"\xef\xbb\xbf \n\t\n",
    "binary": bytes(range(256)) * 100,
    "NUL": b"192.0.2.1\0\n",
    "cut utf-16": b"\xff\xfea",
    "neither utf-8 nor shift_jis": b"\x81 \xff.example",
}


@pytest.mark.parametrize(
    ("name", "language", "japanese"),
    [(name, *LANGUAGES[number % 2]) for number, name in enumerate(NO_TEXT)],
)
async def test_what_is_no_text_is_refused_before_anything_is_sent(
    securegrid: Command, portal: FakePortal, at: At, name: str, language: str, japanese: bool
) -> None:
    commands = [("extract",), ("search", *at)]
    ended = await asyncio.gather(
        *(securegrid(*one, typed=NO_TEXT[name], language=language) for one in commands)
    )
    for one in ended:
        assert (one.code, one.out) == (1, "")
        assert bool(JAPANESE.search(one.err)) == japanese
        assert 0 < len(one.err.strip().splitlines()) <= 2
        assert "Traceback" not in one.err
    assert portal.asked == []


async def test_what_is_too_large_is_not_even_read(
    securegrid: Command, portal: FakePortal, at: At, tmp_path: Path
) -> None:
    file = tmp_path / "huge.txt"
    with file.open("wb") as opened:
        opened.truncate(100 * MB)  # sparse: no disk is filled
    for command in (("extract", str(file)), ("search", str(file), *at)):
        ended = await securegrid(*command)
        assert (ended.code, ended.out) == (1, "")
        assert "50 MB" in ended.err
    assert portal.asked == []


@pytest.mark.parametrize("name", ["nowhere.txt", "a\x1b[2Jfolder"])
async def test_a_file_that_cannot_be_read(securegrid: Command, tmp_path: Path, name: str) -> None:
    if "folder" in name:
        (tmp_path / name).mkdir()
    ended = await securegrid("extract", str(tmp_path / name))
    assert (ended.code, ended.out) == (1, "")
    assert "\x1b" not in ended.err
    assert "Traceback" not in ended.err


async def test_200_000_values_and_one_of_1_mb(securegrid: Command) -> None:
    text = "\n".join([*(f"h{n}.example" for n in range(200_000)), "x" * MB])
    async with asyncio.timeout(SECONDS):
        ended = await securegrid("extract", "--format", "json", typed=text.encode())
    told = json.loads(ended.out)
    assert (ended.code, len(told["values"])) == (0, 200_000)
    assert all(len(piece["written"]) < 3_000 for piece in told["rejected"])
    assert told["rejected"]


HOSTILE = (
    "value,label,source\n"
    "evil.example,=cmd|'/C calc'!A1,@SUM(1)\n"
    "198.51.100.7,<script>alert(1)</script>,+1\n"
    "203.0.113.9,\x1b]0;title\x07,-1|a|b\n"
    "\x1b[2J\x9b31m,,\n"
).encode()


@pytest.mark.parametrize("form", ["table", "md", "csv"])
async def test_no_text_commands_the_terminal_or_a_spreadsheet(
    securegrid: Command, form: str
) -> None:
    ended = await securegrid("extract", "--format", form, typed=HOSTILE)
    assert ended.code == 0
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", (ended.out + ended.err).replace("\r", ""))
    if form == "csv":
        rows = list(csv.DictReader(io.StringIO(ended.out.lstrip("\ufeff"))))
        cells = [cell for row in rows for cell in row.values() if cell]
        assert "'=cmd|'/C calc'!A1" in cells
        assert not [cell for cell in cells if cell[0] in "=+-@"]
    if form == "md":
        assert "<script>" not in ended.out
        assert all(line.count("|") - line.count("\\|") == 6 for line in ended.out.splitlines()[:5])


@pytest.mark.parametrize("deadline", ["0.5", "121", "nan", "soon"])
async def test_a_deadline_out_of_range_sends_nothing(
    securegrid: Command, portal: FakePortal, at: At, deadline: str
) -> None:
    ended = await securegrid("search", *at, "--deadline", deadline, typed=b"a.example")
    assert ended.code == 1
    assert "Traceback" not in ended.err
    assert "deadline" in ended.err.lower()
    assert portal.asked == []


async def test_a_label_is_sent_as_it_is_and_shown_without_control_characters(
    securegrid: Command, portal: FakePortal, at: At
) -> None:
    label = "=1+1 <b>\x1b[2J"
    ended = await securegrid("search", *at, "--label", label, typed=b"a.example")
    assert portal.asked[0]["label"] == label
    assert "\x1b" not in ended.out + ended.err
