"""The shapes of the searching half of the API, as OpenAPI documents them."""

from datetime import date, datetime
from typing import Literal

from ninja import Schema
from pydantic import ConfigDict, Field

from securegrid.values.model import Kind, Reject, Relation


class Strict(Schema):
    """A request body: nothing is converted, and an unknown field is refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Page(Schema):
    """Where a page stands."""

    page: int
    pages: int
    total: int
    per_page: int


class ErrorBody(Schema):
    """What went wrong: ``code`` for programs, ``message`` for people in their language."""

    code: str
    message: str
    field: str | None = None


class ErrorOut(Schema):
    """The one shape of errors; ``field`` is absent when no field is to blame."""

    error: ErrorBody


class ItemIn(Strict):
    """A value with the analyst's source note and label."""

    value: str = Field(max_length=2_000_000)
    note: str = Field("", max_length=10_000)
    label: str = Field("", max_length=1_000)


class ExtractIn(Strict):
    """Text of any form, values one by one, or both."""

    text: str | None = Field(None, examples=["evil[.]example\n192.0.2.1"])
    values: list[str | ItemIn] | None = Field(None, examples=[["evil.example"]])


class SearchIn(ExtractIn):
    """A question. ``misps``: ids or names, all when absent. ``deadline_s``: 1 to 120 seconds.

    ``private``: only indexed MISPs answer, so that no value leaves the portal. ``related``: also
    hits that are only related to a value (indexed MISPs).
    ``wait``: answer when the search is complete, instead of at once.
    """

    label: str | None = None
    purpose: str | None = None
    misps: list[str] | None = None
    deadline_s: float | None = None
    private: bool = False
    related: bool = False
    wait: bool = False


class OriginOut(Schema):
    """The network of an address: AS number, AS name, country of the network's holder.

    ``name`` and ``country`` (two capital letters) may be empty.
    """

    asn: int
    name: str
    country: str


class ValueOut(Schema):
    """A value of the question; ``origin`` is null unless it is an address that is announced."""

    value: str
    kind: Kind
    written: list[str]
    note: str
    label: str
    origin: OriginOut | None


class RejectedOut(Schema):
    """A written piece that did not become a value; ``count`` pieces where it stands for many."""

    written: str
    reason: Reject
    count: int


class ExtractOut(Schema):
    """What was understood; ``rejected`` lists at most 1,000 of ``rejected_total``."""

    values: list[ValueOut]
    rejected: list[RejectedOut]
    values_total: int
    rejected_total: int


class MispPartOut(Schema):
    """One MISP's part in a search; ``attributes`` is null where its owner does not tell.

    ``index_age_s``: seconds from the last sync of its index to the question; null without one.
    """

    id: str
    name: str
    member: str
    own: bool
    state: Literal["running", "answered", "partly", "not_answered", "not_asked"]
    reason: str | None
    elapsed_ms: float | None
    requests: int
    values_hit: int
    attributes: int | None
    mode: Literal["indexed", "live"]
    index_age_s: float | None


class TagOut(Schema):
    """A tag."""

    name: str
    colour: str | None


class EventOut(Schema):
    """The event of a hit; what the owner does not allow is null."""

    info: str
    tags: list[TagOut]
    uuid: str | None
    date: str | None
    org: str | None
    published: bool | None
    threat_level_id: int | None


class AttributeOut(Schema):
    """The attribute that hit."""

    uuid: str
    type: str
    category: str
    value: str
    comment: str
    to_ids: bool
    timestamp: str | None
    first_seen: str | None
    last_seen: str | None
    object_relation: str | None
    tags: list[TagOut]


class HitOut(Schema):
    """A hit, as its owner lets the searcher see it; ``count`` attributes stand behind it.

    ``reason``: why its details could not be fetched; then it was held at the last sync.
    ``origin``: of the value, as in ``values``.
    """

    value: str
    misp: str
    misp_id: str
    relation: Relation
    count: int | None
    event: EventOut | None
    attribute: AttributeOut | None
    reason: str | None
    origin: OriginOut | None


class CellsOut(Schema):
    """Cells by state; ``running`` is absent when there are none."""

    hit: int
    miss: int
    not_answered: int
    not_asked: int
    running: int = 0


class SearchOut(Schema):
    """A whole search. ``origins_dated``: the day as of which all ``origin`` are told."""

    id: str
    state: Literal["running", "complete"]
    label: str
    purpose: str
    created_at: datetime
    by: str | None
    deadline_s: float
    private: bool
    related: bool
    elapsed_ms: float | None
    values: list[ValueOut]
    rejected: list[RejectedOut]
    misps: list[MispPartOut]
    hits: list[HitOut]
    cells: CellsOut
    origins_dated: date


class SearchLineOut(Schema):
    """A search in the history."""

    id: str
    state: Literal["running", "complete"]
    label: str
    purpose: str
    created_at: datetime
    by: str | None
    elapsed_ms: float | None
    values_count: int
    values_hit: int
    private: bool
    related: bool


class HistoryOut(Page):
    """A page of the member's searches, newest first."""

    searches: list[SearchLineOut]


class CellOut(Schema):
    """One value at one MISP; a hit with a ``reason`` was held at the last sync, without details."""

    value: str
    misp: str
    misp_id: str
    state: Literal["running", "hit", "miss", "not_answered", "not_asked"]
    reason: str | None


class CellsPageOut(Page):
    """A page of cells, MISP by MISP."""

    cells: list[CellOut]
