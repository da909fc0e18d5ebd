"""Readers are sent to other processes, and read there as they do here."""

import pickle

import pytest

from securegrid.ingest.readers.registry import registry
from tests.unit.ingest.readers.blocks import NOW, block
from tests.unit.ingest.readers.test_fortigate import CSV, IPS
from tests.unit.ingest.readers.test_honeypot import COWRIE
from tests.unit.ingest.readers.test_stix import GOOD

ROWS = "time,source,port,protocol\n2021-06-11T03:04:05Z,198.51.100.7,445,smb\n"
EVENT = (
    '{"Event": {"info": "a", "date": "2021-06-11", "Attribute": [{"type": "text", "value": "b"}]}}'
)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("honeypot", COWRIE),
        ("honeypot", ROWS),
        ("fortigate", IPS),
        ("fortigate", CSV),
        ("table", "date,value\n2023-01-03,203.0.113.7\n"),
        ("misp-json", EVENT),
        ("stix2", GOOD.decode()),
    ],
)
def test_a_reader_reads_the_same_after_its_journey(name: str, text: str) -> None:
    format_ = registry[name]
    reader = format_.make_reader(text.encode(), format_.options(now=NOW))
    sent = pickle.loads(pickle.dumps(reader))
    assert sent.read(block(text)) == reader.read(block(text))
    assert reader.read(block(text)).seen
