"""That an export asks for what is wanted, and never for everything by accident."""

import json
from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from securegrid.misp.exporting import (
    TRIES,
    ExportPage,
    ExportQuery,
    FilterIgnored,
    NoFilter,
    Wanted,
    export_pages,
)
from securegrid.misp.failures import Case, MispFailure, failure
from securegrid.misp.query import MAX_VALUES, Query, UnsafeValue
from securegrid.misp.records import Attribute
from tests.fake_misp import attribute, event

UNSAFE = ("", " ", "!", "!ip-src", "%", "a%", "0", "...", "x\x00", "a||", "\ud800")


def stored(value: str, type_: str = "domain", **more: Any) -> Attribute:
    told = attribute(value, event(1), type_, **more)
    return msgspec.convert(told, Attribute, strict=False)


def test_a_filter_is_needed_or_everything_is_said() -> None:
    with pytest.raises(NoFilter):
        Wanted()
    assert Wanted(everything=True).asked() == {}


@pytest.mark.parametrize("name", ["types", "categories", "tags", "values"])
@pytest.mark.parametrize("entry", UNSAFE)
def test_what_a_misp_would_read_as_something_else_is_refused(name: str, entry: str) -> None:
    with pytest.raises(UnsafeValue) as refused:
        Wanted(**{name: ("good", entry)}, everything=True)
    assert not entry.strip() or entry not in str(refused.value)


def test_too_many_entries_and_days_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(ValueError, match="at most"):
        Wanted(values=tuple(f"{n}.example" for n in range(MAX_VALUES + 1)))
    with pytest.raises(ValueError, match="first day"):
        Wanted(since=date(2021, 5, 2), until=date(2021, 5, 1))


@given(
    types=st.lists(st.sampled_from(["ip-src", "", "!x"]), max_size=2),
    values=st.lists(st.text(max_size=4), max_size=3),
    since=st.none() | st.dates(),
)
def test_no_query_exists_that_is_unfiltered_by_accident(
    types: list[str], values: list[str], since: date | None
) -> None:
    try:
        wanted = Wanted(since=since, types=tuple(types), values=tuple(values))
    except ValueError:
        return
    body = json.loads(ExportQuery(wanted).body())
    filters = {body.get(name) and str(body[name]) for name in ("from", "type", "value")} - {None}
    assert filters
    assert body["limit"] > 0
    for name in ("type", "value"):
        assert name not in body or (body[name] and all(entry.strip() for entry in body[name]))


def test_the_body_names_every_filter_as_misp_does() -> None:
    wanted = Wanted(
        since=date(2021, 5, 1),
        until=date(2021, 5, 13),
        types=("ip-src",),
        categories=("Network activity",),
        tags=("docodoco.jp",),
        values=("192.0.2.1",),
    )
    assert json.loads(ExportQuery(wanted, page=3, limit=7).body()) == {
        "returnFormat": "json",
        "from": "2021-05-01",
        "to": "2021-05-13",
        "type": ["ip-src"],
        "category": ["Network activity"],
        "tags": ["docodoco.jp"],
        "value": ["192.0.2.1"],
        "limit": 7,
        "page": 3,
        "order": "Attribute.id ASC",
        "includeContext": True,
    }


@pytest.mark.parametrize(
    ("wanted", "admitted"),
    [
        (Wanted(everything=True), True),
        (Wanted(types=("domain",)), True),
        (Wanted(types=("ip-src",)), False),
        (Wanted(categories=("Network activity",)), True),
        (Wanted(categories=("Other",)), False),
        (Wanted(values=("EVIL.example",)), True),
        (Wanted(values=("192.0.2.1",)), True),
        (Wanted(values=("evil.example.org",)), False),
        (Wanted(tags=("TLP:green",)), True),
        (Wanted(tags=("tlp:red",)), False),
        (Wanted(since=date(2020, 1, 1)), True),
        (Wanted(since=date(2099, 1, 1)), False),
        (Wanted(until=date(1999, 1, 1)), False),
    ],
)
def test_what_came_is_compared_with_what_was_asked(wanted: Wanted, admitted: bool) -> None:
    assert wanted.admits(stored("evil.example|192.0.2.1")) is admitted


def test_a_deleted_attribute_and_one_without_a_day_are_not_admitted() -> None:
    gone = msgspec.structs.replace(stored("evil.example"), deleted=True)
    assert not Wanted(everything=True).admits(gone)
    adrift = msgspec.structs.replace(stored("evil.example"), event=None)
    assert not Wanted(since=date(2020, 1, 1)).admits(adrift)


class Paged:
    """A MISP of so many rows that answers page by page, and fails as it is told to."""

    def __init__(self, rows: int, *failures: MispFailure) -> None:
        self.rows = [stored(f"{n}.example", identity=str(n)) for n in range(rows)]
        self.failures = list(failures)
        self.asked: list[dict[str, Any]] = []

    async def search(self, query: Query) -> tuple[Attribute, ...]:
        if self.failures:
            raise self.failures.pop(0)
        self.asked.append(json.loads(query.body()))
        start = (self.asked[-1]["page"] - 1) * query.limit
        return tuple(self.rows[start : start + query.limit])


async def read(misp: Paged, wanted: Wanted, slept: list[float] | None = None) -> list[ExportPage]:
    async def sleep(seconds: float) -> None:
        if slept is not None:
            slept.append(seconds)

    return [page async for page in export_pages(misp, wanted, limit=10, sleep=sleep)]


@pytest.mark.parametrize(("rows", "requests"), [(0, 1), (9, 1), (10, 2), (11, 2), (25, 3)])
async def test_pages_are_read_until_one_is_not_full(rows: int, requests: int) -> None:
    misp = Paged(rows)
    pages = await read(misp, Wanted(everything=True))
    assert [one for page in pages for one in page.attributes] == misp.rows
    assert [asked["page"] for asked in misp.asked] == list(range(1, requests + 1))


async def test_rows_that_were_not_asked_for_are_left_out_and_counted() -> None:
    pages = await read(Paged(9), Wanted(values=("3.example",)))
    assert [(len(page.attributes), page.left_out) for page in pages] == [(1, 8)]


async def test_a_misp_that_ignores_the_filter_is_not_read_to_its_end() -> None:
    misp = Paged(1_000)
    with pytest.raises(FilterIgnored):
        await read(misp, Wanted(types=("ip-src",)))
    assert len(misp.asked) == 1


async def test_what_passes_is_waited_for() -> None:
    busy = failure(Case.TOO_MANY_REQUESTS, retry_after_s=300.0)
    slept: list[float] = []
    pages = await read(Paged(3, failure(Case.GATEWAY_ERROR), busy), Wanted(everything=True), slept)
    assert len(pages[0].attributes) == 3
    assert slept[1] == 300.0


async def test_it_ends_when_it_does_not_pass_or_never_will() -> None:
    slept: list[float] = []
    lasting = [failure(Case.GATEWAY_ERROR) for _ in range(TRIES)]
    with pytest.raises(MispFailure):
        await read(Paged(3, *lasting), Wanted(everything=True), slept)
    assert len(slept) == TRIES - 1
    slept.clear()
    with pytest.raises(MispFailure):
        await read(Paged(3, failure(Case.BAD_KEY)), Wanted(everything=True), slept)
    assert slept == []
