"""A node to ask: served over HTTP, with a key for an owner, a colleague, a stranger, an admin."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from securegrid.node.accounts import Role
from securegrid.node.app import app_of
from securegrid.node.store import Store
from tests.contract.serving import Answered, Swapped, ask, served

NOW = 1_795_424_040
OWNER, COLLEAGUE, READER, STRANGER, ADMIN = (letter * 40 for letter in "ocrsa")


@dataclass
class Clock:
    """A clock that goes only when it is told to."""

    now: float = NOW

    def __call__(self) -> float:
        """The moment."""
        return self.now


@dataclass
class Node:
    """A served node and its store."""

    url: str
    store: Store
    clock: Clock = field(default_factory=Clock)

    def ask(self, key: str, method: str, path: str, body: object = None) -> Answered:
        """One JSON request with a key."""
        headers = {"Authorization": key, "Accept": "application/json"}
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = json.dumps(body).encode()
        return ask(self.url, method, path, headers=headers, body=content)

    def post(self, path: str, body: object = None, *, key: str = OWNER) -> Any:
        """The JSON of a POST that must succeed."""
        answered = self.ask(key, "POST", path, {} if body is None else body)
        assert answered.status == 200, answered.content
        return answered.json()

    def get(self, path: str, *, key: str = OWNER) -> Any:
        """The JSON of a GET that must succeed."""
        answered = self.ask(key, "GET", path)
        assert answered.status == 200, answered.content
        return answered.json()

    def found(self, key: str = OWNER, **parameters: Any) -> list[str]:
        """The values that a search over attributes finds."""
        answered = self.post("/attributes/restSearch", parameters, key=key)
        return [attribute["value"] for attribute in answered["response"]["Attribute"]]

    def events(self, key: str = OWNER, **parameters: Any) -> list[str]:
        """The titles of the events that a search over events finds."""
        answered = self.post("/events/restSearch", parameters, key=key)
        return [event["Event"]["info"] for event in answered["response"]]

    def add_event(self, key: str = OWNER, **event: Any) -> dict[str, Any]:
        """The event that was made."""
        made: dict[str, Any] = self.post("/events/add", {"info": "An event", **event}, key=key)
        return made["Event"]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new node's file with the keys, made once: each test starts from a copy."""
    path = tmp_path_factory.mktemp("template") / "node.sqlite3"
    made = Store(path, clock=Clock(), host_org="Owner")
    made.add_key(Role.CONTRIBUTOR, "Owner", raw=OWNER)
    made.add_key(Role.CONTRIBUTOR, "Owner", raw=COLLEAGUE)
    made.add_key(Role.READ_ONLY, "Owner", raw=READER)
    made.add_key(Role.CONTRIBUTOR, "Stranger", raw=STRANGER)
    made.add_key(Role.ADMIN, "Owner", raw=ADMIN)
    made.close()
    return path


@pytest.fixture
def store(tmp_path: Path, clock: Clock, template: Path) -> Iterator[Store]:
    path = tmp_path / "node.sqlite3"
    shutil.copy(template, path)
    made = Store(path, clock=clock)
    yield made
    made.close()


@pytest.fixture(scope="session")
def behind() -> Swapped:
    return Swapped()


@pytest.fixture(scope="session")
def address(behind: Swapped) -> Iterator[str]:
    with served(behind) as url:
        yield url


@pytest.fixture
def node(store: Store, clock: Clock, behind: Swapped, address: str) -> Node:
    behind.app = app_of(store)
    return Node(address, store, clock)
