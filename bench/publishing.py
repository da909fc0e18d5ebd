"""How fast drafts become published events: new, again, extended, undone; over HTTP to a node."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.processes import free_port, server
from bench.report import Section
from securegrid.ingest.identity import attribute_uuid, event_uuid
from securegrid.ingest.model import AttributeDraft, Content, EventDraft
from securegrid.ingest.publishing.journal import Journal
from securegrid.ingest.publishing.publish import publish
from securegrid.ingest.publishing.undo import undo
from securegrid.misp.connection import AddressPolicy, Connection
from securegrid.node.accounts import Role
from securegrid.node.store import Store

KEY = "n" * 40
SOURCE = "bench"
LARGE, MANY, IN_EACH = 10_000, 1_000, 12
_NOON = 1_620_907_200


def measure(tell: Callable[[str], None]) -> Section:
    """One large event (as GEO-MISP's) and many small ones (as IPA-MISP's), each four times."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "node.sqlite3"
        store = Store(path)
        store.add_key(Role.ADMIN, raw=KEY)
        store.close()
        port = free_port()
        arguments = ["bench.delayed_node", str(path), str(port), "0"]
        with server(arguments, port, path.with_suffix(".log")) as running:
            target = Connection(running.url, KEY, policy=AddressPolicy(allow_loopback=True))
            with Journal(Path(folder) / "journal.sqlite3") as journal:
                rows = []
                for events, attributes in ((1, LARGE), (MANY, IN_EACH)):
                    tell(f"publishing {events:,} x {attributes:,}")
                    rows.append(_four_times(target, journal, events, attributes))
    return Section(
        title="Publishing to an embedded node, over HTTP",
        rows=rows,
        note="Seconds. *again*: nothing differs; *extended*: a later part of the day changes every"
        " attribute; *undone*: that later part, then all. Two requests at a time.",
    )


def _four_times(
    target: Connection, journal: Journal, events: int, attributes: int
) -> dict[str, str | int | float]:
    morning, day = _Drafts(events, attributes), _Drafts(events, attributes, last=_NOON + 3_600)
    new_s, first = _timed(target, journal, morning)
    again_s, _ = _timed(target, journal, morning)
    extended_s, later = _timed(target, journal, day)
    started = time.perf_counter()
    for name in (later, first):
        undo(journal, name, target)
    undone_s = time.perf_counter() - started
    return {
        "events": events,
        "attributes in each": attributes,
        "new": round(new_s, 2),
        "attributes a second": round(events * attributes / new_s),
        "again": round(again_s, 2),
        "extended": round(extended_s, 2),
        "undone": round(undone_s, 2),
    }


def _timed(target: Connection, journal: Journal, drafts: "_Drafts") -> tuple[float, str]:
    started = time.perf_counter()
    done = publish(drafts, target, journal, journal.begin(SOURCE, target.url))
    if not done.whole:
        raise RuntimeError("not everything was published")
    return time.perf_counter() - started, done.name


@dataclass(frozen=True, slots=True)
class _Drafts:
    count: int
    attributes: int
    last: int = _NOON
    heads: dict[str, int] = field(default_factory=dict)

    def events(self) -> Iterator[EventDraft]:
        for number in range(self.count):
            key = ("2021-05-13", str(self.attributes), str(number))
            uuid = event_uuid("Bench", SOURCE, key)
            self.heads[uuid] = number
            title = f"(2021-05-13) bench {self.attributes} {number}"
            yield EventDraft(uuid, title, date(2021, 5, 13), ("bench", "tlp:amber"))

    def contents(self, event_uuid: str) -> Iterator[Content]:
        for n in range(self.attributes):
            value = f"100.{n // 62_500}.{n // 250 % 250}.{n % 250}"
            yield AttributeDraft(
                attribute_uuid(event_uuid, "ip-src", value),
                "ip-src",
                "Network activity",
                value,
                comment=f"{self.last} requests",
                first_seen=_NOON,
                last_seen=self.last,
            )
