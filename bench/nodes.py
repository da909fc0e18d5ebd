"""Two nodes of one million attributes each, behind a delay, as the measurements ask them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.baselines import Node
from bench.data import ATTRIBUTES, stored
from bench.processes import free_port, server
from securegrid.node.accounts import Role
from securegrid.node.records import NewAttribute, NewEvent, NewTag
from securegrid.node.store import Store

DELAY_MS = 100.0
KEY = "b" * 40


@contextmanager
def two_nodes(folder: Path) -> Iterator[tuple[Node, Node]]:
    """Make the nodes' files where they are missing, serve them, and stop them at the end."""
    with ExitStack() as stack:
        files = (node_file(folder, number) for number in (1, 2))
        first, second = (stack.enter_context(_served(path)) for path in files)
        yield first, second


def node_file(folder: Path, number: int, attributes: int = ATTRIBUTES) -> Path:
    """The file of a node with so many attributes, made where it is missing."""
    path = folder / f"node-{number}-{attributes}.sqlite3"
    ready = path.with_suffix(".ready")
    if not ready.exists():
        path.unlink(missing_ok=True)
        store = Store(path, host_org=f"Bench {number}")
        store.load(_events(attributes))
        store.add_key(Role.READ_ONLY, raw=KEY)
        store.close()
        ready.touch()
    return path


def _events(count: int) -> Iterator[NewEvent]:
    for title, attributes in stored(count):
        yield NewEvent(
            info=title,
            date="2026-01-01",
            published=True,
            tags=(NewTag("bench:composed"),),
            attributes=tuple(
                NewAttribute(type=a.type, category=a.category, value=a.value) for a in attributes
            ),
        )


@contextmanager
def _served(path: Path) -> Iterator[Node]:
    port = free_port()
    arguments = ["bench.delayed_node", str(path), str(port), str(DELAY_MS)]
    with server(arguments, port, path.with_suffix(".log")) as running:
        yield Node(running.url, KEY)
