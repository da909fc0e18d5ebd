"""From attributes as a MISP gives them to rows of fingerprints; the values go no further."""

from collections.abc import Iterable
from itertools import repeat

from securegrid.index.port import Row
from securegrid.index.rules import Rules
from securegrid.misp.copying import Content
from securegrid.values.fingerprints import Mark, fingerprints
from securegrid.values.relations import stored


def rows_of(contents: Iterable[Content], key: bytes, rules: Rules) -> list[Row]:
    """The rows of those attributes that the owner lets be indexed.

    An attribute whose UUID is none is left out: it could not be fetched.
    """
    forms: list[str] = []
    attributes: list[bytes] = []
    marks: list[Mark] = []
    for content in contents:
        if not may_be_kept(content, rules) or (uuid := _sixteen(content.uuid)) is None:
            continue
        its = stored(content.type, content.value, blocks=rules.blocks)
        forms += [form for form, _ in its]
        marks += [mark for _, mark in its]
        attributes += repeat(uuid, len(its))
    return list(map(Row, fingerprints(key, forms), attributes, marks))


def may_be_kept(content: Content, rules: Rules) -> bool:
    """Whether the owner lets this attribute be indexed."""
    if content.deleted or content.type in rules.left_out_types:
        return False
    return not (content.tag_names and rules.leaves_out(content.tags()))


def _sixteen(written: str) -> bytes | None:
    try:
        uuid = bytes.fromhex(written.replace("-", ""))
    except ValueError:
        return None
    return uuid if len(uuid) == 16 else None
