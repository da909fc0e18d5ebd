"""Undoing what people do to indicators so that nobody clicks on them."""

import re
from typing import Final

_OPEN: Final = r"[\[({<]"
_CLOSE: Final = r"[\])}>]"

_SUSPECT: Final = re.compile(r"[\[({<\\。]|^[hf][tTxX*_\-]|^[HF][tTxX*_\-]|:[/\\]{2}\s")
"""What every defanged form holds; the quick way past for all that is written plainly."""

_STEPS: Final = (
    (
        re.compile(rf" ?{_OPEN} ?(?:[.,。]|d[o0]t) ?{_CLOSE} ?", re.IGNORECASE),
        ".",
    ),
    (re.compile(rf" ?{_OPEN} ?(?:@|at) ?{_CLOSE} ?", re.IGNORECASE), "@"),
    (re.compile(rf"{_OPEN} ?:// ?{_CLOSE}"), "://"),
    (re.compile(rf"{_OPEN} ?: ?{_CLOSE}"), ":"),
    (re.compile(rf"{_OPEN}(//?){_CLOSE}"), r"\1"),
)
_SCHEME: Final = re.compile(
    r"^\[?(?:(h)[tTxX*_\-]{2}p|(f)[tTxX*_\-]p)(?:[\[({](s)[\])}]|(s))?\]?(?=:)", re.IGNORECASE
)
_SLASHES: Final = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]{0,30}:)(?://|\\\\)\]? *")
_HALF_BRACKET: Final = re.compile(r"\[\.|\.\](?!:\d)")
_ESCAPED_DOT: Final = re.compile(r"[^\\]+(?:\\\.[^\\]+)+")
_ROUNDS: Final = 4


def refang(text: str) -> str:
    """``text`` as it was before it was defanged; the same object when it was not.

    Works on single pieces, already in NFKC. Reversed by repetition, so that a form
    nested a few levels deep ends as if it had been written plainly.
    """
    if not _SUSPECT.search(text):
        return text
    for _ in range(_ROUNDS):
        plain = _one_round(text)
        if plain == text:
            break
        text = plain
    return text


def refang_dots(text: str) -> str:
    """Only closed forms of the dot undone: all that a file name may be defanged with."""
    return _STEPS[0][0].sub(".", text) if "[" in text or "(" in text or "{" in text else text


def _one_round(text: str) -> str:
    for pattern, plain in _STEPS:
        text = pattern.sub(plain, text)
    text = _SLASHES.sub(r"\1//", _SCHEME.sub(_plain_scheme, text))
    if _ESCAPED_DOT.fullmatch(text):
        text = text.replace("\\.", ".")
    return _host_brackets(text)


def _plain_scheme(match: re.Match[str]) -> str:
    name = "http" if match[1] else "ftp"
    return name + ("s" if match[3] or match[4] else "")


def _host_brackets(text: str) -> str:
    """``yasonbin[.info``, ``yasonbin.]info``, ``evil。jp``: only before the path."""
    start = text.find("://") + 3 if "://" in text else 0
    end = text.find("/", start)
    end = len(text) if end < 0 else end
    host = _HALF_BRACKET.sub(".", text[start:end])
    if "。" in host and "\\" not in text:
        host = host.replace("。", ".")
    return text[:start] + host + text[end:]
