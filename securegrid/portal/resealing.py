"""Key rotation: every room registers what it seals, and all of it is sealed anew at once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models

from securegrid.portal.sealing import Sealer, SealError, sealer

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

    Safe to repeat and to interrupt. Raises ``SealError`` naming what opens with none of the
    keys: then no key may be thrown away yet.
    """
    return {name: _rotate_one(name) for name in registered()}


def _rotate_one(name: str) -> int:
    try:
        return _registry[name](sealer())
    except SealError as fault:
        raise SealError(f"{name}: {fault}") from None


@dataclass(frozen=True, slots=True)
class Column:
    """One sealed column; ``context_of(row)`` gives the context it was sealed for."""

    model: type[models.Model]
    field: str
    context_of: Callable[[Any], str]

    def __call__(self, current: Sealer) -> int:
        """Seal anew what is not under the current key; rows changed."""
        rows = self.model._default_manager.exclude(**{self.field: None})
        return sum(self._reseal(row, current) for row in rows.iterator(chunk_size=200))

    def _reseal(self, row: models.Model, current: Sealer) -> int:
        old, context = bytes(getattr(row, self.field)), self.context_of(row)
        if not old or current.is_current(old, context):
            return 0
        new = current.seal(current.unseal(old, context), context)
        # Only where nobody replaced it meanwhile: a newer one is under the current key anyway.
        same = self.model._default_manager.filter(pk=row.pk, **{self.field: old})
        return same.update(**{self.field: new})


def column(model: type[models.Model], field: str, context_of: Callable[[Any], str]) -> Column:
    """The reseal of one binary column; see ``Column``."""
    return Column(model, field, context_of)


def registered_columns() -> tuple[Column, ...]:
    """The columns among all that is sealed."""
    return tuple(reseal for reseal in _registry.values() if isinstance(reseal, Column))
