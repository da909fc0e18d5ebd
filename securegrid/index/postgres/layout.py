"""What everything in PostgreSQL is called, and which fingerprints belong into which partition."""

import re
from dataclasses import dataclass
from uuid import UUID

MAX_PARTITIONS = 256


@dataclass(frozen=True, slots=True)
class Layout:
    """What of the index never changes: the schema that holds it, and its number of partitions."""

    schema: str
    partitions: int

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,30}", self.schema):
            raise ValueError("schema: lower-case letters, digits and _, 31 at most")
        if self.partitions not in {1 << bits for bits in range(9)}:
            raise ValueError("partitions: a power of two, 256 at most")

    def foreign(self, server: str) -> str:
        """What PostgreSQL calls ``server``; its names hold for the whole database."""
        return f"{self.schema}_{server}"


def place(number: int) -> str:
    """The table of partition ``number``, wherever it is; on the coordinator perhaps foreign."""
    return f"fingerprints_{number:03}"


def incoming(number: int) -> str:
    """The coordinator's own table while partition ``number`` is moving to it."""
    return f"incoming_{number:03}"


def first_byte(number: int, partitions: int) -> int:
    """The first byte of the lowest fingerprint of a partition.

    A fingerprint is a keyed hash: equal ranges of it hold equal shares.
    """
    return number * (MAX_PARTITIONS // partitions)


def shift(partitions: int) -> int:
    """By how many bits a fingerprint's first byte is shifted to give its partition."""
    return (MAX_PARTITIONS // partitions).bit_length() - 1


def bounds(number: int, partitions: int) -> tuple[str | None, str | None]:
    """The lowest fingerprint of a partition and the lowest behind it; None at the two ends."""
    low = _lowest(first_byte(number, partitions)) if number else None
    high = _lowest(first_byte(number + 1, partitions)) if number + 1 < partitions else None
    return low, high


def _lowest(first: int) -> str:
    return str(UUID(bytes=bytes([first, *bytes(15)])))
