"""Lines made to be slow are read in time that grows with their length alone."""

import time

import pytest

from securegrid.ingest.model import Reader
from securegrid.ingest.readers.fortigate import FortiGateReader
from securegrid.ingest.readers.fortigate_labels import shipped
from securegrid.ingest.readers.honeypot import HoneypotReader
from securegrid.ingest.readers.honeypot_rows import IN_ORDER
from securegrid.ingest.readers.table import TableOptions, TableReader
from tests.unit.ingest.readers.blocks import NOW, block

LENGTH = 400_000
SECONDS = 2.0
"""Reading in proportion takes a tenth of that; in the square of the length, an hour."""

READERS: dict[str, Reader] = {
    "honeypot": HoneypotReader("UTC", NOW),
    "rows": HoneypotReader("UTC", NOW, IN_ORDER),
    "fortigate": FortiGateReader("UTC", NOW, shipped()),
    "csv": FortiGateReader("UTC", NOW, shipped(), ("logid", "srcip")),
    "table": TableReader(TableOptions(now=NOW)),
}
PARTS = [
    "a", "a=", 'a="', 'a="\\', "\\", '"', '""', ",", "|", " ", "= ", "->", "a ->", "{", "[",
    '{"a":', "9", "1.", ":", "SRC=", "logid=1 ", "cs1=", " cs1Label=", "CEF:0|",
    "CEF:0|Fortinet|a|", "あ", "\0", "2021-06-11T03:04:05Z ", "CVE-2021-44228 ",
]  # fmt: skip


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("part", PARTS, ids=ascii)
def test_a_long_line_is_read_in_proportion(reader: str, part: str) -> None:
    begin = {"honeypot": "2021-06-11T03:04:05Z ", "fortigate": 'logid="0419016384" '}.get(
        reader, ""
    )
    text = (begin + part * (LENGTH // len(part)))[: LENGTH // len(part.encode()) * len(part)]
    started = time.process_time()
    batch = READERS[reader].read(block(text))
    assert time.process_time() - started < SECONDS
    assert batch.lines >= 1
