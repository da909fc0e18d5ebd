"""FortiGate logs in every form become one event per day and security function."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from securegrid.ingest.model import AttributeDraft, BadLine, ObjectDraft
from securegrid.ingest.readers.format import UnknownFormatError
from securegrid.ingest.readers.fortigate import (
    FORTIGATE,
    FortiGateOptions,
    FortiGateReader,
    make_reader,
)
from securegrid.ingest.readers.fortigate_labels import (
    BadLabelsError,
    FortiGateKind,
    labels_in,
    load,
    shipped,
)
from securegrid.ingest.shapes.fortigate import KINDS
from tests.unit.ingest.readers.blocks import NOW, at, block, flat, read, shape_options, shaped

OPTIONS = FortiGateOptions(now=NOW)
SHAPE = FORTIGATE.shape(shape_options("FortiGate", "tlp:amber"))
SHARED = Path(__file__).parents[5] / "shared" / "data" / "crowdsec-logs"
SHA256 = "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f"

IPS = (
    'date=2026-06-01 time=12:00:00 devname="FG" devid="FG60" eventtime=1780315200123456789'
    ' tz="+0900" logid="0419016384" type="utm" subtype="ips" eventtype="signature" level="alert"'
    ' vd="root" severity="critical" srcip=8.8.8.8 srccountry="US" dstip=192.168.1.10 srcport=4242'
    ' dstport=443 srcintfrole="wan" dstintfrole="dmz" action="dropped" proto=6 service="HTTPS"'
    ' attack="Apache.Log4j.Error.Log.Remote.Code.Execution" direction="outgoing"'
    ' msg="applications3: Apache.Log4j, CVE-2021-44228"'
)
CEF = (
    "CEF:0|Fortinet|Fortigate|v7.2.3|16384|utm:ips signature dropped|7|deviceExternalId=FG60"
    " FTNTFGTeventtime=1780315200123456789 FTNTFGTtz=+0900 FTNTFGTlogid=0419016384 cat=utm:ips"
    " FTNTFGTsubtype=ips FTNTFGTseverity=critical src=8.8.8.8 dst=192.168.1.10 spt=4242 dpt=443"
    " FTNTFGTsrcintfrole=wan act=dropped proto=6 app=HTTPS"
    " FTNTFGTattack=Apache.Log4j.Error.Log.Remote.Code.Execution"
    " msg=applications3: Apache.Log4j, CVE-2021-44228 a\\=b"
)
CSV = (
    "Date,Time,Event Time,Log ID,Type,Subtype,SrcIP,DstIP,Attack,Action,Direction,Msg\n"
    "2026-06-01,21:00:00,1780315200,0419016384,utm,ips,8.8.8.8,192.168.1.10,"
    'Apache.Log4j.Error.Log.Remote.Code.Execution,dropped,outgoing,"x, CVE-2021-44228"'
)
HEADS = ["", "<185>", "<185>Jun  1 12:00:00 fw1 ", "<185>1 2026-06-01T12:00:00Z fw1 - - - - ",
         "Jun  1 12:00:00 192.0.2.1 CEF: "]  # fmt: skip
FORMS = {
    "key=value": IPS,
    "commas": IPS.replace('" ', '",').replace(" src", ",src"),
    "analyzer": ",".join(
        f'"{part.replace(chr(34), chr(34) * 2)}"'
        for part in ("logid=0419016384", "eventtime=1780315200", "srcip=8.8.8.8",
                     "dstip=10.0.0.1", "action=dropped", 'msg="CVE-2021-44228, x"',
                     'attack="Apache.Log4j.Error.Log.Remote.Code.Execution"')
    ),
    "cef": CEF,
    "csv": CSV,
}  # fmt: skip


def events_of(*lines: str) -> dict[str, list[AttributeDraft | ObjectDraft]]:
    text = "\n".join(lines) + "\n"
    batch = read(make_reader(text.encode(), OPTIONS), text)
    assert not batch.bad
    return {head.info: contents for head, contents in shaped(SHAPE, batch).values()}


def told(contents: list[AttributeDraft | ObjectDraft]) -> set[tuple[str, str, bool]]:
    return {(one.type, one.value, one.to_ids) for one in flat(contents)}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_tells_the_same(form: str) -> None:
    events = events_of(FORMS[form])
    assert events.keys() == {"[FortiGate] 2026-06-01 IPS"}
    contents = events.popitem()[1]
    assert told(contents) == {
        ("ip-src", "8.8.8.8", True),
        ("vulnerability", "CVE-2021-44228", False),
    }
    first = contents[0]
    assert isinstance(first, AttributeDraft)
    assert first.comment == (
        "IPS (signature): Apache.Log4j.Error.Log.Remote.Code.Execution (dropped)"
    )
    assert (first.first_seen, first.last_seen) == (at("2026-06-01T12:00:00Z"),) * 2


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("line", [IPS, CEF], ids=["key=value", "cef"])
def test_a_syslog_head_does_not_matter(head: str, line: str) -> None:
    assert events_of(head + line) == events_of(line)


def line(logid: str, **fields: object) -> str:
    told = {"date": "2026-06-01", "time": "09:00:00", "tz": "+0900", "logid": logid} | fields
    return " ".join(f'{name}="{value}"' for name, value in told.items())


VIRUS = {"virus": "EICAR_TEST_FILE", "filename": "C:\\tmp\\eicar.com", "checksum": "6851cf3c",
         "analyticscksum": SHA256, "action": "blocked", "srcip": "10.0.0.5"}  # fmt: skip
FILE = {("sha256", SHA256, True), ("filename", "eicar.com", False)}


@pytest.mark.parametrize(
    ("written", "kind", "expected"),
    [
        (
            line("0211008192", url="http://files.example.com/eicar.com", dstip="8.8.8.8",
                 direction="incoming", **VIRUS),
            "AntiVirus",
            FILE | {("url", "http://files.example.com/eicar.com", True),
                    ("ip-dst", "8.8.8.8", False)},
        ),
        (
            line("0211008192", url="http://172.16.200.55/eicar.com", dstip="172.16.200.55",
                 **VIRUS),
            "AntiVirus",
            FILE,
        ),
        (line("0201009234", **VIRUS), "Sandbox", FILE),
        (line("0201009238", fsaverdict="malicious", **VIRUS), "Sandbox", FILE),
        (
            line("0201009233", **VIRUS),
            "Sandbox",
            {("sha256", SHA256, False), ("filename", "eicar.com", False)},
        ),
        (
            line("0317013056", cat=26, catdesc="Malicious Websites", hostname="bad.example.com",
                 url="/a?b=1", service="HTTPS", srcip="10.0.0.5", user="taro", dstip="8.8.8.8"),
            "Web Filter",
            {("url", "https://bad.example.com/a?b=1", True),
             ("hostname", "bad.example.com", True)},
        ),
        (
            line("1501054601", qname="c2.example.com", botnetdomain="c2.example.com",
                 srcip="10.0.0.5", dstip="8.8.8.8", ipaddr="208.91.112.55"),
            "DNS Filter",
            {("hostname", "c2.example.com", True)},
        ),
        (
            line("1501054600", qname="a.example.com", botnetip="8.8.4.4"),
            "DNS Filter",
            {("hostname", "a.example.com", True), ("ip-dst", "8.8.4.4", True)},
        ),
        (
            line("0422016400", srcip="10.0.0.5", dstip="8.8.8.8", attack="Mirai.Botnet"),
            "IPS",
            {("ip-dst", "8.8.8.8", True)},
        ),
        (
            line("0419016384", srcip="10.0.0.5", dstip="8.8.8.8", direction="outgoing"),
            "IPS",
            {("ip-dst", "8.8.8.8", False)},
        ),
        (
            line("0419016384", srcip="9.9.9.9", srcintfrole="wan", dstip="8.8.8.8"),
            "IPS",
            {("ip-src", "9.9.9.9", True)},
        ),
        (
            line("0720018432", srcip="9.9.9.9", dstip="10.0.0.5", attack="tcp_syn_flood"),
            "IPS",
            {("ip-src", "9.9.9.9", False)},
        ),
    ],
)  # fmt: skip
def test_what_each_function_tells(
    written: str, kind: str, expected: set[tuple[str, str, bool]]
) -> None:
    events = events_of(written)
    assert events.keys() == {f"[FortiGate] 2026-06-01 {kind}"}
    assert told(events.popitem()[1]) == expected


@pytest.mark.parametrize(
    "written",
    [
        line("0000000013", type="traffic", srcip="8.8.8.8"),
        line("0101039426", type="event", remip="8.8.8.8"),
        line("0317013056", cat=20, hostname="games.example.com", url="/"),
        line("0317013056", hostname="games.example.com", url="/"),
        line("0201009238", fsaverdict="clean", **VIRUS),
        line("0419016384", srcip="10.0.0.5", dstip="192.168.0.1"),
        line("0419016384", srcip="8.8.8.8", srcintfrole="lan", dstip="9.9.9.9"),
    ],
)
def test_what_is_no_sign_of_an_attack_from_outside_is_passed_over(written: str) -> None:
    batch = read(make_reader(written.encode(), OPTIONS), written)
    assert (batch.seen, batch.bad, batch.passed_over) == ({}, (), 1)


def test_a_value_stands_once_and_its_comment_tells_the_most_frequent_first() -> None:
    lines = [IPS, IPS.replace("dropped", "detected"), IPS.replace("dropped", "detected")]
    (address,) = (one for one in flat(events_of(*lines).popitem()[1]) if one.type == "ip-src")
    name = "Apache.Log4j.Error.Log.Remote.Code.Execution"
    assert address.comment == (
        f"IPS (signature): {name} (detected), 2 times; IPS (signature): {name} (dropped)"
    )


def test_the_day_is_the_zones_and_the_devices_offset_counts() -> None:
    text = line("1501054601", qname="c2.example.com", time="23:30:00")
    for zone, day in (("UTC", "2026-06-01"), ("Asia/Tokyo", "2026-06-01"),
                      ("Asia/Kamchatka", "2026-06-02")):  # fmt: skip
        batch = read(make_reader(text.encode(), FortiGateOptions(now=NOW, zone=zone)), text)
        assert {event[0] for event, _ in batch.seen} == {day}


def test_an_eventtime_that_cannot_be_gives_way_to_the_date() -> None:
    text = line("1501054601", qname="c2.example.com", eventtime="12345678901")
    batch = read(make_reader(text.encode(), OPTIONS), text)
    assert {one.first for one in batch.seen.values()} == {at("2026-06-01T09:00:00+09:00")}


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("hello", BadLine.NOT_THE_FORMAT),
        ('logid="0419016384" srcip=8.8.8.8', BadLine.NO_TIME),
        ('date=1970-01-01 time=00:00:00 logid="0419016384"', BadLine.IMPLAUSIBLE_TIME),
        ("CEF:0|Other|Thing|1|2|3|4|a=b", BadLine.NOT_THE_FORMAT),
        ("CEF:0|Fortinet|", BadLine.NOT_THE_FORMAT),
    ],
)
def test_a_bad_line_is_kept_with_its_reason(written: str, reason: BadLine) -> None:
    text = f"{IPS}\n{written}\n"
    batch = read(make_reader(text.encode(), OPTIONS), text)
    assert [(one.number, one.reason) for one in batch.bad] == [(2, reason)]


def test_every_shipped_label_goes_to_an_event_with_a_name() -> None:
    assert {one.kind for one in shipped().values()} == set(FortiGateKind)
    assert {kind.value for kind in FortiGateKind} == KINDS.keys()
    assert all(one.label for one in shipped().values())


def test_a_table_of_ones_own_adds_changes_and_leaves_out(tmp_path: Path) -> None:
    own = tmp_path / "labels.toml"
    own.write_text(
        '["9238"]\nignore = true\n["0317013056"]\nkind = "webfilter"\nlabel = "Ours"\n'
        '["013568"]\nkind = "webfilter"\nlabel = "Script filter"\nto_ids = true\n',
        encoding="utf-8",
    )
    labels = load(own)
    assert "009238" not in labels
    assert (labels["013056"].label, labels["013056"].categories) == ("Ours", frozenset())
    text = line("0317013568", hostname="bad.example.com", url="/")
    batch = make_reader(text.encode(), FortiGateOptions(now=NOW, labels=labels)).read(block(text))
    assert {item[3] for _, item in batch.seen} == {"Script filter"}


@pytest.mark.parametrize(
    "text",
    ["[", '["x"]\nkind="ips"\nlabel="a"', '["1"]\nkind="what"\nlabel="a"', '["1"]\nlabel="a"',
     '["1"]\nkind="ips"\nlabel="a"\nlabels="b"', '"1" = 2', "[12345678]\nlabel='a'"],
)  # fmt: skip
def test_a_table_that_is_wrong_says_so(text: str) -> None:
    with pytest.raises(BadLabelsError):
        labels_in(text)


@pytest.mark.parametrize("head", [b"GET / HTTP/1.1", b'{"a": 1}', b"a,b\n1,2\n"])
def test_what_is_no_fortigates_log_is_refused(head: bytes) -> None:
    with pytest.raises(UnknownFormatError):
        make_reader(head, OPTIONS)


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="no real data beside the project")
def test_real_logs_of_vpn_logins_are_understood_and_hold_no_security_event() -> None:
    raw = (SHARED / "fortinet-vpn-bf" / "fortinet-vpn-bf.log").read_bytes()
    batch = read(make_reader(raw, OPTIONS), raw)
    assert (batch.bad, batch.passed_over, batch.lines) == ((), 9, 9)
    probe = (SHARED / "fortinet-cve-2018-13379" / "fortinet-cve-2018-13379.log").read_bytes()
    with pytest.raises(UnknownFormatError):  # what a web server in front of one wrote
        make_reader(probe, OPTIONS)


PIECES = st.sampled_from(
    ['logid="0419016384"', "logid=0211008192", "logid=0317013056", "cat=26", "srcip=8.8.8.8",
     "dstip=", 'url="', 'url="http://[::"', 'hostname="a@b"', "eventtime=1780315200", '"', "\\",
     "=", " ", ",", "CEF:0|Fortinet|Fortigate|v|16384|utm:ips|7|", "src=8.8.8.8 ", "cs1=",
     "cs1Label=Virus ", "\\|", "|", 'msg="\x1b[2J"', 'attack="\u202eexe"', "あ", "\0", "a" * 3_000,
     'k="\\', 'filename="' + "/" * 99 + '"', f'analyticscksum="{SHA256}"', "date=2026-06-01"]
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(PIECES, st.text(max_size=20)), max_size=30), st.booleans())
def test_hostile_lines_are_counted_or_kept_and_stop_nothing(
    pieces: list[str], spaced: bool
) -> None:
    text = (" " if spaced else "").join(pieces)
    batch = read(FortiGateReader("UTC", NOW, shipped()), text.encode("utf-8", "replace"))
    for head, contents in shaped(SHAPE, batch).values():
        assert head.tags[0] == "FortiGate"
        assert all(one.value and one.value.isprintable() for one in flat(contents))
        assert all(one.comment.isprintable() for one in contents)
