"""No line can break a reader, hide a neighbour, take long, or be neither counted nor told."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from securegrid.ingest.model import Block, Reader
from securegrid.ingest.readers.geolocation import GeolocationOptions, make_reader
from tests.unit.ingest.readers.access import EVERYBODY, options, reader_of
from tests.unit.ingest.readers.blocks import NOW
from tests.unit.ingest.readers.test_access_log import ALB, COMBINED, JSON, LINES

PIECES = [
    *("\\", '"', "[", "]", "{", "}", " ", ",", "-", ":", "\x1b[31m", "\u202e", "\0", "ソ", "表"),
    *("${jndi:ldap://x/a}", "198.51.100.7", "2001:db8::7", "10.0.0.1, ", "::", "1e999", "NaN"),
    *("13/May/2021:12:00:00 +0900", "[13/May/2021:12:00:00 +0900]", '"GET / HTTP/1.1" 200 5'),
    *("999999999999999999999", "-1", "2021-05-13T03:00:00Z", "h2 ", '{"log": "', "[Client ", "\r"),
]
texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=16).map("".join)
encoded = st.one_of(
    texts.map(lambda text: text.encode("utf-8", "replace")),
    texts.map(lambda text: text.encode("cp932", "replace")),
    st.binary(max_size=60),
)
mutated = st.builds(
    lambda line, at, size, piece: line[: at % len(line)] + piece + line[at % len(line) + size :],
    st.sampled_from([line.encode() for line in LINES.values()]),
    st.integers(0, 10_000),
    st.integers(0, 30),
    encoded,
)
lines = (encoded | mutated).map(lambda raw: raw.replace(b"\n", b" "))

GEO_HEADER = "time,ip_address,user_agent,anonymous_class,provider_url,country,organisation\n"
GEO_ROW = "2021-05-13T09:00:08+09:00,198.51.100.7,-,VPS/Cloud,https://aws.amazon.com/,US,Amazon"
GOOD: dict[str, tuple[Reader, str]] = {
    "combined": (reader_of(COMBINED), COMBINED),
    "combined behind proxies": (reader_of(COMBINED, options("10.0.0.0/8")), COMBINED),
    "json": (reader_of(LINES["nginx"]), LINES["nginx"]),
    "alb": (reader_of(ALB), ALB),
    "rows": (
        make_reader(GEO_HEADER.encode(), GeolocationOptions(now=NOW, networks=EVERYBODY)),
        GEO_ROW,
    ),
}


@pytest.mark.parametrize("kind", GOOD)
@settings(max_examples=80, deadline=None)
@given(hostile=st.lists(lines, max_size=5))
def test_good_lines_around_hostile_ones_are_counted(kind: str, hostile: list[bytes]) -> None:
    reader, good = GOOD[kind]
    rows = [good.encode(), *(row for one in hostile for row in (one, good.encode()))]
    batch = reader.read(Block(b"\n".join(rows) + b"\n", 1))
    assert batch.lines == len(rows)
    counted = sum(one.count for one in batch.seen.values())
    assert counted + batch.passed_over + len(batch.bad) == len(rows)
    # What is not counted is one of the hostile lines.
    assert counted >= len(hostile) + 1
    assert all(bad.number % 2 == 0 and bad.head.isprintable() for bad in batch.bad)
    assert all(one.first <= one.last for one in batch.seen.values())


SLOW = {
    "quotes": '"' * 300_000,
    "backslashes": "\\" * 300_000,
    "brackets": "[" * 300_000,
    "blanks": " " * 300_000,
    "escaped quotes": '"' + '\\"' * 150_000,
    "pairs of quotes": '" "' * 100_000,
    "times": "[13/May/2021:12:00:00 +0900" * 10_000,
    "half a line over and over": '1.2.3.4 - - [13/May/2021:12:00:00 +0900] "' * 7_000,
    "colons": ":" * 300_000,
    "digits": "9" * 300_000,
    "commas": "," * 300_000,
    "braces": '{"a":' * 50_000,
    "addresses": "1.2.3.4, " * 30_000,
    "alb": "h2 2021-05-13T03:00:00Z a " * 10_000,
}


@pytest.mark.parametrize("kind", GOOD)
@pytest.mark.parametrize("attack", SLOW)
def test_no_line_takes_long(kind: str, attack: str) -> None:
    reader, good = GOOD[kind]
    began = time.process_time()
    batch = reader.read(Block(f"{good}\n{SLOW[attack]}\n{good[:50]}{SLOW[attack]}\n".encode(), 1))
    # Linear time is some milliseconds; quadratic would be minutes.
    assert time.process_time() - began < 2
    assert batch.lines == 3


def test_a_deep_object_is_one_bad_line() -> None:
    reader, good = GOOD["json"]
    deep = '{"a":' * 100_000 + "1" + "}" * 100_000
    batch = reader.read(Block(f"{good}\n{deep}\n".encode(), 1))
    assert [bad.number for bad in batch.bad] == [2]


def test_numbers_that_are_no_times_are_bad_lines() -> None:
    reader, _ = GOOD["json"]
    text = "".join(
        LINES["nginx, msec"].replace(str(JSON["nginx, msec"]["msec"]), written) + "\n"
        for written in ("1e999", "-1", "99999999999999999999", "NaN")
    )
    batch = reader.read(Block(text.encode(), 1))
    assert len(batch.bad) == 4
