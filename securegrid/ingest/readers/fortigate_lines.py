"""One line of a FortiGate log to its fields: key=value, CSV or CEF, behind a syslog head or not."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence

Fields = Mapping[str, str]

_PAIR = re.compile(
    r'(?<![A-Za-z0-9_])([A-Za-z][A-Za-z0-9_]*+)=(?:"((?:[^"\\]|\\.)*+)"|([^\s,"]*+))'
)
"""Without going back: a line made for it would otherwise take hours."""
_ESCAPED = re.compile(r'\\(["\\])')
_CEF = re.compile(r"CEF:[0-9]\|")
_CEF_HEAD = re.compile(r"(?:\\.|[^|\\])*(?:\||$)")
_CEF_PARTS = 7
_CEF_KEY = re.compile(r"(?:^| )([A-Za-z][A-Za-z0-9_.-]*)=")
_CEF_ESCAPED = re.compile(r"\\([\\=|nr])")
_CEF_VENDOR = ("FTNTFGT", "FortinetFortiGate")
_CEF_NAMES = {
    "src": "srcip",
    "dst": "dstip",
    "spt": "srcport",
    "dpt": "dstport",
    "act": "action",
    "app": "service",
    "fname": "filename",
    "fileHash": "filehash",
    "request": "url",
    "dhost": "hostname",
    "destinationDnsDomain": "hostname",
    "dns_query": "qname",
    "start": "eventtime",
    "rt": "eventtime",
}
"""CEF's names as FortiOS calls the fields elsewhere."""
_NEWLINES = {"n": "\n", "r": "\r"}
_LONGEST = 1 << 16
"""Characters of a line that are looked at; FortiOS writes no field longer than 4,096."""


def fields_of(line: str, columns: Sequence[str] = ()) -> Fields:
    """The fields of ``line`` by their names in key=value logs; none when it is no such line.

    ``columns`` are the names in the header of a CSV file that has one.
    """
    text = line[:_LONGEST]
    if head := _CEF.search(text):
        return _of_cef(text[head.end() :])
    if columns and not _PAIR.match(text):
        return {
            name: cell
            for name, cell in zip(columns, _cells(text), strict=False)
            if name and cell and cell != name
        }
    if text.lstrip().startswith('"'):
        return dict(_of_cells(_cells(text)))
    return {key: _unquoted(quoted) or bare for key, quoted, bare in _PAIR.findall(text)}


def columns_of(line: str) -> tuple[str, ...]:
    """The names in a CSV's header; none when ``line`` is no header of a FortiGate's log."""
    names = tuple(cell.strip().lower().replace(" ", "") for cell in _cells(line[:_LONGEST]))
    return names if "logid" in names and "=" not in line else ()


def _cells(text: str) -> Sequence[str]:
    try:
        return next(csv.reader([text.strip()]), [])
    except csv.Error:
        return []


def _of_cells(cells: Sequence[str]) -> Iterator[tuple[str, str]]:
    """``"logid=0419016384","msg=…"``, as FortiAnalyzer saves logs."""
    for cell in cells:
        key, equals, value = cell.partition("=")
        if equals:
            yield key.strip(), value.strip().removeprefix('"').removesuffix('"')


def _unquoted(text: str) -> str:
    return _ESCAPED.sub(r"\1", text) if "\\" in text else text


def _of_cef(text: str) -> Fields:
    """Of what stands behind ``CEF:0|``: vendor, product, version, id, name, severity, fields."""
    parts: list[str] = []
    at = 0
    while len(parts) < _CEF_PARTS - 1 and (found := _CEF_HEAD.match(text, at)) and found.end() > at:
        parts.append(found[0].removesuffix("|"))
        at = found.end()
    if len(parts) < _CEF_PARTS - 1 or parts[0] != "Fortinet":
        return {}
    told = dict(_extension(text[at:]))
    return {"logid": parts[3].zfill(6), "type": parts[4].partition(":")[0]} | _named(told)


def _extension(text: str) -> Iterator[tuple[str, str]]:
    keys = list(_CEF_KEY.finditer(text))
    ends = [one.start() for one in keys[1:]] + [len(text)]
    for key, end in zip(keys, ends, strict=False):
        yield key[1], _CEF_ESCAPED.sub(_plain, text[key.end() : end]).strip()


def _plain(found: re.Match[str]) -> str:
    return _NEWLINES.get(found[1], found[1])


def _named(told: Fields) -> dict[str, str]:
    """With FortiOS's names; ``cs1`` is called what ``cs1Label`` says."""
    named: dict[str, str] = {}
    for key, value in told.items():
        if key.endswith("Label"):
            continue
        name = told.get(f"{key}Label", "").lower() or _CEF_NAMES.get(key, key)
        for vendor in _CEF_VENDOR:
            name = name.removeprefix(vendor)
        named.setdefault(name, value)
    return named
