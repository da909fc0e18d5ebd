"""Key rotation: every room registers what it seals, and all of it is sealed anew at once."""

from collections.abc import Callable
from typing import Any

from django.db import models

from securegrid.portal.sealing import Sealer, sealer

Reseal = Callable[[Sealer], int]
"""Seals anew what is not under the current key; gives how many rows it changed."""

_registry: dict[str, Reseal] = {}


def register(name: str, reseal: Reseal) -> None:
    """Make ``name`` part of every key rotation (called from a room's ``AppConfig.ready``)."""
    _registry[name] = reseal


def registered() -> tuple[str, ...]:
    """The names of all that is sealed."""
    return tuple(sorted(_registry))


def rotate() -> dict[str, int]:
    """Seal everything under the current master key; rows changed, by name.

    Safe to repeat and to interrupt. Raises ``SealError`` when a row opens with none of the
    keys: then nothing may be thrown away yet.
    """
    return {name: _registry[name](sealer()) for name in registered()}


def column(model: type[models.Model], field: str, context_of: Callable[[Any], str]) -> Reseal:
    """The reseal of one binary column; ``context_of(row)`` gives the context it was sealed for."""

    def reseal(current: Sealer) -> int:
        rows = model._default_manager.exclude(**{field: None}).iterator(chunk_size=200)
        return sum(_reseal_row(row, field, context_of(row), current) for row in rows)

    return reseal


def _reseal_row(row: models.Model, field: str, context: str, current: Sealer) -> int:
    old = bytes(getattr(row, field))
    if not old or current.is_current(old, context):
        return 0
    new = current.seal(current.unseal(old, context), context)
    # Only where nobody replaced it meanwhile: a newer one is under the current key anyway.
    same = type(row)._default_manager.filter(pk=row.pk, **{field: old})
    return same.update(**{field: new})
