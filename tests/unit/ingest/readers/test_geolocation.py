"""A geolocation service's rows: columns by name, the class as the rows or else the lists say."""

import json
import pickle
from pathlib import Path

import pytest

from securegrid.ingest.model import BadLine, Counted
from securegrid.ingest.readers.columns import EXAMPLE, BadColumnsError, load
from securegrid.ingest.readers.format import UnknownFormatError
from securegrid.ingest.readers.geolocation import GeolocationOptions, make_reader
from tests.unit.ingest.readers.access import SOME
from tests.unit.ingest.readers.blocks import NOW, at, block, read

HEADER = "time,ip_address,user_agent,anonymous_class,provider_url,country,organisation\n"
AWS = "https://aws.amazon.com/"
ROW = (
    f"2021-05-13T09:00:08+09:00,198.51.100.7,Mozilla (Windows NT 10.0),VPS/Cloud,{AWS},US,Amazon\n"
)
SEEN = {
    (("2021-05-13", "Windows", "VPS/Cloud", AWS), ("198.51.100.7", "US", "Amazon")): Counted(
        at("2021-05-13T09:00:08+09:00"), at("2021-05-13T09:00:08+09:00"), 1
    )
}
OPTIONS = GeolocationOptions(now=NOW, networks=SOME)


def seen_in(text: str, options: GeolocationOptions = OPTIONS) -> object:
    batch = read(make_reader(text.encode(), options), text)
    assert not batch.bad
    return dict(batch.seen)


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_rows(delimiter: str) -> None:
    assert seen_in((HEADER + ROW).replace(",", delimiter)) == SEEN


def test_json_rows() -> None:
    names = HEADER.strip().split(",")
    assert seen_in(json.dumps(dict(zip(names, ROW.strip().split(","), strict=True))) + "\n") == SEEN


def test_quoted_cells_and_a_byte_order_mark() -> None:
    quoted = ROW.replace("Mozilla (Windows NT 10.0)", '"Mozilla, (""Windows"")"')
    assert seen_in("\ufeff" + HEADER + quoted) == SEEN


def test_a_header_in_the_middle_is_no_data() -> None:
    batch = read(make_reader((HEADER + ROW).encode(), OPTIONS), HEADER + ROW + HEADER)
    assert (batch.lines, batch.passed_over, batch.bad) == (3, 2, ())


@pytest.mark.parametrize("written", ["", "-", "none", "ISP"])
def test_ordinary_networks_are_no_data(written: str) -> None:
    assert seen_in(HEADER + ROW.replace("VPS/Cloud", written)) == {}


def test_without_a_class_the_lists_decide() -> None:
    rows = "time,ip_address,os\n2021-05-13 09:00:08,198.51.100.7,iOS\n2021-05-13,203.0.113.1,iOS\n"
    options = GeolocationOptions(now=NOW, networks=SOME, zone="Asia/Tokyo")
    assert list(seen_in(rows, options)) == [  # type: ignore[call-overload]
        (("2021-05-13", "iOS", "VPN", ""), ("198.51.100.7", "", ""))
    ]


def test_columns_are_mapped_by_name(tmp_path: Path) -> None:
    path = tmp_path / "columns.toml"
    path.write_text(
        '[columns]\ntime = "日時"\naddress = "IPアドレス"\nclass = "種別"\n'
        '[class]\nordinary = ["一般"]\n',
        encoding="utf-8",
    )
    options = GeolocationOptions(now=NOW, mapping=load(path))
    text = "IPアドレス,種別,日時\n198.51.100.7,VPN,2021/05/13 09:00\n198.51.100.8,一般,2021/05/13\n"
    assert list(seen_in(text, options)) == [  # type: ignore[call-overload]
        (("2021-05-13", "OS-Unknown", "VPN", ""), ("198.51.100.7", "", ""))
    ]
    raw = text.encode("cp932")
    batch = make_reader(raw, options).read(block(raw))
    assert (len(batch.seen), batch.bad) == (1, ())


def test_the_shipped_example_can_be_copied(tmp_path: Path) -> None:
    copy = tmp_path / "mine.toml"
    copy.write_text(EXAMPLE.read_text())
    assert load(copy) == load() == OPTIONS.mapping


@pytest.mark.parametrize(
    "text", ["", "[columns]\n", '[columns]\ntime = "t"\naddress = "a"\nadress = "b"\n', "x ="]
)
def test_a_file_that_names_no_columns_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "columns.toml"
    path.write_text(text)
    with pytest.raises(BadColumnsError):
        load(path)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (ROW.replace("2021-05-13T09:00:08+09:00", "yesterday"), BadLine.NO_TIME),
        (ROW.replace("2021", "1971"), BadLine.IMPLAUSIBLE_TIME),
        (ROW.replace("198.51.100.7", "nowhere"), BadLine.NO_ADDRESS),
        ("2021-05-13T09:00:08+09:00,198.51.100.7\n", BadLine.NOT_THE_FORMAT),
    ],
)
def test_bad_rows(row: str, reason: BadLine) -> None:
    batch = read(make_reader(HEADER.encode(), OPTIONS), HEADER + row)
    assert [(bad.number, bad.reason) for bad in batch.bad] == [(2, reason)]


def test_what_rows_say_cannot_act_on_who_reads_the_title() -> None:
    hostile = ROW.replace("VPS/Cloud", "VPN\x1b[2J\u202e").replace(AWS, "x" * 5_000)
    ((event, _),) = seen_in(HEADER + hostile)  # type: ignore[misc]
    assert all(part.isprintable() and len(part) <= 200 for part in event)


@pytest.mark.parametrize("head", ["", "a,b,c\n", '{"a": 1}\n', "\x00\n", "time\n"])
def test_other_tables_are_refused(head: str) -> None:
    with pytest.raises(UnknownFormatError, match="ip_address"):
        make_reader(head.encode(), OPTIONS)


def test_readers_go_to_other_processes() -> None:
    reader = make_reader((HEADER + ROW).encode(), OPTIONS)
    assert pickle.loads(pickle.dumps(reader)).read(block(HEADER + ROW)).seen == SEEN
