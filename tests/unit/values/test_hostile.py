"""Input made to be slow is read in time that grows with its length alone."""

import time

import pytest

from securegrid.values.extract import extract
from securegrid.values.normalise import normalise

LENGTH = 40_000
SECONDS = 5.0
"""Reading in proportion takes half a second at most; in the square of the length, far longer."""

PARTS = [
    "a", "a.", "a[.]", "[.]", "http://", "http:// ", "http://a[", "1:", ":", "::1 ", "(", ")(", '"',
    ",", "1.1.1.1,", "1.1.1.1 ", "1.1.1.1/", "deadbeef", "a@", "a@b.", "a" + " " * 8_000 + "b\n",
    "%", "%41", "/", "\\", "a\\.", ".", "-", "- ", "a # ", "\0", "。", "a。com。", "あ", "あ.",
    "é.", "1", "bc1q", "[", " [", "[(", "CVE-", "AS", "T1", "|", "a.com/", "http://a,",
    "http:/" * 1_300 + "\n",
    'a,"b\n', '"\n', "xn--a.", "xn--" + "a" * 50 + ".", ("é" * 60 + ".") * 100 + "\n",
    "(" * 4_000 + ")" * 4_000 + "\n", "2001:db8::1,", "ip=1.2.3.4;", "\t", "3:aaaaaa:aaa", "a.zip ",
    "<a@", "\u0301", "\u200b", "ﷺ", "=", "`", "*_",
]  # fmt: skip


@pytest.mark.parametrize("before", ["", "Words of a report.\n" * 3, "value,note\n", "a.com\n" * 9])
@pytest.mark.parametrize("part", PARTS, ids=lambda part: ascii(part[:8]))
def test_repetitions_are_read_in_proportion(part: str, before: str) -> None:
    text = before + part * (LENGTH // len(part))
    started = time.process_time()
    extract(text)
    assert time.process_time() - started < SECONDS


@pytest.mark.parametrize("part", PARTS, ids=lambda part: ascii(part[:8]))
def test_one_piece_is_read_in_proportion(part: str) -> None:
    started = time.process_time()
    for length in (8_000, 200_000):
        normalise(part * (length // len(part)))
        normalise("http://evil.com/" + part * (length // len(part)))
    assert time.process_time() - started < SECONDS
