"""The first start: inventing sign-ins and keys, and filling the nodes."""

import secrets
import string
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from securegrid.demo import cast, real
from securegrid.demo.blacktech import list_text
from securegrid.demo.filling import COMPOSED, fill
from securegrid.demo.folder import Folder, Node, Person, State
from securegrid.demo.records import ComposedEvent
from securegrid.node.accounts import KEY_LENGTH, Role
from securegrid.node.loading import Loaded
from securegrid.node.records import NewEvent

_LETTERS = string.ascii_letters + string.digits
_CONSONANTS, _VOWELS = "bdghkmnrstyz", "aeiou"

Told = Callable[[str, Loaded], None]
"""Hears the name of each MISP as it is filled, and what went in."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where the demo's data comes from: composed, or a folder of real data."""

    real_data: Path | None = None

    @property
    def data_set(self) -> str:
        """The folder under ``var/demo`` that holds it."""
        return "composed" if self.real_data is None else "real"

    def events(self, slug: str) -> Iterable[ComposedEvent | NewEvent]:
        """The events of one MISP."""
        if self.real_data is None:
            return COMPOSED[slug]() if slug in COMPOSED else ()
        return real.EVENTS[slug](self.real_data)

    def first_question(self) -> dict[str, object]:
        """The search that the history begins with."""
        if self.real_data is None:
            return {
                "text": list_text(),
                "label": "BlackTech",
                "purpose": "Repeats the trial of 2021: 853 values at four MISPs.",
            }
        return {
            "text": real.blacktech_trails(self.real_data),
            "label": "BlackTech (apt_blacktech.txt)",
            "purpose": "The published trails of the group, at four MISPs with real data.",
        }


def begin(folder: Folder, source: Source, ports: tuple[int, ...], told: Told) -> State:
    """Make a new set of data with new sign-ins; the portal itself is made by ``enrol``."""
    folder.begin_anew()
    state = State(
        people=tuple(_person(one) for one in cast.PEOPLE),
        nodes=tuple(_node(one, port) for one, port in zip(cast.MISPS, ports, strict=True)),
        secret_key=secrets.token_urlsafe(64),
        logs_read=source.real_data is not None,
    )
    for misp, node in zip(cast.MISPS, state.nodes, strict=True):
        keys = {Role.ADMIN: node.key, Role.READ_ONLY: node.portal_key}
        loaded = fill(folder.node_file(misp.slug), misp, source.events(misp.slug), keys)
        if loaded.events:
            told(misp.name, loaded)
    return state


def _person(one: cast.CastPerson) -> Person:
    return Person(one.email, password(), one.role, one.member or None, token="")


def _node(one: cast.CastMisp, port: int) -> Node:
    return Node(one.slug, one.name, one.member, port, _key(), _key())


def _key() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(KEY_LENGTH))


def password() -> str:
    """Words that can be read out and typed, from about 60 random bits."""
    words = ["".join(_syllable() for _ in range(3)) for _ in range(3)]
    return "-".join((*words, str(secrets.randbelow(90) + 10)))


def _syllable() -> str:
    return secrets.choice(_CONSONANTS) + secrets.choice(_VOWELS)
