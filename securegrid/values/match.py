"""By which canonical values a stored attribute can have been found."""

from typing import Final

import msgspec

from securegrid.values.model import Kind, Relation, Value
from securegrid.values.naming import kind_of
from securegrid.values.normalise import normalise
from securegrid.values.urls import url_keys

_COMPOSITES_WITHOUT_BAR: Final = {"malware-sample": "filename|md5"}


class Understood(msgspec.Struct, frozen=True, gc=False):
    """A stored attribute, or one half of it, as a value."""

    kind: Kind
    text: str
    others: tuple[str, ...] = ()
    """Further texts by which a URL is found."""


def keys(misp_type: str, value: str) -> tuple[tuple[str, Relation], ...]:
    """The ``Value.text`` of every value that this attribute answers, without doubles.

    EQUAL for the whole attribute, PART for either half of a composite such as
    ``filename|sha256``. MISP compares without case, accents and width; here case and
    width are levelled as each kind allows, accents never, so that an attribute which
    merely resembles the question has no key in common with it. Never raises.
    """
    composite, parts = understood(misp_type, value)
    relation = Relation.PART if composite else Relation.EQUAL
    texts = dict.fromkeys(text for part in parts for text in (part.text, *part.others))
    return tuple((text, relation) for text in texts)


def understood(misp_type: str, value: str) -> tuple[bool, tuple[Understood, ...]]:
    """Whether the attribute is a composite, and itself or its halves, as far as understood."""
    composite = _COMPOSITES_WITHOUT_BAR.get(misp_type, misp_type)
    if "|" not in composite or "|" not in value:
        return False, _understood(composite, value)
    first_type, second_type = composite.split("|")[:2]
    first, second = value.split("|", 1)
    return True, _understood(first_type, first) + _understood(second_type, second)


def _understood(misp_type: str, value: str) -> tuple[Understood, ...]:
    """As its type says, and as its form alone says: a file name may be a host to the asker."""
    if misp_type == "port":
        return ()
    hint = kind_of(misp_type)
    found = normalise(value, hint=hint)
    if isinstance(found, Value) and hint is not Kind.FILENAME:
        return (_one(found),)
    plain = normalise(value) if hint else found
    readings = {one.text: one for one in (plain, found) if isinstance(one, Value)}
    return tuple(map(_one, readings.values()))


def _one(value: Value) -> Understood:
    others = url_keys(value.text)[1:] if value.kind is Kind.URL else ()
    return Understood(value.kind, value.text, others)
