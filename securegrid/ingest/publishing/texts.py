"""Texts in the form in which every MISP can store them."""

import re
from urllib.parse import quote

_BEYOND = re.compile("[\U00010000-\U0010ffff]")
_UNUSABLE = re.compile("[\0\ud800-\udfff]")
_ADDRESSES = frozenset({"url", "uri", "link"})


def storable(text: str) -> str:
    """``text`` without what a MISP fails at: a database in ``utf8mb3`` answers 500 to a character
    of four bytes (trap 8), which is written as ``\\U0001f600`` instead; NUL and half surrogate
    pairs, which are no text, become U+FFFD."""
    if text.isascii():
        return text.replace("\0", "\ufffd") if "\0" in text else text
    return _BEYOND.sub(_escaped, _UNUSABLE.sub("\ufffd", text))


def storable_value(type_: str, value: str) -> str:
    """As ``storable``; in an address such a character is percent-encoded (RFC 3987 3.1)."""
    if type_ in _ADDRESSES and not value.isascii():
        value = _BEYOND.sub(lambda found: quote(found[0]), value)
    return storable(value)


def _escaped(found: re.Match[str]) -> str:
    return f"\\U{ord(found[0]):08x}"
