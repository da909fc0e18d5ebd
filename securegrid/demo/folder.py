"""The demo's folder: what is kept between two runs, and the one lock on it."""

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

PRIVATE = 0o600


class FolderBusy(Exception):  # noqa: N818 - an answer to people, not a fault
    """Another demo runs from this folder."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can sign in, with password and API token."""

    email: str
    password: str
    role: str
    member: str | None
    token: str


@dataclass(frozen=True, slots=True)
class Node:
    """An embedded node: its port, its administrator's key, and the key that the portal holds."""

    slug: str
    name: str
    member: str
    port: int
    key: str
    portal_key: str

    @property
    def url(self) -> str:
        """Where it is reached on this machine."""
        return f"http://127.0.0.1:{self.port}"


@dataclass(frozen=True, slots=True)
class State:
    """Everything that a later run has to know.

    ``logs_read``: the nodes hold what comes from logs. ``first_search`` is empty until it has run.
    """

    people: tuple[Person, ...]
    nodes: tuple[Node, ...]
    secret_key: str
    logs_read: bool = False
    first_search: str = ""

    def moved(self, ports: tuple[int, ...]) -> "State":
        """The same with other ports for the nodes."""
        pairs = zip(self.nodes, ports, strict=True)
        return replace(self, nodes=tuple(replace(node, port=port) for node, port in pairs))


@dataclass(frozen=True, slots=True)
class Folder:
    """``root`` (``var/demo``) holds the sign-ins and the lock; ``home`` one set of data."""

    root: Path
    data_set: str

    @property
    def home(self) -> Path:
        """Where this set of data lives; real and composed data do not touch each other."""
        return self.root / self.data_set

    @property
    def state_file(self) -> Path:
        """Written last when a set is prepared: without it the set is begun anew."""
        return self.home / "state.json"

    @property
    def credentials_file(self) -> Path:
        """The addresses, sign-ins and keys of the demo that ran last."""
        return self.root / "credentials.json"

    def token_file(self, email: str) -> Path:
        """One person's API token alone, for the command line's ``--token-file``."""
        return self.root / "tokens" / email

    def node_file(self, slug: str) -> Path:
        """The database of one node."""
        return self.home / "nodes" / f"{slug}.sqlite3"

    def log_file(self, name: str) -> Path:
        """What one process wrote."""
        return self.home / "logs" / f"{name}.log"

    def begin_anew(self) -> None:
        """Remove this set of data and make its empty folders."""
        if self.home.exists():
            shutil.rmtree(self.home)
        for part in ("nodes", "logs"):
            (self.home / part).mkdir(parents=True)

    def read_state(self) -> State | None:
        """What an earlier run left; ``None`` when there was none or it did not get ready."""
        try:
            stored = json.loads(self.state_file.read_text(encoding="utf-8"))
            return state_from(stored)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write_state(self, state: State) -> None:
        """Keep ``state`` for the next run."""
        write_private(self.state_file, asdict(state))

    def write_credentials(self, portal: str, state: State) -> None:
        """Write the sign-ins and keys for people and scripts."""
        misps = [
            {"name": n.name, "member": n.member, "url": n.url, "key": n.key} for n in state.nodes
        ]
        (self.root / "tokens").mkdir(exist_ok=True)
        users = [asdict(person) for person in state.people]
        document = {"portal": portal, "users": users, "misps": misps}
        write_private(self.credentials_file, document)
        for person in state.people:
            write_private_text(self.token_file(person.email), f"{person.token}\n")


def state_from(stored: dict[str, Any]) -> State:
    """A state as it was written; raises ``KeyError`` or ``TypeError`` when it is another form."""
    people = tuple(Person(**person) for person in stored["people"])
    nodes = tuple(Node(**node) for node in stored["nodes"])
    return State(people, nodes, stored["secret_key"], stored["logs_read"], stored["first_search"])


def write_private(path: Path, document: object) -> None:
    """Write JSON that only its owner can read, whole or not at all."""
    write_private_text(path, json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def write_private_text(path: Path, text: str) -> None:
    """Write text that only its owner can read, whole or not at all."""
    beside = path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    opened = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    with os.fdopen(opened, "w", encoding="utf-8") as file:
        file.write(text)
    beside.replace(path)


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """Hold the folder for one demo; the system lets go of it when the process dies."""
    root.mkdir(parents=True, exist_ok=True)
    with (root / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise FolderBusy(str(root)) from error
        with contextlib.suppress(OSError):
            root.chmod(0o700)
        yield
