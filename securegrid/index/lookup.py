"""Looking up: which of the searched values which MISPs held when their index was last synced."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class IndexedMisp:
    """The index of one MISP as a search meets it.

    ``misp`` names it in every answer; ``key`` (32 bytes) is that of the generation;
    ``synced_at`` is when the generation was last in step with the MISP.
    """

    misp: str
    generation: UUID
    key: bytes = field(repr=False)
    synced_at: datetime | None = None
