"""By which canonical values a stored attribute can have been found."""

from typing import Final

from securegrid.values.model import Kind, Relation, Value
from securegrid.values.naming import kind_of
from securegrid.values.normalise import normalise
from securegrid.values.urls import url_keys

_COMPOSITES_WITHOUT_BAR: Final = {"malware-sample": "filename|md5"}


def keys(misp_type: str, value: str) -> tuple[tuple[str, Relation], ...]:
    """The ``Value.text`` of every value that this attribute answers, without doubles.

    EQUAL for the whole attribute, PART for either half of a composite such as
    ``filename|sha256``. MISP compares without case, accents and width; here case and
    width are levelled as each kind allows, accents never, so that an attribute which
    merely resembles the question has no key in common with it. Never raises.
    """
    composite = _COMPOSITES_WITHOUT_BAR.get(misp_type, misp_type)
    if "|" not in composite or "|" not in value:
        return tuple((text, Relation.EQUAL) for text in _texts(composite, value))
    found: dict[str, None] = {}
    for half_type, half in zip(composite.split("|"), value.split("|", 1), strict=False):
        found.update(dict.fromkeys(_texts(half_type, half)))
    return tuple((text, Relation.PART) for text in found)


def _texts(misp_type: str, value: str) -> tuple[str, ...]:
    """As its type says, and as its form alone says: a file name may be a host to the asker."""
    if misp_type == "port":
        return ()
    found: dict[str, None] = {}
    hint = kind_of(misp_type)
    for kind in (hint, None) if hint else (None,):
        understood = normalise(value, hint=kind)
        if isinstance(understood, Value):
            found[understood.text] = None
            if understood.kind is Kind.URL:
                found.update(dict.fromkeys(url_keys(understood.text)))
            if kind is not Kind.FILENAME:
                break
    return tuple(found)
