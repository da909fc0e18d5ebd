"""CSV that no spreadsheet mistakes for formulas."""

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from securegrid.portal.disclosure.table import BYTE_ORDER_MARK, csv_lines, defuse


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"])
def test_a_formula_is_defused(start: str) -> None:
    assert defuse(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"


@pytest.mark.parametrize(("cell", "text"), [(None, ""), (7, "7"), ("evil.example", "evil.example")])
def test_harmless_cells_stay(cell: object, text: str) -> None:
    assert defuse(cell) == text


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2)))
def test_every_cell_of_a_table_is_harmless_and_comes_back(rows: list[list[str]]) -> None:
    written = "".join(csv_lines(("a", "b"), rows)).removeprefix(BYTE_ORDER_MARK)
    read = list(csv.reader(StringIO(written, newline="")))
    assert read[0] == ["a", "b"]
    for told, cells in zip(read[1:], rows, strict=True):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in told)
        assert [cell.removeprefix("'") for cell in told] == [c.removeprefix("'") for c in cells]
