"""Which column of a geolocation service's rows holds what: a small TOML file."""

from pathlib import Path
from typing import Final

import msgspec

EXAMPLE: Final = Path(__file__).with_name("geolocation.toml")
"""What is taken when the user names nothing, and what a user copies to begin with."""


class BadColumnsError(Exception):
    """The file is not understood; ``detail`` says where."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Columns(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The names of the columns; empty for what the rows do not have."""

    time: str
    address: str
    agent: str = ""
    system: str = ""
    kind: str = msgspec.field(default="", name="class")
    provider: str = ""
    country: str = ""
    organisation: str = ""


class Classes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``ordinary``: what the column of classes says of networks that are not anonymous."""

    ordinary: tuple[str, ...] = ()


class Mapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    columns: Columns
    classes: Classes = msgspec.field(default=Classes(), name="class")


def load(path: Path = EXAMPLE) -> Mapping:
    """Raises BadColumnsError and OSError."""
    try:
        return msgspec.toml.decode(path.read_bytes(), type=Mapping)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadColumnsError(str(error)) from error
