"""A geolocation service's own rows, CSV or JSON lines: who came, and from which network."""

import csv
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from securegrid.ingest.model import BadLine, Batch, Block
from securegrid.ingest.networks.classes import Networks, Place
from securegrid.ingest.readers import columns
from securegrid.ingest.readers.access_json import fields_of
from securegrid.ingest.readers.agents import System, system_of
from securegrid.ingest.readers.anonymous import Observer, event_key
from securegrid.ingest.readers.clients import Proxies, address_of
from securegrid.ingest.readers.format import Format, ReadOptions, UnknownFormatError
from securegrid.ingest.readers.lines import Parsed, by_line, decoded, lines_of, shown
from securegrid.ingest.readers.when import checked, day_of, unix_time
from securegrid.ingest.shapes.geo import GeoShape

_DELIMITERS: Final = ",\t;"
_LONGEST: Final = 200


class GeolocationOptions(ReadOptions, frozen=True, kw_only=True):
    """``networks`` decides where the rows have no column for the class; by default the lists that
    are shipped."""

    mapping: columns.Mapping = msgspec.field(default_factory=columns.load)
    networks: Networks | None = None


class GeolocationReader:
    """Reads rows. ``header`` is empty for JSON lines; ``observer`` decides on the class where the
    rows have no column for it."""

    def __init__(
        self,
        options: GeolocationOptions,
        header: Sequence[str],
        delimiter: str,
        observer: Observer | None,
    ) -> None:
        self._options = options
        self._header = list(header)
        self._delimiter = delimiter
        self._observer = observer

    def read(self, block: Block) -> Batch:
        """What ``block`` holds."""
        return by_line(block, self._parse)

    def _parse(self, line: str) -> Parsed:
        row = self._row(line.removeprefix("\ufeff"))
        if row is None:
            return BadLine.NOT_THE_FORMAT
        # Rotated and joined files have their header again.
        return None if row.get("") == "header" else self._sighting(row)

    def _row(self, line: str) -> Mapping[str, Any] | None:
        if not self._header:
            return fields_of(line)
        cells = cells_of(line, self._delimiter)
        if cells == self._header:
            return {"": "header"}
        if len(cells) != len(self._header):
            return None
        return dict(zip(self._header, cells, strict=True))

    def _sighting(self, row: Mapping[str, Any]) -> Parsed:
        names = self._options.mapping.columns
        at = checked(unix_time(_text(row, names.time), self._options.zone), self._options.now)
        if isinstance(at, BadLine):
            return at
        address = address_of(_text(row, names.address))
        if not address:
            return BadLine.NO_ADDRESS
        place = self._place(row, address)
        if place is None:
            return None
        system = _system(_text(row, names.system), _text(row, names.agent))
        event = event_key(day_of(at, self._options.zone), system, place)
        item = (address, _text(row, names.country), _text(row, names.organisation))
        return event, item, at

    def _place(self, row: Mapping[str, Any], address: str) -> Place | None:
        if self._observer is not None:
            return self._observer.place(address)
        names = self._options.mapping.columns
        kind = _text(row, names.kind)
        if not kind or kind in self._options.mapping.classes.ordinary:
            return None
        return Place(kind, _text(row, names.provider))


def make_reader(head: bytes, options: GeolocationOptions) -> GeolocationReader:
    """The reader of a file that begins with ``head``; raises UnknownFormatError."""
    lines = [decoded(raw, options.encoding).removeprefix("\ufeff") for raw in lines_of(head)]
    first = next((line for line in lines if line.strip()), "")
    header, delimiter = ([], "") if first.lstrip().startswith("{") else _header(first)
    known = set(header) or {name for line in lines for name in fields_of(line) or {}}
    names = options.mapping.columns
    if not {names.time, names.address} <= known:
        raise UnknownFormatError(f"rows with the columns {names.time} and {names.address}")
    observer = None
    if names.kind not in known:
        networks = options.networks or Networks()
        observer = Observer(networks, Proxies(), options.zone, options.now)
    return GeolocationReader(options, header, delimiter, observer)


def cells_of(line: str, delimiter: str) -> list[str]:
    """The cells of a row (RFC 4180, without line ends inside cells)."""
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]
    except csv.Error:
        return []


def _header(line: str) -> tuple[list[str], str]:
    delimiter = max(_DELIMITERS, key=line.count)
    return cells_of(line, delimiter), delimiter


def _system(named: str, agent: str) -> System:
    return system_of(named) if named else system_of(agent)


def _text(row: Mapping[str, Any], name: str) -> str:
    """A cell as it may stand in a title; what a server was sent must not act on who reads it."""
    value = row.get(name) if name else None
    if not isinstance(value, (str, int, float)):
        return ""
    text = str(value).strip()[:_LONGEST]
    return text if text.isprintable() else shown(text)


GEOLOCATION = Format("geolocation", GeolocationOptions, make_reader, GeoShape)
