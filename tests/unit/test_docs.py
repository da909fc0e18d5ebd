"""The documents: every command, setting and link in them is there, and the other way round."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

import securegrid
from securegrid.cli.main import app
from securegrid.portal.api.app import api
from securegrid.portal.config import PREFIX, Config

ROOT = Path(__file__).resolve().parents[2]
DOCS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def text_of(*names: str) -> str:
    """The documents of these names, one after the other."""
    return "\n".join((ROOT / name).read_text(encoding="utf-8") for name in names)


def commands() -> Iterator[tuple[str, list[str]]]:
    """Every command with its long options."""
    group = typer.main.get_command(app)
    waiting = [((), group)]
    while waiting:
        path, command = waiting.pop()
        inner = getattr(command, "commands", None)
        if inner:
            waiting += [((*path, name), one) for name, one in inner.items()]
        else:
            options = [o for p in command.params for o in p.opts if o.startswith("--")]
            yield " ".join(path), [option for option in options if option != "--help"]


COMMANDS = dict(commands())
INGEST = [str(path.relative_to(ROOT)) for path in sorted(ROOT.glob("docs/ingest*.md"))]
"""Getting data in has pages of its own."""


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_documented_with_its_options(command: str) -> None:
    docs = text_of("docs/command-line.md", "docs/admin-commands.md", "docs/demo.md", *INGEST)
    group, _, last = command.rpartition(" ")
    together = rf"{re.escape(group)} [\w|\\]*\b{last}\b" if group else rf"\b{last}\b"
    assert re.search(together, docs), command
    assert [option for option in COMMANDS[command] if option not in docs] == []


def test_every_setting_is_in_the_operator_guide() -> None:
    guide = text_of("docs/operator-guide.md")
    names = [PREFIX + name.upper() for name in Config.model_fields]
    assert [name for name in names if name not in guide] == []


def test_every_operation_of_the_api_is_documented_and_no_other() -> None:
    paths = api.get_openapi_schema()["paths"]
    offered = {f"{method.upper()} {path}" for path in paths for method in paths[path]}
    named = re.findall(r"^\| `([A-Z]+ /api/\S+)`", text_of("docs/api.md"), re.MULTILINE)
    assert sorted(named) == sorted(offered)


@pytest.mark.parametrize("path", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_within_the_documents_leads_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?://|mailto:)([^)\s]+)\)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not _leads_somewhere(path, link)] == []


def _leads_somewhere(path: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = (path.parent / name).resolve() if name else path
    if not target.exists():
        return False
    return not anchor or anchor in _anchors(target)


def _anchors(path: Path) -> set[str]:
    """The anchors of a document as forges make them from headings."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading).strip().lower() for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("name", ["README.md", "README.ja.md"])
def test_the_readmes_lead_with_the_two_commands(name: str) -> None:
    first_block = text_of(name).split("```")[1]
    assert [line.partition("#")[0].strip() for line in first_block.splitlines()[1:]] == [
        "make demo",
        "make test",
    ]


def test_the_changes_begin_with_this_version() -> None:
    first = re.search(r"^## (\S+)", text_of("CHANGELOG.md"), re.MULTILINE)
    assert first is not None
    assert first.group(1) == securegrid.__version__


def test_every_decision_has_its_number_and_three_parts() -> None:
    paths = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [path.name[:4] for path in paths] == [f"{n:04}" for n in range(1, len(paths) + 1)]
    for path in paths:
        text = path.read_text(encoding="utf-8")
        assert re.search(r"[Cc]ontext", text), path.name
        assert re.search(r"[Dd]ecision", text), path.name
        assert re.search(r"[Cc]onsequences", text), path.name
