"""The only question the portal asks a MISP by value; an unfiltered one cannot be expressed."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, Self

import msgspec

from securegrid.misp.offers import folded, offers, refuse_unusable_name
from securegrid.misp.records import Attribute

MAX_VALUES = 190
"""From 200 values in one list on, MariaDB scans the whole table (shared measurement)."""
MAX_VALUE_CHARACTERS = 5_000
"""The longest value that was seen to be answered without harm."""
MAX_LIMIT = 100_000

# Letters that the database gives no weight, so that they equal the empty string.
_WEIGHTLESS_LETTERS = frozenset("\u115f\u1160\u3164\uffa0")
# What MISP splits a single string at; in lists it was not seen to, so the parts must be safe too.
_SEPARATORS = ("&&", "||")


class Query(Protocol):
    """One page of a search for attributes, by value or by anything else."""

    @property
    def limit(self) -> int:
        """Rows on a page."""
        ...

    def body(self) -> bytes:
        """The JSON body for ``/attributes/restSearch``."""
        ...

    def admits(self, attribute: Attribute) -> bool:
        """Whether a returned attribute may be used: asked for, and offered by its owner."""
        ...


class Unsafe(StrEnum):
    """Why a value must not be sent to a MISP as it is."""

    BLANK = "blank"
    """Empty or only blanks: matches nearly every row (trap 1)."""
    WEIGHTLESS = "weightless"
    """Without a letter or digit: the database may take it for the empty string (trap 3)."""
    FALSE_IN_PHP = "false_in_php"
    """``0``: PHP takes it for nothing, which leaves the list empty (trap 1)."""
    NEGATION = "negation"
    """A leading ``!`` means "all but", and excludes nothing (traps 1 and 2)."""
    WILDCARD = "wildcard"
    """A leading or trailing ``%`` is a wildcard, a full scan (trap 2)."""
    CONTROL_CHARACTER = "control_character"
    NOT_TEXT = "not_text"
    """Half a surrogate pair: cannot be written in UTF-8 (trap 8)."""
    TOO_LONG = "too_long"


class UnsafeValue(ValueError):  # noqa: N818 - an unsafe value, named as the thing it is
    """A value that must not be sent; the text holds the reason, never the value."""

    def __init__(self, reason: Unsafe) -> None:
        super().__init__(reason.value)
        self.reason = reason


# Nearly every value, judged at once: printable, begins with a letter or digit, ends without %.
_PLAIN = re.compile(r"[0-9A-Za-z](?:[!-%'-{}~]*[!-$'-{}~])?")


def unsafe(value: str) -> Unsafe | None:
    """Why ``value`` must not be sent to a MISP, or ``None`` when it is safe to send."""
    if len(value) > MAX_VALUE_CHARACTERS:
        return Unsafe.TOO_LONG
    if value != "0" and _PLAIN.fullmatch(value):
        return None
    return _looked_at_closely(value)


def _looked_at_closely(value: str) -> Unsafe | None:
    found = _unsafe_part(value)
    for separator in _SEPARATORS:
        if found is None and separator in value:
            found = next(filter(None, map(_unsafe_part, value.split(separator))), None)
    return found


def _unsafe_part(value: str) -> Unsafe | None:
    text = value.strip()
    if not text:
        return Unsafe.BLANK
    if text == "0":
        return Unsafe.FALSE_IN_PHP
    if text.startswith("!"):
        return Unsafe.NEGATION
    if text.startswith("%") or text.endswith("%"):
        return Unsafe.WILDCARD
    return _unsafe_character(text)


def _unsafe_character(text: str) -> Unsafe | None:
    if text.isascii() and text.isprintable():
        return None if any(map(str.isalnum, text)) else Unsafe.WEIGHTLESS
    categories = set(map(unicodedata.category, text))
    if "Cs" in categories:
        return Unsafe.NOT_TEXT
    if "Cc" in categories:
        return Unsafe.CONTROL_CHARACTER
    if not any(each.isalnum() and each not in _WEIGHTLESS_LETTERS for each in text):
        return Unsafe.WEIGHTLESS
    return None


@dataclass(frozen=True, slots=True)
class AttributeQuery:
    """One page of the attributes that equal one of 1 to 190 values.

    Checked however it is made, so that none exists that MISP would answer with everything.
    Raises ``UnsafeValue`` for such a value and ``ValueError`` for anything else out of range.
    """

    values: tuple[str, ...] = field(repr=False)
    """Sorted and without two that MISP compares as equal: the order of asking stays private."""
    limit: int = 5_000
    """Rows on a page, 1 to 100,000; 0 and negative ones would mean all (recorded)."""
    page: int = 1
    published_only: bool = False
    left_out_tags: tuple[str, ...] = ()
    left_out_types: tuple[str, ...] = ()

    @classmethod
    def by_values(
        cls,
        values: Sequence[str],
        *,
        limit: int = 5_000,
        page: int = 1,
        published_only: bool = False,
        left_out_tags: Sequence[str] = (),
        left_out_types: Sequence[str] = (),
    ) -> Self:
        """The query for ``values`` in any order, doubles allowed; at most 190 different ones."""
        if isinstance(values, str):
            raise TypeError("values is a list of strings, not one string")
        if not all(isinstance(value, str) for value in values):
            raise TypeError("values are strings")
        return cls(
            values=_sorted_without_doubles(values),
            limit=limit,
            page=page,
            published_only=published_only,
            left_out_tags=tuple(sorted(set(left_out_tags))),
            left_out_types=tuple(sorted(set(left_out_types))),
        )

    def __post_init__(self) -> None:
        if not 1 <= len(self.values) <= MAX_VALUES:
            raise ValueError(f"between 1 and {MAX_VALUES} values, not {len(self.values)}")
        for value in self.values:
            _refuse_unsafe(value)
        if not _is_sorted_without_doubles(self.values):
            raise ValueError("values must be sorted and without doubles; use by_values")
        if not 1 <= self.limit <= MAX_LIMIT or self.page < 1:
            raise ValueError("limit or page out of range")
        for name in (*self.left_out_tags, *self.left_out_types):
            refuse_unusable_name(name)

    def body(self) -> bytes:
        """The JSON body for ``/attributes/restSearch``; the same query gives the same bytes."""
        asked: dict[str, object] = {
            "returnFormat": "json",
            "value": self.values,
            "limit": self.limit,
            "page": self.page,
            "order": "Attribute.id ASC",  # pages have no order of their own (trap 12)
            "includeContext": True,
        }
        if self.published_only:
            asked["published"] = True
        if self.left_out_tags:
            asked["tags"] = ["!" + name for name in self.left_out_tags]
        if self.left_out_types:
            asked["type"] = ["!" + name for name in self.left_out_types]
        return msgspec.json.encode(asked)

    def admits(self, attribute: Attribute) -> bool:
        """Whether a returned attribute is one the owner offers: MISP ignores what it does not
        understand, so what was left out is checked again (trap 1)."""
        return offers(
            attribute,
            published_only=self.published_only,
            left_out_tags=self.left_out_tags,
            left_out_types=self.left_out_types,
        )


def _sorted_without_doubles(values: Sequence[str]) -> tuple[str, ...]:
    backwards = sorted(values, reverse=True)
    kept = dict(zip(map(folded, backwards), backwards, strict=True))  # of equal ones, the first
    return tuple(sorted(kept.values()))


def _is_sorted_without_doubles(values: Sequence[str]) -> bool:
    return sorted(values) == list(values) and len(set(map(folded, values))) == len(values)


def _refuse_unsafe(value: str) -> None:
    if not isinstance(value, str):
        raise TypeError("values are strings")
    reason = unsafe(value)
    if reason is not None:
        raise UnsafeValue(reason)
