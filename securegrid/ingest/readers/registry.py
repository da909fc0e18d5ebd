"""All formats by name; a new reader is added here (docs/ingest.md)."""

from collections.abc import Mapping
from typing import Any

from securegrid.ingest.readers.access_log import ACCESS_LOG
from securegrid.ingest.readers.format import Format
from securegrid.ingest.readers.fortigate import FORTIGATE
from securegrid.ingest.readers.geolocation import GEOLOCATION
from securegrid.ingest.readers.honeypot import HONEYPOT
from securegrid.ingest.readers.misp_json import MISP_JSON
from securegrid.ingest.readers.stix import STIX
from securegrid.ingest.readers.table import TABLE

_FORMATS: tuple[Format[Any], ...] = (
    ACCESS_LOG,
    GEOLOCATION,
    HONEYPOT,
    FORTIGATE,
    MISP_JSON,
    STIX,
    TABLE,
)

registry: Mapping[str, Format[Any]] = {one.name: one for one in _FORMATS}
