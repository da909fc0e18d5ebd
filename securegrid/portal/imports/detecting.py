"""Which format a file is of: the reader that understands most of its beginning."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from securegrid.ingest.inputs.source import Source
from securegrid.ingest.model import Batch, Block
from securegrid.ingest.networks.classes import Networks
from securegrid.ingest.readers.access_log import ACCESS_LOG, AccessLogOptions
from securegrid.ingest.readers.format import Format, ReadOptions, UnknownFormatError
from securegrid.ingest.readers.geolocation import GEOLOCATION, GeolocationOptions
from securegrid.ingest.readers.registry import registry
from securegrid.ingest.readers.table import TABLE, TableOptions
from securegrid.ingest.readers.table_columns import Role

_LAST = 0.01
"""A table is what nothing else is: every log of columns could be one."""
_PASSED_OVER = 0.1
"""What a line counts that is understood and no data: nobody wins by passing over everything."""


def detected(path: str, now: int, told: Mapping[str, Any]) -> Format[Any] | None:
    """The format of the file; None when no reader understands a line of it. Raises OSError."""
    with Source(path).open() as stream:
        head = stream.head
    tried = [(_understood(one, head, now, told), one) for one in registry.values()]
    share, found = max(tried, key=lambda pair: pair[0], default=(0.0, None))
    return found if share > 0 else None


def options_of(format_: Format[Any], now: int, told: Mapping[str, Any]) -> ReadOptions:
    """What a reader is told: what was said of the upload, as far as it concerns the format."""
    common = {"now": now, "zone": told["zone"]}
    if format_ is TABLE:
        columns = tuple((Role(role), name) for role, name in told["columns"])
        return TableOptions(**common, columns=columns, title=told["title"], date=told["date"])
    if format_ is ACCESS_LOG:
        proxies = tuple(told["proxies"])
        return AccessLogOptions(**common, networks=_networks(), trusted_proxies=proxies)
    if format_ is GEOLOCATION:
        return GeolocationOptions(**common, networks=_networks())
    made: ReadOptions = format_.options(**common)
    return made


@lru_cache(maxsize=1)
def _networks() -> Networks:
    """Those that ship, opened once in this process."""
    return Networks()


def _understood(format_: Format[Any], head: bytes, now: int, told: Mapping[str, Any]) -> float:
    """The share of the lines that are understood, those that became data above all."""
    try:
        reader = format_.make_reader(head, options_of(format_, now, told))
    except UnknownFormatError:
        return 0.0
    if not format_.by_line:
        return _LAST if format_ is TABLE else 1.0  # the others are known by their beginning
    whole_lines = head[: head.rfind(b"\n") + 1] or head
    batch: Batch = reader.read(Block(whole_lines, 1))
    counted = batch.lines - batch.passed_over - len(batch.bad)
    return (counted + _PASSED_OVER * batch.passed_over) / max(1, batch.lines)
