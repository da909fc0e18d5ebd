"""The shapes of a MISP's index in the API, as OpenAPI documents them."""

from datetime import datetime
from typing import Literal

from ninja import Schema
from pydantic import Field

from securegrid.portal.api.schemas import Strict

_CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"


class QuietHours(Strict):
    """No sync begins from the one time of day to the other; ``zone`` is an IANA name."""

    begins: str = Field(pattern=_CLOCK, examples=["08:00"])
    ends: str = Field(pattern=_CLOCK, examples=["18:00"])
    zone: str = Field("UTC", max_length=64, examples=["Asia/Tokyo"])


class IndexSyncOut(Schema):
    """The sync at work; ``remaining_s`` is null while it is unknown."""

    filling: bool
    started_at: datetime
    events_done: int
    events_total: int
    attributes_done: int
    attributes_total: int
    rate_per_s: float
    remaining_s: float | None


class IndexOut(Schema):
    """How a MISP's index stands; ``bytes`` on disk, ``age_s`` since the last complete sync."""

    mode: Literal["live", "indexed"]
    standing: Literal["live", "ready", "stale", "missing"]
    epoch: int
    rows: int
    events: int
    bytes: int
    synced_at: datetime | None
    age_s: float | None
    changed_at: datetime | None
    events_replaced: int
    events_removed: int
    rotating: bool
    sync: IndexSyncOut | None
    paused: bool
    due_at: datetime | None
    failures: int
    last_error: str | None
    last_error_at: datetime | None
    interval_min: int
    max_age_h: int
    quiet: QuietHours | None
    rate_per_s: int
    blocks: bool


class IndexChange(Strict):
    """What is to change; what is absent stays. ``quiet``: null ends the quiet hours."""

    paused: bool | None = None
    interval_min: int | None = Field(None, ge=0, lt=2**31)
    max_age_h: int | None = Field(None, ge=0, lt=2**31)
    quiet: QuietHours | None = None
    rate_per_s: int | None = Field(None, ge=0, lt=2**31)
    blocks: bool | None = None
