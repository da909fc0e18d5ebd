"""A search as the engine runs it: everything it needs, so that it reads nothing back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from securegrid.federation.plan import Target
from securegrid.index.lookup import IndexedMisp
from securegrid.misp.connection import Connection
from securegrid.portal.alliance.models import Misp, Visibility
from securegrid.portal.disclosure.rules import shows_events
from securegrid.portal.searches import cells as codes
from securegrid.values.model import Value


@dataclass(frozen=True)  # without slots: it keeps what it worked out
class Asked:
    """One MISP of a search; ``target`` is ``None`` when it is not asked in this round.

    ``index``: where its values are looked up first; then it is asked for nothing but the
    details of what the index holds. ``cells`` and the numbers are what earlier rounds left.
    """

    answer_pk: int
    misp: Misp
    own: bool
    visibility: Visibility
    cells: bytes
    target: Target | None = None
    index: IndexedMisp | None = None
    connection: Connection | None = None
    elapsed_ms: float | None = None
    requests: int = 0
    attributes: int | None = 0
    """``None`` when an earlier round was not allowed to count."""
    dropped: int = 0

    @property
    def misp_id(self) -> str:
        """How the fan-out names the MISP."""
        return str(self.misp.public_id)

    @property
    def shows_details(self) -> bool:
        """Whether the searcher may see more than numbers."""
        return shows_events(self.visibility, self.own)

    @cached_property
    def known_hits(self) -> frozenset[int]:
        """Positions that an earlier round left as hits without details, asked again now."""
        return frozenset(at for at, byte in enumerate(self.cells) if byte == codes.COMING)

    def positions(self, values: int) -> Sequence[int]:
        """Which of that many values this round asks, in order."""
        wanted = None if self.target is None else self.target.positions
        return range(values) if wanted is None else sorted(wanted)


@dataclass(frozen=True, slots=True)
class Job:
    """One round of a search: the first, or one that asks the missing cells again.

    ``started_s`` is monotonic. ``member_name`` is what the ledger says of the searcher,
    empty when the alliance hides it. ``related``: whether hits beyond equality are looked up.
    ``revision`` is the one stored before this round.
    """

    search_pk: int
    search_id: UUID
    user_pk: int | None
    member_name: str
    values: tuple[Value, ...]
    asked: tuple[Asked, ...]
    related: bool
    deadline_s: float
    started_s: float
    started_at: datetime
    revision: int
