"""Which formats can be uploaded, and what may be said about a table's columns."""

import re

from securegrid.portal.imports.records import AUTO
from securegrid.portal.refusals import Problem, Refused

FORMATS: tuple[str, ...] = ()
_COLUMN = re.compile(r"[a-z][a-z0-9_]{0,39}")
_LONGEST_HEAD, _MOST_COLUMNS = 200, 40


def checked_format(written: str) -> str:
    """A format that a reader knows, or ``auto``. Raises ``Refused``."""
    if written != AUTO and written not in FORMATS:
        raise Refused(Problem.FORMAT_UNKNOWN, "format")
    return written


def checked_columns(written: str) -> dict[str, str]:
    """What ``value=IOC`` lines say: our name of a column, and its head. Raises ``Refused``."""
    pairs = [line.partition("=") for line in written.splitlines() if line.strip()]
    columns = {name.strip(): head.strip() for name, _, head in pairs}
    usable = len(columns) == len(pairs) <= _MOST_COLUMNS and all(
        _COLUMN.fullmatch(name) and 0 < len(head) <= _LONGEST_HEAD for name, head in columns.items()
    )
    if not usable:
        raise Refused(Problem.COLUMNS_INVALID, "columns")
    return columns
