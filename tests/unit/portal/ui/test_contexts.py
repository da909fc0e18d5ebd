"""Every page's context holds exactly what its template shows: nothing else can reach a browser."""

import dataclasses
import types
import typing
from collections.abc import Iterator

import pytest
from django.urls import get_resolver

from securegrid.portal.ui.page import Page
from tests.unit.portal.ui.sources import names_used, page_names_used

get_resolver().url_patterns  # noqa: B018 - imports every view, and with them every page


def _subclasses(kind: type) -> Iterator[type]:
    for below in kind.__subclasses__():
        yield below
        yield from _subclasses(below)


# dataclass(slots=True) makes each class twice; the one with the fields is the one in use.
PAGES = sorted(
    {
        f"{kind.__module__}.{kind.__qualname__}": kind
        for kind in _subclasses(Page)
        if dataclasses.is_dataclass(kind) and "template" in vars(kind)
    }.items()
)


def _parts(kind: object) -> Iterator[type]:
    """The dataclasses inside a type such as ``tuple[Row, ...]`` or ``Row | None``."""
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        yield kind
        for hint in typing.get_type_hints(kind).values():
            yield from _parts(hint)
    elif typing.get_origin(kind) in {tuple, list, dict, types.UnionType, typing.Union}:
        for part in typing.get_args(kind):
            yield from _parts(part)


@pytest.mark.parametrize(("name", "page"), PAGES, ids=[name for name, _ in PAGES])
def test_the_context_holds_exactly_what_the_template_shows(name: str, page: type[Page]) -> None:
    """A part may be handed to an included template, which then calls it ``page``."""
    fields = {field.name for field in dataclasses.fields(page)}
    of_parts = {field.name for part in _parts(page) for field in dataclasses.fields(part)}
    assert fields <= names_used(page.template)
    assert page_names_used(page.template) <= fields | of_parts


@pytest.mark.parametrize(("name", "page"), PAGES, ids=[name for name, _ in PAGES])
def test_each_row_holds_only_what_the_template_shows(name: str, page: type[Page]) -> None:
    shown = names_used(page.template)
    hints = (hint for hint in typing.get_type_hints(page).values())
    for row in {part for hint in hints for part in _parts(hint)}:
        assert {field.name for field in dataclasses.fields(row)} <= shown, row


@pytest.mark.parametrize(("name", "page"), PAGES, ids=[name for name, _ in PAGES])
def test_contexts_are_frozen(name: str, page: type[Page]) -> None:
    assert page.__dataclass_params__.frozen  # type: ignore[attr-defined]


def test_there_are_pages() -> None:
    assert len(PAGES) > 15
