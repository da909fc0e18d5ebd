"""That the owner's page about failures says what the table says."""

from pathlib import Path

from securegrid.misp.client import MIB, MispClient
from securegrid.misp.failures import TABLE, Case
from securegrid.misp.query import MAX_VALUE_CHARACTERS, MAX_VALUES

DOCS = Path(__file__).parents[3] / "docs" / "misp.md"


def _row(case: Case) -> str:
    row = TABLE[case]
    lasting = "yes" if row.permanent else ""
    pause = f"{row.retry_after_s:g} s" if row.retry_after_s is not None else ""
    return f"| `{case}` | {row.recognised_by} | `{row.reason}` | {lasting} | {pause} |"


def test_every_failure_is_documented_as_it_is() -> None:
    written = DOCS.read_text().partition("| case |")[2].splitlines()[2:]
    assert written == [_row(case) for case in TABLE]


def test_the_limits_are_documented_as_they_are() -> None:
    text = DOCS.read_text()
    defaults = MispClient.__init__.__kwdefaults__
    assert f"{MAX_VALUES}: from 200" in text
    assert f"more than {MAX_VALUE_CHARACTERS:,} characters" in text
    assert f"{defaults['max_bytes'] // MIB} MiB after decompression" in text
    assert (
        f"{defaults['request_timeout_s']:g} s as a whole, "
        f"{defaults['connect_timeout_s']:g} s of them" in text
    )
    assert f"never more than {defaults['max_connections']}" in text
