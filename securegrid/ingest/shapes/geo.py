"""Events of anonymous sources in access logs, as the trial's GEO-MISP wrote them."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from securegrid.ingest.identity import attribute_uuid, event_uuid
from securegrid.ingest.model import AttributeDraft, Content, Counted, EventDraft, Key
from securegrid.ingest.readers.when import as_date
from securegrid.ingest.shapes.options import ShapeOptions

UNKNOWN_PROVIDER = "provider unknown"


class GeoShape:
    """One event per day, system and provider; its key is (day, system, class, provider), an
    item's is (address,) from a server's log, (address, country, organisation) from a service's
    rows: one source has the one or the other, so that what is of one address comes together."""

    def __init__(self, options: ShapeOptions) -> None:
        self._options = options

    def head(self, event: Key) -> EventDraft:
        """The event of this key."""
        day, system, kind, provider = event
        written = provider or UNKNOWN_PROVIDER
        return EventDraft(
            uuid=self._uuid(event),
            info=f"({day}) {self._options.shown} {system} {kind} ({written})",
            date=as_date(day),
            tags=(self._options.source_tag, day, f"anonymous:{kind}", *self._options.tags),
            distribution=self._options.distribution,
        )

    def contents(self, event: Key, items: Iterable[tuple[Key, Counted]]) -> Iterator[Content]:
        """The provider and the system, then every address with when and how often it came."""
        uuid = self._uuid(event)
        yield from _about(uuid, event)
        for address, same in groupby(items, key=lambda one: one[0][0]):
            yield _address(uuid, address, list(same))

    def _uuid(self, event: Key) -> str:
        return event_uuid(self._options.alliance, self._options.source, event)


def _about(uuid: str, event: Key) -> Iterator[AttributeDraft]:
    _, system, kind, provider = event
    if "://" in provider:
        yield AttributeDraft(
            uuid=attribute_uuid(uuid, "link", provider),
            type="link",
            category="External analysis",
            value=provider,
            comment=f"Provider of the networks ({kind})",
        )
    yield AttributeDraft(
        uuid=attribute_uuid(uuid, "text", f"OS: {system}"),
        type="text",
        category="Other",
        value=f"OS: {system}",
        comment="As the clients' user agents claim",
    )


def _address(uuid: str, address: str, items: list[tuple[Key, Counted]]) -> AttributeDraft:
    """Written by its owner's rows under several names, it is one address all the same."""
    count = sum(counted.count for _, counted in items)
    said = dict.fromkeys(text for key, _ in items for text in key[1:] if text)
    requests = "1 request" if count == 1 else f"{count:,} requests"
    return AttributeDraft(
        uuid=attribute_uuid(uuid, "ip-src", address),
        type="ip-src",
        category="Network activity",
        value=address,
        comment="; ".join([requests, *said]),
        first_seen=min(counted.first for _, counted in items),
        last_seen=max(counted.last for _, counted in items),
    )
