"""GEO-MISP and IPA-MISP are filled as a member would: by commands that read (composed) logs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from securegrid.demo import geo_log, ipa_log
from securegrid.demo.folder import Folder, Node, write_private_text
from securegrid.ingest.pipeline import journal_of
from securegrid.ingest.publishing.outcomes import Counts

SLUGS = frozenset({"geo", "ipa"})
"""The nodes that begin empty."""
_PROFILE = Path(__file__).with_name("profile.toml")


@dataclass(frozen=True, slots=True)
class LogImport:
    """One command, without ``securegrid`` before it, and the node that it fills."""

    node: Node
    arguments: tuple[str, ...]


def imports(folder: Folder, nodes: Sequence[Node]) -> Iterator[LogImport]:
    """Write the logs and keys into ``folder``; gives the commands.

    Run again after an interruption, each goes on where it stopped.
    """
    for node in nodes:
        if node.slug in SLUGS:
            key = folder.home / "keys" / node.slug
            key.parent.mkdir(mode=0o700, exist_ok=True)
            write_private_text(key, f"{node.key}\n")
            yield LogImport(node, (*_reader(folder, node.slug), *_into(folder, node, key)))


def written(folder: Folder, nodes: Sequence[Node]) -> Iterator[tuple[str, Counts]]:
    """What the commands wrote, by the name of the MISP."""
    for node in nodes:
        if node.slug in SLUGS:
            with journal_of(_state(folder, node)) as journal:
                ((_, counts),) = journal.imports()
                yield node.name, counts


def _state(folder: Folder, node: Node) -> Path:
    return folder.home / "imports" / node.slug


def _reader(folder: Folder, slug: str) -> tuple[str, ...]:
    logs = folder.home / "access-logs"
    if slug == "geo":
        named = ("--source", "docodoco.jp", "--name", "どこどこJP")
        return ("ingest", "access-log", "--rows", *named, *map(str, geo_log.write(logs)))
    path = folder.home / "ipalert.csv"
    ipa_log.write(path)
    return ("ingest", "honeypot", str(path))


def _into(folder: Folder, node: Node, key: Path) -> tuple[str, ...]:
    options: Mapping[str, object] = {
        "--misp": node.url,
        "--key-file": key,
        "--state": _state(folder, node),
        "--profile": _PROFILE,
        "--workers": 1,  # both commands run at once
    }
    return tuple(str(part) for option in options.items() for part in option)
