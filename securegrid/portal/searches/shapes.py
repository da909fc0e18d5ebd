"""A search as pages, streams, API and command line read it: typed records, ready for JSON."""

from datetime import date, datetime
from enum import StrEnum

import msgspec

from securegrid.asn import Origin
from securegrid.federation.outcomes import CellState
from securegrid.portal.disclosure.shown import AttributeShown, EventShown
from securegrid.values.model import Kind, Reject, Relation


class MispState(StrEnum):
    """What a MISP gave to a search as a whole; RUNNING only while the search runs."""

    RUNNING = "running"
    ANSWERED = "answered"
    PARTLY = "partly"
    NOT_ANSWERED = "not_answered"
    NOT_ASKED = "not_asked"


class ValueShape(msgspec.Struct, frozen=True):
    """A value of the question, how it was written, and the analyst's note and label.

    ``origin``: the network of an address, null for what nobody announces and for other kinds.
    """

    value: str
    kind: Kind
    written: tuple[str, ...]
    note: str
    label: str
    origin: Origin | None


class RejectedShape(msgspec.Struct, frozen=True):
    """A written piece that did not become a value; ``count`` pieces where it stands for many."""

    written: str
    reason: Reject
    count: int = 1


class MispShape(msgspec.Struct, frozen=True):
    """One MISP's part in a search.

    ``reason``: the most frequent one of its cells without an answer. ``elapsed_ms``: from the
    search's start to its last answer. ``attributes`` is null where the owner does not let the
    searcher count. ``own``: it belongs to the searcher's member. ``mode``: *indexed* when its
    index is looked up, *live* when it is asked by value; ``index_age_s``: how many seconds
    before the question the index was last synced.
    """

    id: str
    name: str
    member: str
    own: bool
    state: MispState
    reason: str | None
    elapsed_ms: float | None
    requests: int
    values_hit: int
    attributes: int | None
    mode: str
    index_age_s: float | None


class CellCounts(msgspec.Struct, frozen=True, omit_defaults=True):
    """Cells of the whole grid by state; ``running`` appears only while there are any."""

    hit: int
    miss: int
    not_answered: int
    not_asked: int
    running: int = 0


class HitDocument(msgspec.Struct, frozen=True):
    """A hit in the JSON document: event and attribute as they were stored, or null.

    ``reason``: why its details could not be fetched; then it was held at the last sync.
    ``origin``: the network of a value that is an address.
    """

    value: str
    misp: str
    misp_id: str
    relation: str
    count: int | None
    event: msgspec.Raw
    attribute: msgspec.Raw
    reason: str | None
    origin: Origin | None


class SearchDocument(msgspec.Struct, frozen=True):
    """A whole search as the API gives it; ``origins_dated``: the day of the networks' data."""

    id: str
    state: str
    label: str
    purpose: str
    created_at: datetime
    by: str | None
    deadline_s: float
    private: bool
    related: bool
    elapsed_ms: float | None
    values: list[ValueShape]
    rejected: list[RejectedShape]
    misps: list[MispShape]
    hits: list[HitDocument]
    cells: CellCounts
    origins_dated: date


class SearchLine(msgspec.Struct, frozen=True):
    """A search in the history. ``by`` is the colleague's name, null when the account is gone."""

    id: str
    state: str
    label: str
    purpose: str
    created_at: datetime
    by: str | None
    elapsed_ms: float | None
    values_count: int
    values_hit: int
    private: bool
    related: bool


class GridCell(msgspec.Struct, frozen=True):
    """A cell on a page; ``count``: attributes that hit, ``None`` unless the owner tells.

    ``coming``: a hit at the last sync, of which details are being fetched; one with a
    ``reason`` has no details. ``related``: nothing in it equals the value.
    """

    state: CellState
    reason: str | None = None
    count: int | None = None
    coming: bool = False
    related: bool = False


class GridRow(msgspec.Struct, frozen=True):
    """A value and its cells, one per MISP in the order of ``SearchView.misps``.

    ``origin``: the network of an address.
    """

    position: int
    value: str
    kind: Kind
    written: tuple[str, ...]
    note: str
    label: str
    cells: tuple[GridCell, ...]
    origin: Origin | None


class Sort(StrEnum):
    """How rows are sorted: as entered, most MISPs hit first, by value, by kind, by label."""

    ENTERED = "entered"
    HITS = "hits"
    VALUE = "value"
    KIND = "kind"
    LABEL = "label"


class GridFilter(msgspec.Struct, frozen=True):
    """Which rows a page shows. ``misp``: public id of a MISP in which the value must hit."""

    hits_only: bool = False
    kind: Kind | None = None
    misp: str = ""
    label: str = ""
    text: str = ""
    sort: Sort = Sort.ENTERED


class Pages(msgspec.Struct, frozen=True):
    """Where a page stands: ``page`` from 1 to ``pages`` (at least 1), ``total`` things in all."""

    page: int
    pages: int
    total: int
    per_page: int


class HitRow(msgspec.Struct, frozen=True):
    """A hit on a page; ``reason``: why it has no details; ``origin``: as in
    ``GridRow``."""

    position: int
    value: str
    misp: str
    misp_id: str
    relation: Relation
    count: int | None
    event: EventShown | None
    attribute: AttributeShown | None
    reason: str | None = None
    origin: Origin | None = None


class SearchView(msgspec.Struct, frozen=True):
    """Everything that the result page shows, with one page of grid rows.

    ``missing``: cells that asking again could fill. ``interrupted``: its process died before
    all MISPs had answered. ``labels`` and ``kinds``: what there is to filter by.
    """

    id: str
    state: str
    label: str
    purpose: str
    created_at: datetime
    by: str | None
    deadline_s: float
    private: bool
    related: bool
    elapsed_ms: float | None
    revision: int
    interrupted: bool
    values_count: int
    values_hit: int
    rejected: tuple[RejectedShape, ...]
    misps: tuple[MispShape, ...]
    cells: CellCounts
    missing: int
    labels: tuple[str, ...]
    kinds: tuple[Kind, ...]
    rows: tuple[GridRow, ...]
    pages: Pages


class ValueView(msgspec.Struct, frozen=True):
    """The panel of one value: its cells by MISP and all its hits."""

    row: GridRow
    misps: tuple[MispShape, ...]
    hits: tuple[HitRow, ...]


class CellLine(msgspec.Struct, frozen=True):
    """One cell in the API's list of cells."""

    value: str
    misp: str
    misp_id: str
    state: CellState
    reason: str | None
