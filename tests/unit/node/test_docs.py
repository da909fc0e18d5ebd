"""That the page about the node says what the node does."""

from pathlib import Path

from securegrid.node.accounts import PERMISSIONS, Permission, Role
from securegrid.node.app import MAX_BODY_BYTES
from securegrid.node.differences import DIFFERENCES
from securegrid.node.endpoints.server import MISP_VERSION
from securegrid.node.endpoints.table import ENDPOINTS
from securegrid.node.filters import MAX_PATTERNS
from securegrid.node.search import MAX_ROWS

DOCS = Path(__file__).parents[3] / "docs" / "node.md"


def _table(first_column: str) -> list[str]:
    rows = DOCS.read_text().partition(f"| {first_column} |")[2].splitlines()[2:]
    return rows[: rows.index("")]


def test_every_difference_is_documented_as_it_is() -> None:
    assert _table("difference") == [
        f"| {d.code} | {d.misp} | {d.node} | {d.why} |" for d in DIFFERENCES
    ]


def test_every_endpoint_is_documented() -> None:
    written = "\n".join(_table("controller"))
    for controller, action in ENDPOINTS:
        row = next(r for r in written.splitlines() if r.startswith(f"| `{controller}` |"))
        assert f"`{action}`" in row


def test_every_role_is_documented_with_what_it_may() -> None:
    rows = dict(zip(Role, _table("role"), strict=True))
    for role, row in rows.items():
        assert row.startswith(f"| `{role}` |")
        marks = [cell.strip() for cell in row.split("|")[3:-1]]
        asked = (
            Permission.READ,
            Permission.WRITE,
            Permission.PUBLISH,
            Permission.TAG,
            Permission.SIGHT,
            Permission.MAKE_TAG,
            Permission.ADMIN,
        )
        assert marks == ["yes" if p in PERMISSIONS[role] else "" for p in asked]


def test_the_limits_are_documented_as_they_are() -> None:
    text = DOCS.read_text()
    assert f"MISP {MISP_VERSION}" in text
    assert f"{MAX_BODY_BYTES // 1024**2} MiB" in text
    assert f"{MAX_ROWS:,} rows" in text
    assert f"{MAX_PATTERNS} patterns" in text
