"""The portal with indexed MISPs behind recorders: syncs, searches, and what the wires tell."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils import timezone

from securegrid.portal.alliance.models import Misp
from securegrid.portal.indexing import services as indexing
from securegrid.portal.indexing.keys import key_of
from securegrid.portal.indexing.models import MispIndex
from securegrid.portal.jobs.syncing import sync_one
from tests.faults.stage import Stage
from tests.privacy.rule import Traffic, traffic_of
from tests.privacy.world import World

DEADLINE_S = 4.0


@dataclass
class Portal:
    """Three members as on the faults' stage; the MISPs belong to the owner, and are indexed."""

    stage: Stage
    world: World
    misps: dict[str, Misp] = field(default_factory=dict)

    def connect(self, **more: Any) -> None:
        """Connect every MISP and sync it; one request at a time, so that their order is fixed."""
        for name, node in self.world.items():
            given = {"mode": "indexed", "concurrency": 1} | more
            self.misps[name] = self.stage.connect(node.wire, name, **given)  # type: ignore[arg-type]
        self.sync()

    def sync(self) -> None:
        """Bring every index into step, as a job would."""
        for misp in self.misps.values():
            indexing.sync_now(misp, timezone.now())
            sync_one(misp.public_id)
        self.forget()

    def forget(self) -> None:
        """Begin a new recording, with MISPs that are well again."""
        for node in self.world.values():
            node.wire.forget()
        Misp.objects.update(failures_in_a_row=0, resting_until=None, resting_reason="")

    def ask(self, texts: Iterable[str], **more: Any) -> dict[str, Any]:
        """Search and wait; what the API answers."""
        question = {"values": list(texts), "deadline_s": DEADLINE_S, "wait": True} | more
        answer = self.stage.call(self.stage.analyst, "POST", "/searches", question)
        assert answer.status in (200, 201), answer.content[:500]
        told: dict[str, Any] = answer.body
        assert told["state"] == "complete"
        return told

    def ask_recorded(self, texts: Iterable[str], **more: Any) -> tuple[dict[str, Any], Traffic]:
        """The same on a new recording, and what was sent."""
        self.forget()
        told = self.ask(texts, **more)
        return told, traffic_of(self.world)

    def keys(self) -> list[bytes]:
        """The fingerprint keys in use, by the names of the MISPs."""
        indexes = MispIndex.objects.select_related("current").order_by("misp__name")
        return [key_of(index.current) for index in indexes if index.current]

    def generation(self, name: str) -> UUID:
        """The generation of a MISP that answers."""
        current = MispIndex.objects.get(misp=self.misps[name]).current
        assert current is not None
        return current.name


def hits_of(told: dict[str, Any]) -> set[tuple[str, str]]:
    """The MISP and value of every hit."""
    return {(hit["misp"], hit["value"]) for hit in told["hits"]}


def states_of(told: dict[str, Any]) -> dict[str, int]:
    """How many cells are in each state, those without any left out."""
    return {state: number for state, number in told["cells"].items() if number}


def texts_of(pairs: Iterable[Sequence[str]]) -> set[str]:
    """The values of MISPs and values."""
    return {value for _, value in pairs}
