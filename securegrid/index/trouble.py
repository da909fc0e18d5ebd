"""Why a sync ended without success, where the MISP itself did not fail."""

from enum import StrEnum


class Trouble(StrEnum):
    """What is wrong at the portal's side, or between two answers of a MISP."""

    INTERRUPTED = "interrupted"
    """The process that synced ended, or was not heard of for longer than its lease."""
    INCOMPLETE = "incomplete"
    """The MISP gave fewer attributes than it has, again and again."""
    STORE_FAILED = "store_failed"
    """The store could not be read or written: disk full, server away."""
    UNEXPECTED = "unexpected"
    """A fault that nobody foresaw; the log names its place."""
