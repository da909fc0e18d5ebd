"""A search as the engine runs it: everything it needs, so that it reads nothing back."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from securegrid.federation.plan import Target
from securegrid.misp.connection import Connection
from securegrid.portal.alliance.models import Misp, Visibility
from securegrid.values.model import Value


@dataclass(frozen=True, slots=True)
class Asked:
    """One MISP of a search; ``target`` is ``None`` when it is not asked in this round.

    ``cells`` and the numbers are what earlier rounds of the search left.
    """

    answer_pk: int
    misp: Misp
    own: bool
    visibility: Visibility
    cells: bytes
    target: Target | None = None
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


@dataclass(frozen=True, slots=True)
class Job:
    """One round of a search: the first, or one that asks the missing cells again.

    ``started_s`` is monotonic. ``member_name`` is what the ledger says of the searcher,
    empty when the alliance hides it. ``revision`` is the one stored before this round.
    """

    search_pk: int
    search_id: UUID
    user_pk: int | None
    member_name: str
    values: tuple[Value, ...]
    asked: tuple[Asked, ...]
    deadline_s: float
    started_s: float
    started_at: datetime
    revision: int
