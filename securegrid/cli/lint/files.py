"""Drafts out of a file, to be looked over: MISP's events as JSON, or a table."""

import sys
from pathlib import Path
from typing import BinaryIO

from securegrid.cli.lint.words import LintProblem, Says
from securegrid.cli.problem import Problem
from securegrid.cli.words import Say
from securegrid.ingest.model import Drafts
from securegrid.ingest.quality.misp_events import NotEvents, read_events

MAX_MB = 500
_STANDARD_INPUT = "-"


def drafts_of(file: str) -> tuple[Drafts, int]:
    """The events of ``file`` (``-``: standard input), and how many of its lines were not
    understood. Raises ``Problem``."""
    content = _content(file)
    try:
        return read_events(content), 0
    except NotEvents as wrong:
        raise LintProblem(Says.NOT_EVENTS, file=file, detail=wrong) from None


def _content(file: str) -> bytes:
    if file == _STANDARD_INPUT:
        return _limited(sys.stdin.buffer)
    try:
        with Path(file).open("rb") as opened:
            return _limited(opened)
    except FileNotFoundError as error:
        raise Problem(Say.NO_FILE, file=file) from error
    except OSError as error:
        raise Problem(Say.NOT_READABLE, file=file, detail=error.strerror) from error


def _limited(opened: BinaryIO) -> bytes:
    content = opened.read(MAX_MB * 1_000_000 + 1)
    if len(content) > MAX_MB * 1_000_000:
        raise Problem(Say.INPUT_TOO_LARGE, limit=MAX_MB)
    return content
