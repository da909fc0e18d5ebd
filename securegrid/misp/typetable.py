"""The types and categories that MISP knows, taken from PyMISP's describeTypes."""

import importlib.util
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec


class TypeDefault(msgspec.Struct, frozen=True):
    """What an attribute of a type gets when the client names neither."""

    default_category: str
    to_ids: int


class Described(msgspec.Struct, frozen=True):
    """The body of ``attributes/describeTypes``."""

    sane_defaults: dict[str, TypeDefault]
    types: list[str]
    categories: list[str]
    category_type_mappings: dict[str, list[str]]


class TypeTable(NamedTuple):
    """The tables, ready for lookups."""

    described: Described
    types: frozenset[str]
    pairs: frozenset[tuple[str, str]]

    def default(self, misp_type: str) -> TypeDefault:
        """The default category and detection flag; raises ``KeyError`` for an unknown type."""
        return self.described.sane_defaults[misp_type]

    def allows(self, category: str, misp_type: str) -> bool:
        """Whether a category may hold the type."""
        return (category, misp_type) in self.pairs


@cache
def type_table() -> TypeTable:
    """Read PyMISP's table once, without importing PyMISP (which takes a second)."""
    described = msgspec.json.decode(_describe_types_file().read_bytes(), type=_File).result
    return TypeTable(described, frozenset(described.types), _pairs(described))


class _File(msgspec.Struct):
    result: Described


def _pairs(described: Described) -> frozenset[tuple[str, str]]:
    mappings = described.category_type_mappings.items()
    return frozenset((category, name) for category, names in mappings for name in names)


def _describe_types_file() -> Path:
    spec = importlib.util.find_spec("pymisp")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("PyMISP, which holds the type tables, is not installed")
    return Path(spec.submodule_search_locations[0]) / "data" / "describeTypes.json"
