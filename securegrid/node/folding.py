"""Folding text into the key under which MISP's database would find it."""

import unicodedata

# The last code point: an upper bound for every key that begins with a given prefix.
_LAST = "\U0010ffff"


def fold(text: str) -> str:
    """The comparison key of ``text``, as MySQL's ``utf8_unicode_ci`` compares (trap 3).

    Case, accents and width do not count, nor do trailing blanks; leading blanks do.
    """
    if text.isascii():
        return text.lower().rstrip(" ")
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", bare.casefold()).rstrip(" ")


def fold_pattern(pattern: str) -> str:
    """The key of a ``LIKE`` pattern: folded, with blanks before a final ``%`` kept."""
    head, wildcard, tail = pattern.rpartition("%")
    if not wildcard or tail.strip(" "):
        return fold(pattern)
    return fold(head + "\0")[:-1] + "%"


def prefix_range(prefix: str) -> tuple[str, str]:
    """The half-open range of keys that begin with ``prefix``."""
    return prefix, prefix + _LAST
