"""Commands that are loaded when they are used: a search need not wait for the demo's modules."""

from collections import UserDict
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

Parts = Mapping[str, str]
"""Where each command is, ``module:name``: a function, or an app of commands."""


def group_of(parts: Parts) -> type[TyperGroup]:
    """A kind of group that holds these commands, in this order."""

    class Lazily(TyperGroup):
        """Loads one command to run it, and all of them to list them."""

        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self.commands = _Loading(parts)

    return Lazily


class _Loading(UserDict[str, Any]):
    """Commands by name; each is loaded when it is first looked at."""

    def __getitem__(self, name: str) -> Any:
        held = self.data[name]
        if isinstance(held, str):
            held = self.data[name] = _loaded(name, held)
        return held


def _loaded(name: str, place: str) -> Any:
    module, _, attribute = place.partition(":")
    part: typer.Typer | Callable[..., Any] = getattr(import_module(module), attribute)
    if isinstance(part, typer.Typer):
        group = typer.main.get_group(part)
        group.name = name
        return group
    alone = typer.Typer(add_completion=False)
    alone.command(name)(part)
    return typer.main.get_command(alone)
