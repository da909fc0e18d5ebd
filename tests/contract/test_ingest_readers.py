"""Each reader's command writes to a node what PyMISP reads back, attribute by attribute."""

from pathlib import Path
from typing import Any

import pytest

from securegrid.cli.main import exit_code_of
from securegrid.demo import ipa_log
from securegrid.ingest.model import Block
from securegrid.ingest.readers.registry import registry
from securegrid.ingest.shapes.options import ShapeOptions
from tests.contract.publishing import WRITER, Events, expected, held
from tests.unit.ingest.readers.blocks import NOW, shaped
from tests.unit.ingest.readers.spreadsheets import xlsx
from tests.unit.ingest.readers.test_fortigate import IPS, VIRUS, line
from tests.unit.ingest.readers.test_honeypot import COWRIE, dionaea, incident
from tests.unit.ingest.readers.test_stix import GOOD as BUNDLE
from tests.unit.ingest.readers.test_table import LAC_HEADER, LAC_ROWS

SHARED = Path(__file__).parents[3] / "shared" / "data"
ALLIANCE = "Contract"
real = pytest.mark.skipif(not SHARED.is_dir(), reason="no real data beside the project")

COMPOSED = {
    "ipalert.csv": ("honeypot", "honeypot", "".join(list(ipa_log.lines())[:60]).encode()),
    "cowrie.json": ("honeypot", "honeypot", COWRIE.encode()),
    "dionaea.json": (
        "honeypot",
        "honeypot",
        (
            dionaea(credentials=[{"username": "sa", "password": "吉"}])
            + incident("download.complete.hash", url="http://8.8.4.4/a", md5hash="b" * 32)
        ).encode(),
    ),
    "fortigate.log": (
        "fortigate",
        "fortigate",
        "\n".join(
            [
                IPS,
                line("0211008192", url="http://files.example.com/e", dstip="8.8.8.8", **VIRUS),
                line("1501054601", qname="c2.example.com"),
            ]
        ).encode(),
    ),
    "lac.xlsx": ("table", "table", xlsx({"Sheet1": [LAC_HEADER, *LAC_ROWS]})),  # type: ignore[list-item]
    "bundle.json": ("table", "stix2", BUNDLE),
}
REAL = {
    "lac-iocs/honeypot/2022/ip_list.csv": ("table", "table"),
    "lac-iocs/Cybercrime/2023/05.csv": ("table", "table"),
    "eset/ramsay/misp-ramsay.json": ("table", "misp-json"),
    "eset/mozi/mozi.misp-event.json": ("table", "misp-json"),
}


def ingest(command: str, path: Path, node: str, folder: Path) -> int:
    """Run the command as a user would; what breaks a rule (documentation addresses) too."""
    key = folder / "key"
    key.write_text(WRITER, encoding="utf-8")
    return exit_code_of(
        ["ingest", command, str(path), "--source", "test", "--alliance", ALLIANCE, "--force",
         "--misp", node, "--key-file", str(key), "--state", str(folder / "state"),
         "--workers", "1"]
    )  # fmt: skip


def drafts(name: str, raw: bytes, source: str = "test", **told: Any) -> dict[str, dict[str, Any]]:
    """What reader (with the options ``told``) and shape make of ``raw``, as a MISP tells it."""
    format_ = registry[name]
    options = format_.options(now=NOW, **told)
    batch = format_.make_reader(raw[:65_536], options).read(Block(raw, 1))
    events = Events()
    shape = format_.shape(ShapeOptions(alliance=ALLIANCE, source=source))
    for head, contents in shaped(shape, batch).values():
        events.add(head, contents)
    assert events.heads
    return expected(events)


def check(command: str, name: str, path: Path, node: str, folder: Path) -> None:
    assert ingest(command, path, node, folder) == 0
    written = held(node)
    assert written == drafts(name, path.read_bytes())
    assert ingest(command, path, node, folder) == 0  # again: nothing is doubled, nothing changes
    assert held(node) == written


@pytest.mark.parametrize("file", COMPOSED)
def test_composed_logs_and_tables_are_read_back_as_they_were_drafted(
    file: str, node: str, tmp_path: Path
) -> None:
    command, name, content = COMPOSED[file]
    (tmp_path / file).write_bytes(content)
    check(command, name, tmp_path / file, node, tmp_path)


@pytest.mark.shared
@real
@pytest.mark.parametrize("file", REAL)
def test_real_tables_and_events_are_read_back_as_they_were_drafted(
    file: str, node: str, tmp_path: Path
) -> None:
    check(*REAL[file], SHARED / file, node, tmp_path)
