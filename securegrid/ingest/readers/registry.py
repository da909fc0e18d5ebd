"""All formats by name; a new reader is added here (docs/ingest.md)."""

from collections.abc import Mapping
from typing import Any

from securegrid.ingest.readers.format import Format

_FORMATS: tuple[Format[Any], ...] = ()

registry: Mapping[str, Format[Any]] = {one.name: one for one in _FORMATS}
