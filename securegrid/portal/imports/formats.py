"""What a person says of an upload, checked: its format, its source, how it is to be read."""

import re
from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

from securegrid.ingest.readers.registry import registry
from securegrid.portal.imports.records import AUTO
from securegrid.portal.refusals import Problem, Refused

LONGEST_SOURCE, LONGEST_NAME = 100, 200
TLP = ("tlp:clear", "tlp:green", "tlp:amber", "tlp:amber+strict", "tlp:red")
"""TLP 2.0; the default is amber: within the alliance."""
_UNWANTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
"""Characters that end lines, hide, or turn around what follows (also in a browser)."""
_COLUMN = re.compile(r"[a-z][a-z0-9_]{0,39}")
_LONGEST_HEAD, _MOST_COLUMNS = 200, 40


@dataclass(frozen=True, slots=True)
class Told:
    """What a person says of an upload, unchecked."""

    source: str
    """Who says so, in titles and identities of events."""
    format: str = AUTO
    zone: str = "UTC"
    """The zone of times that are written without one."""
    tlp: str = "tlp:amber"
    columns: str = ""
    """For tables: lines such as ``value=IOC``."""


def formats() -> tuple[str, ...]:
    """The names of the formats that can be chosen."""
    return tuple(registry)


def checked(told: Told) -> dict[str, Any]:
    """As the columns of an import. Raises ``Refused``."""
    if told.format != AUTO and told.format not in registry:
        raise Refused(Problem.FORMAT_UNKNOWN, "format")
    if told.zone not in available_timezones():
        raise Refused(Problem.ZONE_UNKNOWN, "zone")
    if told.tlp not in TLP:
        raise Refused(Problem.TLP_UNKNOWN, "tlp")
    options = {"zone": told.zone, "tlp": told.tlp, "columns": checked_columns(told.columns)}
    return {"format": told.format, "source": checked_source(told.source), "options": options}


def checked_source(written: str) -> str:
    """On one line, without anything that hides. Raises ``Refused``."""
    cleaned = " ".join(_UNWANTED.sub(" ", written).split())
    if not 1 <= len(cleaned) <= LONGEST_SOURCE:
        raise Refused(Problem.SOURCE_INVALID, "source")
    return cleaned


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


def shown_name(unverified_name: str) -> str:
    """A file's name as it may be shown: the last part of it, without control characters."""
    last = unverified_name.replace("\\", "/").rpartition("/")[2]
    return _UNWANTED.sub("", last).strip()[:LONGEST_NAME] or "file"
