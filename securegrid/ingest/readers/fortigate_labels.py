"""Which FortiGate messages become data, and what they are called: a table that users extend."""

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec


class FortiGateKind(StrEnum):
    """Which security function wrote a message; one event per day and kind."""

    IPS = "ips"
    ANTIVIRUS = "antivirus"
    WEB_FILTER = "webfilter"
    SANDBOX = "sandbox"
    DNS_FILTER = "dns"


class Label(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one message id means. ``categories``: FortiGuard's; empty: all of them."""

    kind: FortiGateKind
    label: str
    to_ids: bool = False
    categories: frozenset[int] = frozenset()
    ignore: bool = False


class BadLabelsError(Exception):
    """A table of labels that is none; ``detail`` says what is wrong in it."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


Labels = Mapping[str, Label]
"""By message id: six digits."""

_DIGITS = 6


@cache
def shipped() -> Labels:
    """The table that comes with the product."""
    text = files("securegrid.ingest.readers").joinpath("fortigate.toml").read_text("utf-8")
    return labels_in(text)


def load(path: Path | None = None) -> Labels:
    """The shipped table, with the one in ``path`` laid over it.

    Raises ``BadLabelsError``, and OSError when ``path`` cannot be read.
    """
    own = labels_in(path.read_text("utf-8")) if path else {}
    return {name: one for name, one in (dict(shipped()) | dict(own)).items() if not one.ignore}


def labels_in(text: str) -> Labels:
    """The table that ``text`` holds as TOML; raises ``BadLabelsError``."""
    try:
        told = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadLabelsError(str(error)) from None
    return {_message_id(name): _label(name, one) for name, one in told.items()}


def _message_id(name: str) -> str:
    """Six digits, of a message id with or without its leading zeros, or of a whole logid."""
    if not (name.isascii() and name.isdigit() and len(name) in {1, 2, 3, 4, 5, 6, 10}):
        raise BadLabelsError(f"{name!r} is no message id")
    return name[-_DIGITS:].zfill(_DIGITS)


def _label(name: str, told: Any) -> Label:
    if isinstance(told, dict) and told.get("ignore") is True:
        return Label(FortiGateKind.IPS, "", ignore=True)
    try:
        return msgspec.convert(told, Label)
    except msgspec.ValidationError as error:
        raise BadLabelsError(f"{name}: {error}") from None
