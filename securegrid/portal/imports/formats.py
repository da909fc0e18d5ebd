"""What a person says of an upload, checked: its format, its source, how it is to be read."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from securegrid.ingest.readers.clients import Proxies
from securegrid.ingest.readers.registry import registry
from securegrid.ingest.readers.table_columns import BadMappingError, pair_of
from securegrid.portal.imports.records import AUTO
from securegrid.portal.refusals import Problem, Refused

LONGEST_SOURCE, LONGEST_NAME = 100, 200
TLP = ("tlp:clear", "tlp:green", "tlp:amber", "tlp:amber+strict", "tlp:red")
"""TLP 2.0; the default is amber: within the alliance."""
_UNWANTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
"""Characters that end lines, hide, or turn around what follows (also in a browser)."""
_LONGEST_HEAD, _MOST_LINES = 200, 40


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
    title: str = ""
    """For tables: of rows without one."""
    proxies: str = ""
    """For access logs: networks whose X-Forwarded-For is believed, one per line."""


def formats() -> tuple[str, ...]:
    """The names of the formats that can be chosen."""
    return tuple(registry)


def checked(told: Told, now: datetime) -> dict[str, Any]:
    """As the columns of an import. Rows without a date are of the day of ``now``.

    Raises ``Refused``.
    """
    if told.format != AUTO and told.format not in registry:
        raise Refused(Problem.FORMAT_UNKNOWN, "format")
    if told.zone not in available_timezones():
        raise Refused(Problem.ZONE_UNKNOWN, "zone")
    if told.tlp not in TLP:
        raise Refused(Problem.TLP_UNKNOWN, "tlp")
    options = {
        "zone": told.zone,
        "tlp": told.tlp,
        "columns": checked_columns(told.columns),
        "title": on_one_line(told.title)[:LONGEST_SOURCE],
        "date": now.astimezone(ZoneInfo(told.zone)).date().isoformat(),
        "proxies": checked_proxies(told.proxies),
    }
    return {"format": told.format, "source": checked_source(told.source), "options": options}


def checked_source(written: str) -> str:
    """On one line, without anything that hides. Raises ``Refused``."""
    cleaned = on_one_line(written)
    if not 1 <= len(cleaned) <= LONGEST_SOURCE:
        raise Refused(Problem.SOURCE_INVALID, "source")
    return cleaned


def on_one_line(text: str) -> str:
    """Without line ends, control characters, and what turns the direction of writing."""
    return " ".join(_UNWANTED.sub(" ", text).split())


def checked_columns(written: str) -> list[tuple[str, str]]:
    """What ``value=IOC`` lines say: what a column holds, and its name or number.

    Raises ``Refused``.
    """
    try:
        pairs = [pair_of(line) for line in _lines(written)]
    except BadMappingError:
        raise Refused(Problem.COLUMNS_INVALID, "columns") from None
    if len(pairs) > _MOST_LINES or any(len(name) > _LONGEST_HEAD for _, name in pairs):
        raise Refused(Problem.COLUMNS_INVALID, "columns")
    return [(role.value, name) for role, name in pairs]


def checked_proxies(written: str) -> list[str]:
    """Networks and addresses, one per line. Raises ``Refused``."""
    lines = _lines(written)
    try:
        Proxies(lines)
    except ValueError:
        raise Refused(Problem.PROXIES_INVALID, "proxies") from None
    if len(lines) > _MOST_LINES:
        raise Refused(Problem.PROXIES_INVALID, "proxies")
    return lines


def _lines(written: str) -> list[str]:
    return [line.strip() for line in written.splitlines() if line.strip()]


def shown_name(unverified_name: str) -> str:
    """A file's name as it may be shown: the last part of it, without control characters."""
    last = unverified_name.replace("\\", "/").rpartition("/")[2]
    return _UNWANTED.sub("", last).strip()[:LONGEST_NAME] or "file"
