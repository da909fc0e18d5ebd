"""The operator's documents name every setting, metric and admin command, and no others."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer.main
from prometheus_client import CollectorRegistry

from securegrid.cli.admin import app
from securegrid.portal.accounts.roles import Role, Scope
from securegrid.portal.config import CLIENT_SETTINGS, PREFIX, Config
from securegrid.portal.metrics import REGISTRY
from securegrid.portal.resealing import registered

DOCS = Path(__file__).parents[3] / "docs"
GUIDE = (DOCS / "operator-guide.md").read_text(encoding="utf-8")
COMMANDS = (DOCS / "admin-commands.md").read_text(encoding="utf-8")

SETTINGS = {PREFIX + name.upper() for name in Config.model_fields}


@pytest.mark.parametrize("setting", sorted(SETTINGS))
def test_every_setting_stands_in_the_table(setting: str) -> None:
    assert f"| `{setting}` |" in GUIDE


def test_no_document_names_a_setting_that_does_not_exist() -> None:
    named = set(re.findall(r"SECUREGRID_[A-Z_]+[A-Z]", GUIDE + COMMANDS))
    assert named <= SETTINGS | CLIENT_SETTINGS


@pytest.mark.parametrize("setting", sorted(SETTINGS))
def test_the_default_in_the_table_is_the_one_in_force(setting: str) -> None:
    default = Config.model_fields[setting.removeprefix(PREFIX).lower()].default
    cell = re.search(rf"\| `{setting}` \| ([^|]*) \|", GUIDE)
    assert cell is not None
    assert cell[1].strip("` ") in _written(default)


def _written(default: object) -> tuple[str, ...]:
    if hasattr(default, "get_secret_value"):
        default = default.get_secret_value()
    if default is None or default == "":
        return ("none",)
    if isinstance(default, bool):
        return (str(default).lower(),)
    return (f"{default:g}" if isinstance(default, float) else str(default),)


def commands() -> list[tuple[str, list[str]]]:
    """Each command of ``securegrid admin`` with its options."""
    found: list[tuple[str, list[str]]] = []

    def walk(command: Any, path: str) -> None:
        for name, inner in getattr(command, "commands", {}).items():
            walk(inner, f"{path} {name}")
        if not hasattr(command, "commands"):
            options = [o for p in command.params for o in (*p.opts, *p.secondary_opts)]
            found.append((path, [option for option in options if option.startswith("--")]))

    walk(typer.main.get_command(app), "admin")
    return found


@pytest.mark.parametrize(("command", "options"), commands())
def test_every_admin_command_and_option_is_described(command: str, options: list[str]) -> None:
    row = re.search(rf"^\| `{command}(?: [^`]*)?` \|", COMMANDS, re.MULTILINE)
    assert row is not None
    assert [option for option in options if option not in row[0]] == []


def test_no_described_command_is_missing() -> None:
    described = re.findall(r"^\| `(admin(?: [a-z][a-z-]*)+)", COMMANDS, re.MULTILINE)
    assert sorted(described) == sorted(path for path, _ in commands())


@pytest.mark.django_db
def test_every_metric_stands_in_the_table() -> None:
    assert isinstance(REGISTRY, CollectorRegistry)
    for metric in REGISTRY.collect():
        name = f"{metric.name}_total" if metric.type == "counter" else metric.name
        assert f"| `{name}` |" in GUIDE


def test_roles_scopes_and_sealed_things_are_named() -> None:
    for role in Role:
        assert f"| {role} |" in GUIDE
    for scope in Scope:
        assert f"`{scope}`" in GUIDE
    assert len(registered()) == 10, "name the new sealed thing in the guide, then count it here"
