"""Names: one printable line, Japanese ones as they are typed."""

import pytest

from securegrid.portal.accounts.names import checked_name
from securegrid.portal.refusals import Problem, Refused


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("  Hanako  ", "Hanako"),
        ("山田　太郎", "山田 太郎"),  # an ideographic space
        ("株式会社ラック", "株式会社ラック"),
        ("x" * 20, "x" * 20),
    ],
)
def test_a_name_is_kept_as_written(written: str, name: str) -> None:
    assert checked_name(written, longest=20) == name


@pytest.mark.parametrize("written", ["", "　", "x" * 21, "two\nlines", "bell\a", "\u202eesrever"])
def test_what_is_no_name_is_refused(written: str) -> None:
    with pytest.raises(Refused) as refused:
        checked_name(written, longest=20)
    assert refused.value.problem is Problem.NAME_INVALID


def test_an_empty_name_where_it_may_be() -> None:
    assert checked_name(" ", longest=20, may_be_empty=True) == ""
