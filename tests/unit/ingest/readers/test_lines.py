"""Lines in any encoding are read, and a bad one is shown without what it could do to a terminal."""

import pytest

from securegrid.ingest.inputs.blocks import MAX_LINE
from securegrid.ingest.model import BadLine, Counted
from securegrid.ingest.readers.lines import Parsed, by_line, decoded, shown
from tests.unit.ingest.readers.blocks import block


@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "euc_jp"])
@pytest.mark.parametrize("text", ["どこどこJP アクセス", "東京都港区のソフト", "plain"])
def test_japanese_is_read_in_its_encoding(encoding: str, text: str) -> None:
    assert decoded(text.encode(encoding)) == text


def test_half_width_katakana_alone_are_shift_jis() -> None:
    assert decoded("ｱｸｾｽﾛｸﾞ".encode("cp932")) == "ｱｸｾｽﾛｸﾞ"


def test_the_given_encoding_goes_first() -> None:
    assert decoded(b"caf\xe9", "latin-1") == "café"


def test_bytes_of_no_encoding_keep_what_can_be_read() -> None:
    assert decoded(b"GET /\xff\xfe\xfd end") == "GET /\ufffd\ufffd\ufffd end"


def test_what_a_terminal_would_obey_is_escaped() -> None:
    told = shown("\x1b]0;owned\x07 ${jndi:ldap://x/a} \u202e\r\n")
    assert told.isprintable()
    assert "${jndi:ldap://x/a}" in told
    assert len(shown("x" * 10_000)) == 200


def parse(line: str) -> Parsed:
    if line.startswith("#"):
        return None
    name, _, at = line.partition(" ")
    return (("2021-05-13",), (name,), int(at)) if at.isdigit() else BadLine.NO_TIME


def test_lines_are_counted_passed_over_or_bad_and_no_other() -> None:
    text = "a 10\r\n# no data\n\nb 20\na 5\nc never\n" + "x" * (MAX_LINE + 1) + "\nlast 1"
    batch = by_line(block(text, first_line=101), parse)
    assert batch.lines == 8
    assert batch.passed_over == 2
    assert [(bad.number, bad.reason) for bad in batch.bad] == [
        (106, BadLine.NO_TIME),
        (107, BadLine.TOO_LONG),
    ]
    assert dict(batch.seen) == {
        (("2021-05-13",), ("a",)): Counted(5, 10, 2),
        (("2021-05-13",), ("b",)): Counted(20, 20, 1),
        (("2021-05-13",), ("last",)): Counted(1, 1, 1),
    }
