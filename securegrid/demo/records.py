"""What the generator composes, before a node stores it: events with their attributes."""

import uuid
from dataclasses import dataclass
from datetime import date

_NAMESPACE = uuid.UUID("6f1c6c7e-6a4b-5d0a-9a53-0b8d6f2f2021")


@dataclass(frozen=True, slots=True)
class ComposedAttribute:
    """One attribute; ``comment`` may be empty."""

    type: str
    category: str
    value: str
    to_ids: bool = False
    comment: str = ""


@dataclass(frozen=True, slots=True)
class ComposedEvent:
    """One published event of one organisation.

    ``threat_level``: 1 high to 4 undefined. ``serial`` tells events of one title and day apart.
    """

    org: str
    info: str
    date: date
    tags: tuple[str, ...]
    attributes: tuple[ComposedAttribute, ...]
    threat_level: int = 4
    serial: int = 0

    @property
    def uuid(self) -> str:
        """The same for the same organisation, title, date and serial."""
        return stable_uuid(self.org, self.info, self.date, self.serial)


def stable_uuid(*path: object) -> str:
    """A UUID (version 5) that depends on ``path`` alone."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(str(part) for part in path)))
