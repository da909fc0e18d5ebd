"""Undoing what people do to indicators so that nobody clicks on them."""

import re
from typing import Final

_OPEN: Final = r"[\[({<]"
_CLOSE: Final = r"[\])}>]"

_SUSPECT: Final = re.compile(
    r"[\[\]({<\\。‐]|xn[–—]|^[hH](?:[xX*_\-].|.[xX*_\-])[pP]|^[fF][xX*_\-][pP]|:[/\\]{2}\s"
)
"""What every defanged form holds; the quick way past for all that is written plainly."""

_FANG: Final = re.compile(
    rf" ?{_OPEN} ?(?:(?P<dot>[.,。]|d[o0]t)|(?P<at>@|at)) ?{_CLOSE} ?"
    rf"|{_OPEN} ?(?:(?P<colon>:)|(?P<slashes>:?//?)) ?{_CLOSE}",
    re.IGNORECASE,
)
_PLAIN: Final = {"dot": ".", "at": "@", "colon": ":"}
_SCHEME: Final = re.compile(
    r"^\[?(?:(h)[tx*_\-]{2}p|(f)[tx*_\-]p)(?:[\[({](s)[\])}]|(s))?\]?(?=:)", re.IGNORECASE
)
_SLASHES: Final = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]{0,30}:)(?://|\\\\)\]? *")
_HALF_BRACKET: Final = re.compile(r"\[\.|\.\](?!:\d)")
_ESCAPED_DOTS: Final = re.compile(r"[^\\?#]+(?:\\\.[^\\?#]+)+(?=[?#]|$)")
"""Every backslash before the query stands before a dot, as in a regular expression."""
_ROUNDS: Final = 4


def refang(text: str) -> str:
    """``text`` as it was before it was defanged; the same object when it was not.

    Works on single pieces, already in NFKC. Repeated, so that a form nested a few
    levels deep ends as if it had been written plainly.
    """
    for _ in range(_ROUNDS):
        if not _SUSPECT.search(text):
            break
        plain = _one_round(text)
        if plain == text:
            break
        text = plain
    return text


def refang_dots(text: str) -> str:
    """Only closed forms of the dot undone: all that a file name may be defanged with."""
    return _FANG.sub(_plain_dot, text) if "[" in text or "(" in text or "{" in text else text


def _one_round(text: str) -> str:
    if " " not in text:
        text = text.replace("[.]", ".")
    if "[" in text or "(" in text or "{" in text or "<" in text:
        text = _FANG.sub(_plain_fang, text)
    text = _SCHEME.sub(_plain_scheme, text)
    if ":" in text:
        text = _SLASHES.sub(r"\1//", text)
    if "\\." in text and (match := _ESCAPED_DOTS.match(text)):
        text = match[0].replace("\\.", ".") + text[match.end() :]
    if "[." in text or ".]" in text or "。" in text:
        text = _host_dots(text)
    return text if text.isascii() else _host_dashes(text)


def _plain_fang(match: re.Match[str]) -> str:
    return match["slashes"] or _PLAIN[match.lastgroup or "dot"]


def _plain_dot(match: re.Match[str]) -> str:
    return "." if match["dot"] else match[0]


def _plain_scheme(match: re.Match[str]) -> str:
    name = "http" if match[1] else "ftp"
    return name + ("s" if match[3] or match[4] else "")


def _host_dashes(text: str) -> str:
    """What word processors make of ``-`` and of the ``--`` in punycode."""
    return text.replace("‐", "-").replace("xn–", "xn--").replace("xn—", "xn--")


def _host_dots(text: str) -> str:
    """``yasonbin[.info``, ``yasonbin.]info``, ``evil。jp``: only before the path."""
    start = text.find("://") + 3 if "://" in text else 0
    end = text.find("/", start)
    end = len(text) if end < 0 else end
    host = _HALF_BRACKET.sub(".", text[start:end])
    if "\\" not in text:
        host = host.replace("。", ".")
    return text[:start] + host + text[end:]
