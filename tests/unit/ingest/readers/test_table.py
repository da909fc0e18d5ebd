"""Tables of many forms become attributes of the right type."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from securegrid.ingest.model import AttributeDraft, BadLine, EventDraft
from securegrid.ingest.readers.format import UnknownFormatError
from securegrid.ingest.readers.table import TABLE, TableOptions, TableReader, make_reader
from securegrid.ingest.readers.table_columns import (
    BadMappingError,
    Pairs,
    Role,
    mapping_in,
    pair_of,
    pairs_of,
)
from securegrid.ingest.readers.table_types import TYPES, Typed, typed
from securegrid.misp.typetable import type_table
from securegrid.values.model import Kind
from tests.unit.ingest.readers.blocks import NOW, at, block, flat, shape_options, shaped
from tests.unit.ingest.readers.spreadsheets import xlsx

SHAPE = TABLE.shape(shape_options("lists", "tlp:amber"))
SHARED = Path(__file__).parents[5] / "shared" / "data"
MD5, SHA256 = "9" * 32, "a" * 64

LAC_HEADER = [
    "Date", "Organization", "User", "Title", "Tag1", "Tag2", "Tag3", "Tag4", "Value", "Category",
    "Type", "Attribute_tags", "Comment",
]  # fmt: skip
LAC_ROWS = [
    ["2018/4/3", "LAC", "a@user.example", "How PlugX is related", "tlp:white,OSINT", "APT",
     "DragonOK", "Poison Ivy,PlugX", "https://www.example.co.jp/report.html", "External analysis",
     "link", "", ""],
    ["2018/4/3", "LAC", "a@user.example", "How PlugX is related", "tlp:white,OSINT", "APT", "", "",
     MD5, "Payload delivery", "md5", "PIPX,PlugX", ""],
    ["2018/4/3", "LAC", "b@user.example", "How PlugX is related", "", "", "", "",
     "http[.]donkey.example[.]com", "Network activity", "hostname", "", "2017.9.20-\n12.6"],
    ["2018/4/3", "LAC", "b@user.example", "How PlugX is related", "", "", "", "",
     "206.161.218.49", "Network activity", "ip-dst", "", ""],
]  # fmt: skip


def options(**told: object) -> TableOptions:
    return TableOptions(now=NOW, **told)  # type: ignore[arg-type]


def events_of(
    data: str | bytes, **told: object
) -> dict[str, tuple[EventDraft, list[AttributeDraft]]]:
    raw = data if isinstance(data, bytes) else data.encode()
    batch = make_reader(raw[:65_536], options(**told)).read(block(raw))
    assert not batch.bad
    return {info: (head, flat(found)) for info, (head, found) in shaped(SHAPE, batch).items()}


def told(attributes: list[AttributeDraft]) -> set[tuple[str, str]]:
    return {(one.type, one.value) for one in attributes}


def written(rows: list[list[str]], delimiter: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue()


@pytest.mark.parametrize("header", [[LAC_HEADER], []], ids=["header", "no header"])
@pytest.mark.parametrize("form", ["\t", ",", ";", "xlsx", "utf-16"])
def test_lacs_thirteen_columns_are_known_by_themselves(header: list[list[str]], form: str) -> None:
    rows = header + LAC_ROWS
    data: str | bytes
    if form == "xlsx":
        data = xlsx({"Sheet1": [list(row) for row in rows]})
    elif form == "utf-16":
        data = written(rows, "\t").encode("utf-16")
    else:
        data = written(rows, form)
    events = events_of(data)
    assert events.keys() == {"How PlugX is related"}
    head, attributes = events["How PlugX is related"]
    assert str(head.date) == "2018-04-03"
    assert set(head.tags) == {
        "source:lists", "tlp:white", "OSINT", "APT", "DragonOK", "Poison Ivy", "PlugX"
    }  # fmt: skip
    assert {(one.type, one.category, one.value, one.tags) for one in attributes} == {
        ("link", "External analysis", "https://www.example.co.jp/report.html", ()),
        ("md5", "Payload delivery", MD5, ("PIPX", "PlugX")),
        ("hostname", "Network activity", "http.donkey.example.com", ()),
        ("ip-dst", "Network activity", "206.161.218.49", ()),
    }
    assert {one.comment for one in attributes} == {"", "2017.9.20-\n12.6"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("203.0.113[.]7", "ip-dst"),
        ("2001:DB8::1", "ip-dst"),
        ("203.0.113.0/24", "ip-dst"),
        ("evil[.]example[.]com", "hostname"),
        ("hxxp://evil.example.com/a", "url"),
        ("a@example.com", "email"),
        (MD5, "md5"),
        (SHA256.upper(), "sha256"),
        ("CVE-2021-44228", "vulnerability"),
        ("AS64500", "AS"),
        ("setup.exe", "filename"),
        ("evil.example.com|203.0.113.7", "domain|ip"),
        (f"setup.exe|{SHA256}", "filename|sha256"),
        ("203.0.113.7|8080", "ip-dst|port"),
    ],
)
def test_a_type_is_guessed_from_the_value(value: str, expected: str) -> None:
    found = typed(value)
    assert found is not None
    assert found.type == expected
    assert type_table().allows(found.category, found.type)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("203.0.113.7", "ip-src", "Network activity"), ("ip-src", "Network activity")),
        (("203.0.113.7", "IP-SRC", "Payload delivery"), ("ip-src", "Payload delivery")),
        (("203.0.113.7", "nonsense", ""), ("ip-dst", "Network activity")),
        (("203.0.113.7", "", "FakeMcAfeeAlert"), ("ip-dst", "Network activity")),
        ((MD5, "md5", "Social network"), ("md5", "Payload delivery")),
    ],
)
def test_what_the_table_says_wins_where_misp_knows_it(
    cells: tuple[str, str, str], expected: tuple[str, str]
) -> None:
    found = typed(*cells)
    assert found is not None
    assert (found.type, found.category) == expected


@pytest.mark.parametrize(("flag", "expected"), [("", True), ("0", False), ("○", True)])
def test_a_column_can_say_what_is_worth_an_alarm(flag: str, expected: bool) -> None:
    assert typed("203.0.113.7", to_ids=flag) == Typed(
        "ip-dst", "Network activity", "203.0.113.7", expected
    )


def test_every_kind_has_a_type_that_misp_knows() -> None:
    assert TYPES.keys() == set(Kind)
    assert set(TYPES.values()) <= type_table().types


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("first_seen,ip,cve_id\n20230103,203.0.113.7,CVE-2022-1388\n", {}),
        ("\ufeffDATE;IOC\n2023-01-03;203.0.113.7\n2023-01-03;CVE-2022-1388\n", {}),
        ("a report\n\n日付,値,備考\n2023/1/3,203.0.113.7,\n2023/1/3,CVE-2022-1388,x\n",
         {"columns": ((Role.DATE, "日付"), (Role.VALUE, "値"))}),
        ("when\tthe thing\n2023-01-03\t203.0.113.7\n2023-01-03\tCVE-2022-1388\n",
         {"columns": ((Role.DATE, "When"), (Role.VALUE, "The  Thing"))}),
        ("2023-01-03|203.0.113.7\n2023-01-03|CVE-2022-1388\n",
         {"columns": ((Role.DATE, "1"), (Role.VALUE, "2"))}),
        ("203.0.113.7\nCVE-2022-1388\n", {"date": "2023-01-03"}),
        ("value,value2\n203.0.113.7,CVE-2022-1388\n",
         {"date": "2023-01-03", "columns": ((Role.VALUE, "value"), (Role.VALUE, "value2"))}),
    ],
)  # fmt: skip
def test_other_tables_by_their_names_or_a_mapping(text: str, more: dict[str, object]) -> None:
    events = events_of(text, **more)
    assert events.keys() == {"[lists] 2023-01-03"}
    head, attributes = events["[lists] 2023-01-03"]
    assert head.tags == ("source:lists", "tlp:amber")
    assert told(attributes) == {("ip-dst", "203.0.113.7"), ("vulnerability", "CVE-2022-1388")}


def test_a_titles_rows_of_one_day_are_one_event_with_all_their_tags() -> None:
    text = "date,title,tags,value\n2023-01-03,A,x,203.0.113.7\n2023-01-03,A,y,203.0.113.8\n" \
           "2023-01-04,A,x,203.0.113.7\n"  # fmt: skip
    batch = make_reader(text.encode(), options(tags=("z",))).read(block(text))
    assert {event for event, _ in batch.seen} == {
        ("2023-01-03", "A", "x", "y", "z"),
        ("2023-01-04", "A", "x", "z"),
    }


def test_a_value_stands_once_with_all_that_is_said_of_it() -> None:
    text = "date,value,comment,label\n2023-01-03,203.0.113.7,b,x\n2023-01-03,203[.]0.113.7,a,y\n"
    ((_, attributes),) = events_of(text).values()
    (one,) = attributes
    assert (one.comment, one.tags) == ("a; b", ("y", "x"))
    assert one.first_seen is None


def test_first_and_last_seen_come_only_from_columns_that_say_so() -> None:
    text = "date,value,first_seen,last_seen\n2023-01-03,203.0.113.7,2023-01-01,2023-01-02T03:04Z\n"
    ((_, attributes),) = events_of(text).values()
    assert (attributes[0].first_seen, attributes[0].last_seen) == (
        at("2023-01-01T00:00:00Z"),
        at("2023-01-02T03:04:00Z"),
    )


def test_a_sheet_is_chosen_by_name_and_numbers_are_no_fractions() -> None:
    data = xlsx({"Notes": [["nothing here"]], "IOC": [["value", "comment"], ["203.0.113.7", 42.0]]})
    ((_, attributes),) = events_of(data, sheet="IOC", date="2023-01-03").values()
    assert attributes[0].comment == "42"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2023-01-03,nonsense words here", BadLine.NO_VALUE),
        ("2023-01-03,", BadLine.NO_VALUE),
        (",203.0.113.7", BadLine.NO_TIME),
        ("1970-01-01,203.0.113.7", BadLine.IMPLAUSIBLE_TIME),
        (f'2023-01-03,"{"x" * 140_000}', BadLine.NOT_THE_FORMAT),
    ],
)
def test_a_bad_row_is_kept_with_its_reason(row: str, reason: BadLine) -> None:
    text = f"date,value\n2023-01-03,203.0.113.7\n{row}\n"
    batch = make_reader(text.encode(), options()).read(block(text))
    assert [(one.number, one.reason) for one in batch.bad] == [(3, reason)]
    assert (batch.lines, batch.passed_over, len(batch.seen)) == (3, 1, 1)


@pytest.mark.parametrize(
    "data",
    [b"PK\x03\x04 no spreadsheet", xlsx({"a": [["value"]]})[:300],
     xlsx({"a": [["value"]]}).replace(b"xl/workbook.xml", b"xl/workb00k.xml"), b"\xd0\xcf\x11\xe0"],
)  # fmt: skip
def test_a_broken_spreadsheet_is_told_and_stops_nothing(data: bytes) -> None:
    batch = make_reader(data, options()).read(block(data))
    assert [one.reason for one in batch.bad] == [BadLine.NOT_THE_FORMAT]


def test_a_spreadsheet_that_would_fill_the_memory_is_not_unpacked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("securegrid.ingest.readers.table_rows.MOST_UNPACKED", 1_000)
    data = xlsx({"a": [["203.0.113.7"]] * 200})
    batch = make_reader(data, options(date="2023-01-03")).read(block(data))
    assert batch.bad[0].head == "too large when unpacked"


@pytest.mark.parametrize(
    ("head", "columns"),
    [
        (b"name,age\nTaro,41\n", ()),
        (b"GIF89a\0\0\n", ()),
        (b"date,value\n2023-01-03,203.0.113.7\n", ((Role.VALUE, "IOC"),)),
        (b"date,value\n2023-01-03,203.0.113.7\n", ((Role.DATE, "date"),)),
    ],
)
def test_what_has_no_column_of_values_is_refused(head: bytes, columns: Pairs) -> None:
    with pytest.raises(UnknownFormatError):
        make_reader(head, options(columns=columns))


def test_a_mapping_file_says_it_all(tmp_path: Path) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text(
        'title = "Our list"\ntags = ["ours"]\n[columns]\nvalue = ["IP", 3]\ndate = "Seen"\n',
        encoding="utf-8",
    )
    mapped = mapping_in(path)
    assert pairs_of(mapped.columns) == (
        (Role.VALUE, "IP"),
        (Role.VALUE, "3"),
        (Role.DATE, "Seen"),
    )
    assert (mapped.title, mapped.tags) == ("Our list", ("ours",))


@pytest.mark.parametrize(
    "text", ["[", "colums = 1", '[columns]\nvalu = "a"', "[columns]\nvalue=[]x"]
)
def test_a_mapping_that_is_wrong_says_so(text: str, tmp_path: Path) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadMappingError):
        mapping_in(path)


@pytest.mark.parametrize("written", ["value", "value=", "valu=a", "=a"])
def test_an_option_that_names_no_role_is_refused(written: str) -> None:
    with pytest.raises(BadMappingError):
        pair_of(written)
    assert pair_of("value=IOC = x") == (Role.VALUE, "IOC = x")


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="no real data beside the project")
@pytest.mark.parametrize(
    ("file", "types", "broken"),
    [
        ("honeypot/2022/ip_list.csv", {"ip-dst", "vulnerability"}, 0),
        ("honeypot/2023/url_list.csv", {"url"}, 10),
        ("Cybercrime/2023/03.csv", {"hostname", "domain"}, 0),
    ],
)
def test_lacs_published_lists_are_read_as_they_are(file: str, types: set[str], broken: int) -> None:
    raw = (SHARED / "lac-iocs" / file).read_bytes()
    batch = make_reader(raw[:65_536], options()).read(block(raw))
    lines = list(csv.reader(raw.decode("utf-8-sig").splitlines()))[1:]
    assert (batch.lines, batch.passed_over) == (len(lines) + 1, 1)
    assert {item[0] for _, item in batch.seen} == types
    # Some of the published URLs end in a quotation mark that became part of the port.
    assert len(batch.bad) == sum("%22" in line[1] for line in lines) >= broken
    assert all("%22" in one.head for one in batch.bad)
    assert {event[0].replace("-", "") for event, _ in batch.seen} == {line[0] for line in lines}


CELLS = st.one_of(
    st.sampled_from(
        ["value", "date", "2023-01-03", "203.0.113.7", '"', '""', "\n", "\r", "\0", "a|b", "|",
         "|1", "\ufeff", "=cmd|' /C calc'!A0", "\x1b[2J", "evil[.]example.com", SHA256, "あ", "𠮷",
         "to_ids", "x" * 2_000, "9" * 400, "http://[", "1e9", "٣"]
    ),
    st.text(max_size=12),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(CELLS, max_size=14), max_size=6),
    st.sampled_from([",", "\t", ";"]),
    st.binary(max_size=8),
)
def test_hostile_tables_are_counted_or_kept_and_stop_nothing(
    rows: list[list[str]], delimiter: str, rest: bytes
) -> None:
    text = "date,value\n" + "\n".join(delimiter.join(row) for row in rows)
    raw = text.encode("utf-8", "replace") + rest
    batch = TableReader(options(date="2023-01-03")).read(block(raw))
    counted = sum(one.count for one in batch.seen.values())
    assert batch.lines <= counted + batch.passed_over + len(batch.bad)
    for _, contents in shaped(SHAPE, batch).values():
        assert all(one.value.strip() for one in flat(contents))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_spreadsheet_with_bytes_changed_stops_nothing(data: st.DataObject) -> None:
    raw = bytearray(xlsx({"a": [["date", "value"], ["2023-01-03", "203.0.113.7"]]}))
    for _ in range(data.draw(st.integers(1, 8))):
        raw[data.draw(st.integers(4, len(raw) - 1))] = data.draw(st.integers(0, 255))
    batch = TableReader(options(date="2023-01-03")).read(block(bytes(raw)))
    assert batch.lines >= len(batch.bad)
