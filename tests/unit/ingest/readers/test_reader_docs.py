"""The documents of honeypot logs, FortiGate logs and tables say what the readers do."""

import re
from pathlib import Path

from securegrid.ingest.model import Counted
from securegrid.ingest.readers.fortigate_labels import shipped
from securegrid.ingest.readers.honeypot import HONEYPOT
from securegrid.ingest.readers.honeypot_rows import NAMES
from securegrid.ingest.readers.table_columns import Role, mapping_in
from tests.unit.ingest.readers.blocks import flat, shape_options

DOCS = Path(__file__).parents[4] / "docs"


def text_of(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def test_every_message_id_stands_with_its_label_and_function() -> None:
    rows = re.findall(
        r"^\| `(\d{6})` \| (.+?) \| (\w+) \| (yes|no) \|$", text_of("ingest-fortigate.md"), re.M
    )
    assert rows == [
        (name, one.label, one.kind.value, "yes" if one.to_ids else "no")
        for name, one in shipped().items()
    ]


def test_every_column_of_a_row_and_every_role_is_named() -> None:
    honeypot, tables = text_of("ingest-honeypot.md"), text_of("ingest-tables.md")
    assert [name for name in NAMES if f"`{name}`" not in honeypot] == []
    assert [role for role in Role if f"`{role.value}`" not in tables] == []


def test_the_mapping_file_of_the_document_is_one(tmp_path: Path) -> None:
    blocks = re.findall(r"```toml\n(.*?)```", text_of("ingest-tables.md"), re.S)
    (tmp_path / "mapping.toml").write_text(blocks[0], encoding="utf-8")
    assert mapping_in(tmp_path / "mapping.toml").title == "Indicators of PLEAD"


def test_the_trials_attributes_are_those_of_the_document() -> None:
    table = re.findall(r"^\| (\d+) \| `([\w-]+)`", text_of("ingest-honeypot.md"), re.M)
    event = ("2021-06-11", "445", "8.8.8.8")
    seen = Counted(1_623_380_645, 1_623_380_645, 1)
    items = [(("connection",), seen), (("payload", "sha256", "a" * 64, ""), seen),
             (("hostname", "dns.example.com"), seen)]  # fmt: skip
    drafts = flat(list(HONEYPOT.shape(shape_options("IPAlert")).contents(event, items)))
    assert [int(number) for number, _ in table] == list(range(1, 14))
    assert sorted(type_ for _, type_ in table) == sorted(one.type for one in drafts)
