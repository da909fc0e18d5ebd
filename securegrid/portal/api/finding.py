"""Finding what a request names, among the rows that the caller may reach and no others."""

from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from securegrid.portal.api.errors import ApiError, Code

_Row = TypeVar("_Row", bound=Model)


def by_id_or_name(rows: QuerySet[_Row], wanted: str, field: str = "") -> _Row:
    """The row with this public id or name among ``rows``. Raises ApiError.

    ``field``: the part of the request's body that named it; without one it is simply absent.
    """
    try:
        found = rows.filter(public_id=UUID(wanted)).first()
    except ValueError:
        found = rows.filter(name=wanted).first()
    if found is None:
        raise ApiError(Code.INVALID, field) if field else ApiError(Code.NOT_FOUND)
    return found


def by_id(rows: QuerySet[_Row], wanted: UUID) -> _Row:
    """The row with this public id among ``rows``. Raises ApiError."""
    found = rows.filter(public_id=wanted).first()
    if found is None:
        raise ApiError(Code.NOT_FOUND)
    return found
