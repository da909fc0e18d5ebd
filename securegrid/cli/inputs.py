"""What people hand to a command: the text to search, the portal and its token."""

import os
import re
import sys
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from securegrid.cli.client import Portal
from securegrid.cli.problem import Problem
from securegrid.cli.words import Language, Say, say

STANDARD_INPUT = "-"
MAX_MB = 50
PORTAL_VARIABLE, TOKEN_VARIABLE = "SECUREGRID_PORTAL", "SECUREGRID_TOKEN"
# A token that is no header value would fail deep inside the HTTP client.
_TOKEN = re.compile(r"[\x21-\x7e]{1,500}")
_MARKED_ENCODINGS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


def read_text(file: str, language: Language) -> str:
    """The text of ``file`` (``-``: standard input), in UTF-8, UTF-16 or Shift_JIS."""
    if file == STANDARD_INPUT:
        if sys.stdin.isatty():
            print(say(Say.READING, language), file=sys.stderr)
        return decoded(_limited(sys.stdin.buffer))
    try:
        with Path(file).open("rb") as opened:
            return decoded(_limited(opened))
    except FileNotFoundError as error:
        raise Problem(Say.NO_FILE, file=file) from error
    except OSError as error:
        raise Problem(Say.NOT_READABLE, file=file, detail=error.strerror) from error


def _limited(opened: BinaryIO) -> bytes:
    content = opened.read(MAX_MB * 1_000_000 + 1)
    if len(content) > MAX_MB * 1_000_000:
        raise Problem(Say.INPUT_TOO_LARGE, limit=MAX_MB)
    return content


def decoded(content: bytes) -> str:
    """``content`` as text; raises ``Problem`` when it is empty or no text."""
    text = _decode(content)
    if not text.strip():
        raise Problem(Say.EMPTY)
    return text


def _decode(content: bytes) -> str:
    marked = [name for mark, name in _MARKED_ENCODINGS if content.startswith(mark)]
    if not marked and b"\0" in content:
        raise Problem(Say.BINARY)
    for encoding in marked or ("utf-8", "cp932"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Problem(Say.BINARY)


def portal_of(url: str, token: str, token_file: Path | None, ca: Path | None) -> Portal:
    """The portal that the options name; the token from an option, a file or standard input."""
    if not url:
        raise Problem(Say.NO_PORTAL)
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Problem(Say.BAD_PORTAL, url=url)
    found = _token(token, token_file)
    if not found:
        raise Problem(Say.NO_TOKEN)
    if not _TOKEN.fullmatch(found):
        raise Problem(Say.BAD_TOKEN)
    return Portal(url.rstrip("/"), found, ca)


def _token(token: str, token_file: Path | None) -> str:
    if token == STANDARD_INPUT:
        return sys.stdin.readline().strip()
    if token:
        return token.strip()
    if token_file:
        return read_text(str(token_file), Language.ENGLISH).strip()
    return os.environ.get(TOKEN_VARIABLE, "").strip()


def refuse_two_from_stdin(file: str, token: str) -> None:
    """Raise ``Problem`` when both the values and the token are to come from standard input."""
    if file == STANDARD_INPUT and token == STANDARD_INPUT:
        raise Problem(Say.BOTH_FROM_STDIN)
