"""Which column of a table holds what: LAC's 13 columns, names that tell, or what one is told."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

from securegrid.ingest.readers.when import unix_time
from securegrid.values.model import Value
from securegrid.values.normalise import normalise


class Role(StrEnum):
    """What a column holds."""

    VALUE = "value"
    TYPE = "type"
    CATEGORY = "category"
    COMMENT = "comment"
    ATTRIBUTE_TAGS = "attribute_tags"
    TO_IDS = "to_ids"
    DATE = "date"
    TITLE = "title"
    TAGS = "tags"
    FIRST_SEEN = "first_seen"
    LAST_SEEN = "last_seen"


class Mapped(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mapping file. ``columns``: for each role one column or several, by name or number from 1;
    ``title`` and ``tags`` are for all events."""

    columns: dict[Role, str | int | list[str | int]] = {}
    title: str = ""
    tags: tuple[str, ...] = ()
    date: str = ""
    delimiter: str = ""
    sheet: str = ""


class BadMappingError(Exception):
    """A mapping that is none; ``detail`` says what is wrong in it."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


Pairs = tuple[tuple[Role, str], ...]
"""Which role the column of a name (or number) has."""
Layout = tuple[tuple[Role, int], ...]
"""Which role the column at an index has."""

LAC: Layout = (
    (Role.DATE, 0),
    (Role.TITLE, 3),
    *((Role.TAGS, index) for index in range(4, 8)),
    (Role.VALUE, 8),
    (Role.CATEGORY, 9),
    (Role.TYPE, 10),
    (Role.ATTRIBUTE_TAGS, 11),
    (Role.COMMENT, 12),
)
"""Date, Organization, User, Title, Tag1 to Tag4, Value, Category, Type, Attribute_tags, Comment.
Organization and User say with whose key to write, which here the command does."""
LAC_COLUMNS = 13

_NAMES: Mapping[Role, tuple[str, ...]] = {
    Role.VALUE: (
        "value", "ioc", "indicator", "indicators", "ip", "ipaddress", "address", "fqdn", "domain",
        "hostname", "host", "url", "uri", "hash", "md5", "sha1", "sha256", "cve", "cveid", "email",
        "値", "インジケータ", "ドメイン", "ipアドレス", "ハッシュ", "ハッシュ値",
    ),
    Role.TYPE: ("type", "indicatortype", "ioctype", "種別", "種類", "タイプ"),
    Role.CATEGORY: ("category", "カテゴリ", "カテゴリー", "分類"),
    Role.COMMENT: ("comment", "comments", "note", "notes", "description", "remarks", "source",
                   "備考", "コメント", "説明", "メモ"),
    Role.ATTRIBUTE_TAGS: ("attributetags", "attributetag", "label", "labels", "ラベル"),
    Role.TO_IDS: ("toids", "ids"),
    Role.DATE: ("date", "day", "timestamp", "time", "日付", "日時", "年月日", "検知日"),
    Role.TITLE: ("title", "info", "event", "eventtitle", "件名", "タイトル"),
    Role.TAGS: ("tags", "tag", "tag1", "tag2", "tag3", "tag4", "eventtags", "タグ"),
    Role.FIRST_SEEN: ("firstseen", "初回検知"),
    Role.LAST_SEEN: ("lastseen", "最終検知"),
}  # fmt: skip
_ROLES = {name: role for role, names in _NAMES.items() for name in names}


def mapping_in(path: Path) -> Mapped:
    """The mapping in a TOML file; raises ``BadMappingError``, and OSError."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8-sig")), Mapped)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadMappingError(str(error)) from None
    except msgspec.ValidationError as error:
        raise BadMappingError(str(error)) from None


def pair_of(written: str) -> tuple[Role, str]:
    """``value=IOC`` as a role and a column; raises ``BadMappingError``."""
    role, equals, column = written.partition("=")
    if not equals or not column.strip() or role.strip() not in set(Role):
        raise BadMappingError(written)
    return Role(role.strip()), column.strip()


def pairs_of(columns: Mapping[Role, Any]) -> Pairs:
    """The columns of a mapping file, each by itself."""
    return tuple(
        (role, str(one))
        for role, told in columns.items()
        for one in (told if isinstance(told, list) else [told])
    )


def layout_of(first: Sequence[str], pairs: Pairs, zone: str) -> tuple[Layout, bool] | None:
    """Which column holds what, from the first row, and whether that row is a header.

    None when it tells nothing, or when a column that was named is not there.
    """
    if pairs:
        return _told(first, pairs)
    if len(first) == LAC_COLUMNS and (is_header := _is_lac(first, zone)) is not None:
        return LAC, is_header
    if named := _named(first):
        return named, True
    values = tuple((Role.VALUE, index) for index, cell in enumerate(first) if _is_value(cell))
    return (values[:1], False) if values else None


def _told(first: Sequence[str], pairs: Pairs) -> tuple[Layout, bool] | None:
    names = {_plain(cell): index for index, cell in reversed(list(enumerate(first)))}
    layout: list[tuple[Role, int]] = []
    by_name = False
    for role, column in pairs:
        if (index := names.get(_plain(column))) is not None:
            by_name = True
        elif column.isdecimal() and 1 <= int(column) <= len(first):
            index = int(column) - 1
        else:
            return None
        layout.append((role, index))
    has_value = any(role is Role.VALUE for role, _ in layout)
    return (tuple(layout), by_name or _is_heading(first, layout)) if has_value else None


def _is_heading(first: Sequence[str], layout: Sequence[tuple[Role, int]]) -> bool:
    """With numbered columns only: whether what should be a value is none."""
    return not any(_is_value(first[index]) for role, index in layout if role is Role.VALUE)


def _is_lac(first: Sequence[str], zone: str) -> bool | None:
    """Whether the 13 cells are LAC's header; None when they are not LAC's form at all."""
    if _plain(first[0]) == "date" and _plain(first[8]) == "value":
        return True
    return False if unix_time(first[0], zone) is not None else None


def _named(first: Sequence[str]) -> Layout | None:
    layout = tuple(_by_name(first))
    return layout if any(role is Role.VALUE for role, _ in layout) else None


def _by_name(first: Sequence[str]) -> Iterator[tuple[Role, int]]:
    """Several columns may hold values or tags; of the others the first counts."""
    seen: set[Role] = set()
    for index, cell in enumerate(first):
        role = _ROLES.get(_plain(cell))
        if role is None or (role in seen and role not in {Role.VALUE, Role.TAGS}):
            continue
        seen.add(role)
        yield role, index


def _plain(name: str) -> str:
    text = name.strip().strip("\ufeff").lower()
    return "".join(c for c in text if c not in " _-\t\u3000")


def _is_value(cell: str) -> bool:
    return isinstance(normalise(cell), Value)
