"""What is sealed in the database: all of it sealed anew at once, and a wrong key refused."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import models

from securegrid.portal.config import UnsafeSettings
from securegrid.portal.sealing import Sealer, SealError, sealer

Reseal = Callable[[Sealer], int]
"""Seals anew what is not under the current key; gives how many rows it changed."""

Opens = Callable[[Sealer], bool]
"""Whether the master keys open enough of something for the portal to work."""

_registry: dict[str, Reseal] = {}
_needed: dict[str, Opens] = {}


def register(name: str, reseal: Reseal) -> None:
    """Make ``name`` part of every key rotation (called from a room's ``AppConfig.ready``)."""
    _registry[name] = reseal


def need(name: str, opens: Opens) -> None:
    """Let the portal start only where the master key opens ``name`` (from ``ready`` too)."""
    _needed[name] = opens


def refuse_wrong_key() -> None:
    """Raise ``UnsafeSettings`` when the master key does not open what this database holds.

    Called after the settings are checked and the database is up to date, before anything
    listens or works. It only reads: with the right key everything is as it was.
    """
    for name, opens in sorted(_needed.items()):
        if not opens(sealer()):
            raise UnsafeSettings(
                f"SECUREGRID_MASTER_KEY_FILE: does not open the {name} in this database; it is "
                "another key, or an older one is missing below it. Nothing was changed."
            )


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

    def opens_all(self, current: Sealer) -> bool:
        """Whether every row opens (for columns of few rows)."""
        return all(self._openable(current))

    def opens_any(self, current: Sealer) -> bool:
        """Whether one row opens, or there is none: enough to know a wrong key."""
        found = False
        for opened in self._openable(current):
            found = True
            if opened:
                return True
        return not found

    def _openable(self, current: Sealer) -> Iterator[bool]:
        rows = self.model._default_manager.exclude(**{self.field: None})
        for row in rows.iterator(chunk_size=200):
            sealed = bytes(getattr(row, self.field))
            if sealed:
                yield _opens(current, sealed, self.context_of(row))

    def _reseal(self, row: models.Model, current: Sealer) -> int:
        old, context = bytes(getattr(row, self.field)), self.context_of(row)
        if not old or current.is_current(old, context):
            return 0
        new = current.seal(current.unseal(old, context), context)
        # Only where nobody replaced it meanwhile: a newer one is under the current key anyway.
        same = self.model._default_manager.filter(pk=row.pk, **{self.field: old})
        return same.update(**{self.field: new})


def _opens(current: Sealer, sealed: bytes, context: str) -> bool:
    try:
        current.unseal(sealed, context)
    except SealError:
        return False
    return True


def column(model: type[models.Model], field: str, context_of: Callable[[Any], str]) -> Column:
    """The reseal of one binary column; see ``Column``."""
    return Column(model, field, context_of)


def registered_columns() -> tuple[Column, ...]:
    """The columns among all that is sealed."""
    return tuple(reseal for reseal in _registry.values() if isinstance(reseal, Column))
