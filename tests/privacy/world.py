"""Two real MISPs with a recorder before each, what they hold, and what nobody holds."""

import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from securegrid.node.accounts import Role
from securegrid.node.app import app_of
from securegrid.node.records import NewAttribute, NewEvent, NewTag
from securegrid.node.store import Store
from securegrid.values.model import Value
from securegrid.values.normalise import normalise
from tests.contract.serving import Swapped, ask, served
from tests.faults.stage import KEY
from tests.privacy.recorder import Recorder, recording

OWNER_KEY = "privacyOwnerKey0" + "o" * 24
NOW = 1_795_000_000

MANY = 420
"""Domains that A holds in one event, so that hits come in several batches."""

HELD: Mapping[str, tuple[tuple[str, str], ...]] = {
    "A": (
        *(("domain", f"held-{number:03}.example") for number in range(MANY)),
        *(("ip-dst", f"198.18.4.{number}") for number in range(1, 40)),
        ("url", "https://held-ibis.example/drop/x.php?id=7"),
        ("email-src", "held.ibis@held-mail.example"),
        ("domain|ip", "held-composite.example|198.18.9.9"),
        ("sha256", "5f" * 32),
        ("ip-dst", "198.19.64.0/20"),
        ("domain", "held-both.example"),
    ),
    "B": (
        ("domain", "held-both.example"),
        ("hostname", "cc.held-b.example"),
        ("ip-src", "2001:db8:b::7"),
        *(("domain", f"held-{number:03}.example") for number in range(0, MANY, 7)),
    ),
}
"""Type and value of what each MISP holds."""

MISSES = (
    "miss-kestrel.example",
    "203.0.113.201",
    "2001:db8:47::113:9",
    "7f6e5d4c3b2a19081716253443526170a9b8c7d6e5f40312233445566778899a",
    "https://miss-osprey.example/a/?q=miss",
    "miss.merlin@miss-harrier.example",
    "CVE-2031-48151",
    "miss-xn.例え.example",
    "203.0.113.128/26",
)
"""In no MISP, and near nothing that is: nobody but the searcher may ever learn of them."""
WRITTEN = ("miss-kestrel[.]example", "hxxps://miss-osprey.example/a/?q=miss", "miss-osprey.example")
"""How the searcher wrote some of them, and parts of them."""

EVENTS = {name: str(uuid5(NAMESPACE_URL, f"event of {name}")) for name in HELD}


def attribute_uuid(misp: str, value: str) -> UUID:
    """The UUID of the attribute with this value."""
    return uuid5(NAMESPACE_URL, f"attribute {value} of {misp}")


def holders(misp: str, texts: Iterable[str]) -> set[UUID]:
    """The attributes of a MISP that are one of ``texts``, or have it as one half."""
    wanted = set(texts)
    return {
        attribute_uuid(misp, value)
        for _, value in HELD[misp]
        if value in wanted or wanted & set(value.split("|"))
    }


@dataclass
class Node:
    """One MISP: its file, its true address, and the wire by which the portal reaches it."""

    name: str
    store: Store
    address: str
    wire: Recorder

    def do(self, path: str, body: object = None) -> Any:
        """Something that the owner does at the MISP itself, beside the wire."""
        headers = {"Authorization": OWNER_KEY, "Accept": "application/json"}
        headers |= {"Content-Type": "application/json"}
        content = json.dumps({} if body is None else body).encode()
        answered = ask(self.address, "POST", path, headers=headers, body=content)
        assert answered.status == 200, answered.content
        return answered.json()

    def delete(self, value: str, *, hard: bool = False) -> None:
        """Delete the attribute with this value; kept as deleted, unless ``hard``."""
        ending = "/1" if hard else ""
        self.do(f"/attributes/delete/{attribute_uuid(self.name, value)}{ending}")


World = dict[str, Node]
"""The MISPs by name."""


def template(folder: Path) -> dict[str, Path]:
    """A filled file for each MISP, made once."""
    return {name: _filled(name, folder / f"{name}.sqlite3") for name in HELD}


def _filled(name: str, path: Path) -> Path:
    store = Store(path, clock=lambda: NOW, host_org=f"Org {name}")
    store.add_key(Role.READ_ONLY, raw=KEY)
    store.add_key(Role.ADMIN, raw=OWNER_KEY)
    attributes = [
        NewAttribute(type=kind, value=value, uuid=str(attribute_uuid(name, value)))
        for kind, value in HELD[name]
    ]
    event = NewEvent(
        info=f"[Event of {name}]",
        attributes=tuple(attributes),
        uuid=EVENTS[name],
        published=True,
        timestamp=NOW,
        tags=(NewTag("tlp:green"),),
    )
    loaded = store.load([event])
    assert loaded.attributes == len(attributes), loaded
    store.close()
    return path


@contextmanager
def wires() -> Iterator[dict[str, tuple[Swapped, str, Recorder]]]:
    """For each MISP: what is put behind an address, the address, and a recorder before it."""
    with ExitStack() as stack:
        before = stack.enter_context(recording())
        made = {}
        for name in HELD:
            behind = Swapped()
            address = stack.enter_context(served(behind))
            made[name] = (behind, address, before(address))
        yield made


@contextmanager
def opened(
    files: Mapping[str, Path], at: Mapping[str, tuple[Swapped, str, Recorder]], folder: Path
) -> Iterator[World]:
    """The MISPs as they were made, on files of their own."""
    world: World = {}
    for name, (behind, address, wire) in at.items():
        path = folder / files[name].name
        shutil.copy(files[name], path)
        store = Store(path, clock=_later())
        behind.app = app_of(store)
        wire.forget()
        world[name] = Node(name, store, address, wire)
    yield world
    for node in world.values():
        node.wire.fault = node.wire.fault.NONE
        node.store.close()


def _later() -> Callable[[], float]:
    """A clock that moves with every look: each edit has a second of its own."""
    moments = iter(range(NOW + 1_000, NOW + 10_000_000, 10))
    return lambda: next(moments)


def values(texts: list[str] | tuple[str, ...]) -> list[Value]:
    """Texts as the portal understands them."""
    return [understood for text in texts if isinstance(understood := normalise(text), Value)]
