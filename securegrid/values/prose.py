"""Finding values in running text, also where Japanese letters touch them."""

import re
from collections.abc import Iterator
from typing import Final

from securegrid.values import filenames
from securegrid.values.bitcoin import BASE58_SHAPE, BECH32_SHAPE
from securegrid.values.hosts import INTERNAL_SUFFIXES
from securegrid.values.lines import NEAR_MISSES
from securegrid.values.model import Kind, Reject, Rejected, Value
from securegrid.values.normalise import INVISIBLE, normalise
from securegrid.values.refang import refang
from securegrid.values.urls import DEFAULT_PORTS

_WIDE: Final = {0xFF00 + i: 0x20 + i for i in range(1, 0x5F)} | {0x3000: 0x20, 0xFF61: 0x3002}
"""Full-width ASCII and the half-width full stop, one for one, so that places stay the same."""

# Letters of host names besides ASCII, without the scripts that are written without blanks.
_LETTER: Final = "A-Za-z0-9_\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0370-\u03ff\u0400-\u052f"
_CJK: Final = "\u3005-\u3007\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u9fff\uac00-\ud7a3"
_OPEN: Final = r"[\[({<]"
_CLOSE: Final = r"[\])}>]"
_DOT: Final = (
    rf"(?:\.|。(?=[A-Za-z0-9])|\\\.|\ ?{_OPEN}\ ?(?:[.,。]|[dD][oO0][tT])\ ?{_CLOSE}\ ?|\[\.|\.\])"
)
_AT: Final = rf"\ ?(?:@|{_OPEN}\ ?(?:@|[aA][tT])\ ?{_CLOSE})\ ?"
_COLON: Final = rf"{_OPEN}?:{_CLOSE}?"
_SLASHES: Final = r"(?://|\\\\|\[//\]|/\[/\]|\[/\]\[/\])"
# Fragments of a defanged URL, or an IPv6 address, that stand in brackets.
_IN_BRACKETS: Final = (
    rf"{_OPEN}(?:[.:@]|//?|[dD][oO][tT]|[aA][tT]){_CLOSE}|\[\.|\.\](?!\[)|\[[0-9A-Fa-f:.]{{2,45}}\]"
)
_URL_END: Final = r"\s\"<>`{}|\\^\[\]、。，．「」『』【】（）"
_BODY: Final = rf"(?:[^\x00-\x20\x7f-\U0010ffff\"<>`{{}}|\\^\[\]]|{_IN_BRACKETS})"
_HEAD_NOT_ASCII: Final = rf"(?:(?=[^\x00-\x7f])[^{_URL_END}/]{{1,253}})?"

_WORD: Final = r"(?![A-Za-z0-9])"
_HEX: Final = "[0-9A-Fa-f]"
_PIECE: Final = re.compile(
    rf"""(?<![A-Za-z0-9])(?:(?=[:{_LETTER}])(?:
    (?P<url>[A-Za-z][A-Za-z0-9*+_-]{{1,11}}(?:[\[(]s[\])])?
        (?:{_COLON}{_SLASHES}|{_OPEN}://{_CLOSE})\ ?{_HEAD_NOT_ASCII}{_BODY}*+)
  | (?P<cve>[cC][vV][eE][-_ ‐‑‒–—−]?[0-9]{{4}}[-_ ‐‑‒–—−][0-9]{{4,19}}{_WORD})
  | (?P<ssdeep>(?<![:/+.])[0-9]{{1,9}}:[A-Za-z0-9/+]{{6,64}}:[A-Za-z0-9/+]{{3,64}}(?![/+:]){_WORD})
  | (?P<mac>(?<![:.-])(?:(?:{_HEX}{{2}}-){{5}}{_HEX}{{2}}|(?:{_HEX}{{4}}\.){{2}}{_HEX}{{4}})
        (?![:.-]){_WORD})
  | (?P<v6>(?<![:.]){_HEX}{{0,4}}(?:(?:\[:\]|:){_HEX}{{0,4}}){{2,8}}
        (?:(?:\.|\[\.\])[0-9]{{1,3}}){{0,3}}(?:/[0-9]{{1,3}})?(?!:){_WORD})
  | (?P<dotted>(?<![{_LETTER}@+-])(?<![{_LETTER}][./])[{_LETTER}+-]++
        (?:(?:{_DOT}[{_LETTER}-]++)++(?:{_AT}[{_LETTER}-]++(?:{_DOT}[{_LETTER}-]++)*+)?+
          |{_AT}[{_LETTER}-]++(?:{_DOT}[{_LETTER}-]++)++)
        (?::[0-9]{{1,5}}(?![0-9]))?+(?:/{_BODY}*+)?+)
  | (?P<as>AS(?:N[ :#]?)?[0-9]{{3,10}}(?!\.){_WORD})
  | (?P<tlsh>T1{_HEX}{{70}}{_WORD})
  | (?P<digest>{_HEX}{{32,128}}+{_WORD})
  | (?P<bitcoin>(?:{BASE58_SHAPE.pattern}|{BECH32_SHAPE.pattern}){_WORD})
    )
  | (?P<cjk>(?<![^\s"'`「『（(<|：:])[{_CJK}0-9-]{{1,63}}+{_DOT}
        (?:[{_CJK}]{{1,63}}+|[A-Za-z][A-Za-z0-9-]{{1,62}}+)(?![^\s"'`「」『』（）()<>|、。，,:：/])))""",
    re.VERBOSE,
)
"""Each alternative begins at a place where a word begins, and either takes what it has read or
fails within a bounded number of characters: time grows with the length of the text alone."""

_SAID_BEFORE: Final = re.compile(r"(imphash|ja3s?)[^A-Za-z0-9]{0,12}$", re.IGNORECASE)
_REACH_BACK: Final = 24
_BRACKET: Final = frozenset("[({")
_ROUND: Final = re.compile(r"[()]")
_TRAILING: Final = ".,;:!?'\"*+~。、…"
_TRAILING_NAME: Final = _TRAILING + "_-="
_JOINED_URLS: Final = re.compile(r"[,;|](?=[hH][A-Za-z*]{2}[pP][sS]?[\[({]?:)")
_QUAD: Final = re.compile(r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}")
_CAPITALISED: Final = re.compile(r"[A-Z][a-z]+")
_NO_HOSTS: Final = frozenset(
    {
        "asp.net",
        "vb.net",
        "ado.net",
        "node.js",
        "vue.js",
        "react.js",
        "next.js",
        "d3.js",
        "e.g",
        "i.e",
    }
)

Piece = tuple[str, Value | Rejected]


def pieces(line: str) -> Iterator[Piece]:
    """Values and near misses in the order of the text, each as it was written.

    Ordinary words are passed over. Near misses are what was meant as a value and is none:
    an address out of range, a wrong checksum, or something defanged.
    """
    flat = line
    if not line.isascii():
        line = INVISIBLE.sub("", line)
        flat = line.translate(_WIDE)
    if "\\/" in flat:  # JSON as PHP writes it
        flat = line = flat.replace("\\/", "/")
    for match in _PIECE.finditer(flat):
        start, end = match.span()
        kind = match.lastgroup or ""
        if flat.startswith("()", end):  # a call in a program
            continue
        if kind == "url":
            yield from _urls(flat[start:end], line[start:end])
        elif kind == "dotted":
            yield from _dotted(flat[start:end], line[start:end])
        else:
            yield from _other(kind, line[start:end], flat[max(0, start - _REACH_BACK) : start])


def _urls(flat: str, written: str) -> Iterator[Piece]:
    start = 0
    for cut in [*(m.start() for m in _JOINED_URLS.finditer(flat)), len(flat)]:
        piece = written[start : start + len(_trimmed(flat[start:cut], _TRAILING))]
        start = cut + 1
        found = normalise(piece)
        scheme = refang(piece).partition("://")[0].lower()
        if scheme in DEFAULT_PORTS:
            yield piece, found


def _dotted(flat: str, written: str) -> Iterator[Piece]:
    flat = _trimmed(flat, _TRAILING if "/" in flat else _TRAILING_NAME)
    start = len(flat) - len(flat.lstrip("+-"))
    flat, written = flat[start:], written[start : len(flat)]
    head, slash, path = flat.partition("/")
    if slash and _is_second_value(head, path):
        yield from _dotted(head, written[: len(head)])
        yield from _dotted(path, written[len(head) + 1 :])
        return
    found = normalise(written)
    if isinstance(found, Value):
        if _meant(found, flat):
            yield written, found
    elif _QUAD.match(flat) or (_defanged(written) and _was_host(found)):
        yield written, found
    elif slash:
        yield from _dotted(head, written[: len(head)])
    elif "。" in flat:
        yield from _parted(flat, written)


def _parted(flat: str, written: str) -> Iterator[Piece]:
    """At full stops that end sentences, since as dots of a name they made no value."""
    start = 0
    for part in flat.split("。"):
        if "." in part:
            yield from _dotted(part, written[start : start + len(part)])
        start += len(part) + 1


def _is_second_value(head: str, path: str) -> bool:
    """``evil.example/192.0.2.1``: two values, not a URL."""
    if "." not in path or "/" in path or bool(_QUAD.fullmatch(head)) is bool(_QUAD.fullmatch(path)):
        return False
    second = normalise(path)
    return isinstance(second, Value) and second.kind in _STANDING_ALONE


def _was_host(found: Rejected) -> bool:
    return (
        found.reason in (Reject.UNKNOWN_SUFFIX, Reject.INVALID_HOST) or found.reason in NEAR_MISSES
    )


_STANDING_ALONE: Final = (Kind.IPV4, Kind.DOMAIN, Kind.HOSTNAME)


def _other(kind: str, written: str, before: str) -> Iterator[Piece]:
    hint = None
    if kind == "digest" and (said := _SAID_BEFORE.search(before)):
        hint = Kind.IMPHASH if said[1].lower() == "imphash" else Kind.JA3
    if kind == "v6" and not _likely_v6(written):
        return
    found = normalise(written, hint=hint)
    if isinstance(found, Value) or (found.reason in NEAR_MISSES and _clear(kind, written)):
        yield written, found


def _likely_v6(written: str) -> bool:
    """Not a time of day, not ``std::add``: digits, and colons enough."""
    groups = [group for group in re.split(r"[:\[\]/.]+", written) if group]
    return (
        len(groups) > 1 and any(map(str.isdigit, written)) and ("::" in written or len(groups) > 5)
    )


def _clear(kind: str, written: str) -> bool:
    """Whether a rejected piece was surely meant: a word of 30 letters is no address."""
    if kind == "bitcoin":
        return written != written.lower() and any(map(str.isdigit, written[1:]))
    return kind == "v6" and written.count(":") > 5


def _meant(found: Value, piece: str) -> bool:
    """Whether a name in running text is a value, and not words without a blank between them."""
    if found.kind is Kind.FILENAME:
        return piece.lower() not in _NO_HOSTS and not piece.startswith(".")
    if found.kind not in (Kind.DOMAIN, Kind.HOSTNAME, Kind.URL) or _defanged(piece):
        return True
    host = piece.partition("/")[0].partition(":")[0]
    last = host.rpartition(".")[2]
    if found.text in _NO_HOSTS or last.lower() in INTERNAL_SUFFIXES:
        return False
    return not _CAPITALISED.fullmatch(last) and not filenames.is_filename(host)


def _defanged(piece: str) -> bool:
    """Whether brackets show that somebody meant an indicator (``a\\.b`` may be a path)."""
    return not _BRACKET.isdisjoint(piece) and refang(piece) is not piece


def _trimmed(text: str, marks: str) -> str:
    """Without the marks that end a sentence, and from a bracket on that closes nothing."""
    text = _within_brackets(text)
    return text.rstrip(marks)


def _within_brackets(text: str) -> str:
    depth = 0
    for match in _ROUND.finditer(text):
        depth += 1 if match[0] == "(" else -1
        if depth < 0:
            return text[: match.start()]
    return text
