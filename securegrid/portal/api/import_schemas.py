"""The shapes of imports and of data quality in the API, as OpenAPI documents them."""

from datetime import datetime
from typing import Literal

from ninja import Schema


class ImportOut(Schema):
    """One import. ``progress``: bytes read, or events written, while work goes on."""

    id: str
    name: str
    source: str
    format: str
    state: Literal[
        "reading", "ready", "publishing", "published", "undoing", "undone", "failed", "discarded"
    ]
    misp: str | None
    size: int
    created_at: datetime
    read_at: datetime | None
    published_at: datetime | None
    undone_at: datetime | None
    lines: int
    bad_lines: int
    passed_over: int
    events: int
    attributes: int
    errors: int
    warnings: int
    events_written: int
    attributes_written: int
    attributes_dropped: int
    attributes_refused: int
    forced: bool
    progress: int | None
    progress_total: int | None
    last_error: str | None
    last_error_at: datetime | None


class ImportsOut(Schema):
    """A page of the member's imports, the newest first."""

    imports: list[ImportOut]
    page: int
    pages: int
    total: int
    per_page: int


class ExampleOut(Schema):
    """One thing that does not meet a rule; ids are UUIDs in the MISP."""

    event: str
    attribute: str | None
    text: str


class RuleOut(Schema):
    """What one rule takes off: ``weight`` times ``found`` of ``of``."""

    rule: str
    severity: Literal["error", "warning"]
    found: int
    of: int
    weight: float
    points: float
    examples: list[ExampleOut]


class TrendOut(Schema):
    """The score of one look."""

    at: datetime
    points: float


class QualityOut(Schema):
    """The data quality of a MISP; null before the first look. ``points``: 0 to 100."""

    at: datetime | None
    points: float | None
    events: int | None
    attributes: int | None
    errors: int | None
    warnings: int | None
    rules: list[RuleOut]
    trend: list[TrendOut]
    due_at: datetime | None
    last_error: str | None
    last_error_at: datetime | None
