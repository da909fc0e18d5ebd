"""Events that meet every rule, and ways to break one of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from securegrid.ingest.model import AttributeDraft, Content, EventDraft, ObjectDraft
from securegrid.ingest.quality.checking import check
from securegrid.ingest.quality.findings import Finding, RuleId
from securegrid.ingest.quality.profile import Profile
from securegrid.ingest.quality.warning_lists import WarningLists

NOW = datetime(2021, 6, 12, 12, tzinfo=UTC)
SEEN = int(datetime(2021, 6, 11, 1, tzinfo=UTC).timestamp())


def event(**other: Any) -> EventDraft:
    """One as the trial's honeypot gave them."""
    fields: dict[str, Any] = {
        "uuid": str(uuid5(NAMESPACE_URL, "event")),
        "info": "[IPAlert] 2021-06-11 port:445 access from 219.167.13.11",
        "date": date(2021, 6, 11),
        "tags": ("IPAlert", "tlp:amber"),
    }
    return EventDraft(**fields | other)


def attribute(value: str = "219.167.13.11", type_: str = "ip-src", **other: Any) -> AttributeDraft:
    """One that meets every rule."""
    fields: dict[str, Any] = {
        "uuid": str(uuid5(NAMESPACE_URL, f"{type_} {value}")),
        "type": type_,
        "category": "",
        "value": value,
        "comment": "12 connections",
        "first_seen": SEEN,
        "last_seen": SEEN + 60,
    }
    return AttributeDraft(**fields | other)


def thing(*attributes: AttributeDraft, **other: Any) -> ObjectDraft:
    """An object that holds them."""
    return ObjectDraft(
        **{"uuid": "o", "template": "network-connection", "attributes": attributes} | other
    )


@dataclass(frozen=True)
class Given:
    """Drafts of a test."""

    head: EventDraft
    inside: tuple[Content, ...]

    def events(self) -> Iterator[EventDraft]:
        yield self.head

    def contents(self, event_uuid: str) -> Iterator[Content]:
        assert event_uuid == self.head.uuid
        yield from self.inside


def given(*inside: Content, **head: Any) -> Given:
    """An event with these contents, or with one good attribute."""
    return Given(event(**head), inside or (attribute(),))


def found(
    drafts: Given, profile: Profile | None = None, lists: WarningLists | None = None
) -> list[Finding]:
    """Everything that is found."""
    rules = profile or Profile.load()
    return list(check(drafts, rules, lists or WarningLists.none(), now=NOW))


def rules_of(findings: list[Finding]) -> list[RuleId]:
    """The rules alone."""
    return [finding.rule for finding in findings]
