"""Foreign text made harmless: terminals, spreadsheets, Markdown."""

import pytest

from securegrid.cli.clean import defused, markdown, printable


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", "＝", "  =", "\n@"])
def test_a_formula_is_shown_and_not_computed(start: str) -> None:
    assert defused(f"{start}cmd").startswith("'")


@pytest.mark.parametrize("cell", ["", "evil.example.com", "1.2.3.4", "a=b", "どこどこJP"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert defused(cell) == cell


def test_nothing_invisible_is_printed() -> None:
    assert printable("a\x1b[31mb\u200bc\u202ed\u2028e\tf\x00\x85") == "a[31mbcde f"


def test_markdown_keeps_line_breaks_and_nothing_else() -> None:
    assert markdown("a\nb|c") == r"a<br>b\|c"
