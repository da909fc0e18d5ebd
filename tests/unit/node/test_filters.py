"""A search is read into a typed filter, and never means everything by accident (trap 1)."""

from typing import Any

import pytest

from securegrid.node.filters import (
    Choice,
    Span,
    choice_of,
    demand_filter,
    read_filter,
    truthy,
)
from securegrid.node.protocol import Refused

NOW = 1_795_424_040


@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        [],
        {},
        "!",
        "%",
        "%%",
        [""],
        ["", "x"],
        ["x", "!"],
        [" "],
        ["%"],
        [None],
        {"OR": []},
    ],
)
def test_an_empty_or_all_matching_filter_is_refused_with_or_without_a_limit(given: object) -> None:
    for more in ({}, {"limit": 10}):
        with pytest.raises(Refused) as refused:
            read_filter({"value": given, **more}, NOW)
        assert refused.value.status == 400


@pytest.mark.parametrize("parameters", [{}, {"bogus": "x"}, {"returnFormat": "json"}, {"limit": 0}])
def test_no_filter_and_no_limit_is_refused(parameters: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        demand_filter(read_filter(parameters, NOW))


def test_paging_through_everything_is_a_filter_enough() -> None:
    assert demand_filter(read_filter({"limit": 5, "page": 3}, NOW)).paging.offset == 10


@pytest.mark.parametrize(
    ("given", "choice"),
    [
        ("a", Choice(("a",))),
        (445, Choice(("445",))),
        (True, Choice(("1",))),
        (["a", None, "!b"], Choice(("a",), (), ("b",))),
        ("a||b", Choice(("a", "b"))),
        ("a&&!b", Choice(("a",), (), ("b",))),
        ({"OR": ["a"], "AND": ["b"], "NOT": "c"}, Choice(("a",), ("b",), ("c",))),
        ({"OR": ["!a"]}, Choice(("!a",))),
    ],
)
def test_the_ways_to_write_alternatives_requirements_and_exclusions(
    given: object, choice: Choice
) -> None:
    assert choice_of("value", given) == choice


@pytest.mark.parametrize(
    ("given", "span"),
    [
        ("1d", Span(NOW - 86400)),
        (["2d", "1h"], Span(NOW - 2 * 86400, NOW - 3600)),
        (["1h", "2d"], Span(NOW - 2 * 86400, NOW - 3600)),
        ("banana", Span(impossible=True)),
        (["1d", "banana"], Span(impossible=True)),
    ],
)
def test_spans_of_time(given: object, span: Span) -> None:
    assert read_filter({"timestamp": given}, NOW).spans["timestamp"] == span


def test_dates_come_from_three_pairs_of_names() -> None:
    span = Span("2021-05-01", "2021-05-31")
    for given in (
        {"from": "2021-05-01", "to": "2021-05-31"},
        {"datefrom": "2021-05-01", "dateuntil": "2021-05-31"},
        {"date": ["2021-05-01", "2021-05-31"]},
    ):
        assert read_filter(given, NOW).spans["date"] == span
    assert read_filter({"from": "whenever"}, NOW).spans["date"].impossible


def test_switches_are_read_as_php_reads_them() -> None:
    assert truthy("false")
    assert truthy("1")
    assert not truthy("0")
    assert not truthy("")
    assert read_filter({"to_ids": 0}, NOW).flags["to_ids"] == {0}
    assert read_filter({"deleted": [0, 1]}, NOW).flags["deleted"] == {0, 1}
    assert read_filter({"to_ids": "exclude"}, NOW).flags["to_ids"] == {0}


@pytest.mark.parametrize(
    ("given", "limit", "counted"),
    [(3, 3, True), ("3", 3, True), (0, None, False), (-1, None, True), (None, None, False)],
)
def test_limits(given: object, limit: int | None, counted: bool) -> None:
    paging = read_filter({"value": "x", "limit": given}, NOW).paging
    assert (paging.limit, paging.counted) == (limit, counted)


def test_a_limit_that_is_no_number_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        read_filter({"value": "x", "limit": "abc"}, NOW)
    assert refused.value.status == 400


@pytest.mark.parametrize(
    "parameters",
    [
        {"value": [f"{n}%" for n in range(101)]},
        {"value": "x" * 1001 + "%"},
        {"eventinfo": [str(n) for n in range(201)]},
    ],
)
def test_what_would_cost_too_much_is_refused(parameters: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        read_filter(parameters, NOW)
    assert refused.value.status == 400


def test_searchall_counts_only_where_it_is_asked_for() -> None:
    assert "searchall" not in read_filter({"searchall": "x"}, NOW).choices
    assert "searchall" in read_filter({"quickFilter": "x"}, NOW, searchall=True).choices
