"""The options that all ``securegrid ingest`` commands share, and the MISP that they name."""

import functools
import inspect
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, TypeAlias, get_type_hints

import typer

from securegrid.cli.ingest.words import IngestProblem, Says
from securegrid.misp.connection import AddressPolicy, BadConnection, Connection, Tls

URL_VARIABLE = "SECUREGRID_MISP"
STANDARD_INPUT = "-"
DEFAULT_ALLIANCE = "SecureGRID Alliance"

Files: TypeAlias = Annotated[
    list[str], typer.Argument(metavar="FILE…", help="Plain, gzip or zstd; - is standard input.")
]

KeyStdin: TypeAlias = Annotated[
    bool, typer.Option("--key-stdin", help="Read its auth key from standard input.")
]
KeyFile: TypeAlias = Annotated[
    Path | None, typer.Option("--key-file", help="A file that holds its auth key.")
]
Ca: TypeAlias = Annotated[
    Path | None, typer.Option("--ca", help="Verify it by the CA in this PEM file.")
]
Insecure: TypeAlias = Annotated[
    bool, typer.Option("--insecure", help="Do not verify its certificate (tests only).")
]


def default_state() -> Path:
    """Where imports are remembered, as the XDG base directories say."""
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "securegrid" / "ingest"


@dataclass(frozen=True, slots=True)
class Common:
    """The options that every reader's command has."""

    misp: Annotated[
        str, typer.Option("--misp", envvar=URL_VARIABLE, help="The address of the MISP.")
    ] = ""
    key_stdin: KeyStdin = False
    key_file: KeyFile = None
    ca: Ca = None
    insecure: Insecure = False
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be written, and write nothing.")
    ] = False
    as_json: Annotated[bool, typer.Option("--json", help="Tell it all as JSON.")] = False
    force: Annotated[
        bool, typer.Option("--force", help="Write also what breaks a rule; the journal says so.")
    ] = False
    alliance: Annotated[
        str, typer.Option("--alliance", help="UUIDs follow from it; the same for every import.")
    ] = DEFAULT_ALLIANCE
    state: Annotated[
        Path | None, typer.Option("--state", help="The folder where imports are remembered.")
    ] = None
    report: Annotated[
        Path | None, typer.Option("--report", help="Write every line that was not understood here.")
    ] = None
    profile: Annotated[
        Path | None, typer.Option("--profile", help="The alliance's rules, a TOML file.")
    ] = None
    workers: Annotated[
        int, typer.Option("--workers", min=0, help="Processes that read; 0: one for each core.")
    ] = 0

    @property
    def state_folder(self) -> Path:
        """Where this import is remembered."""
        return self.state or default_state()

    def connection(self, files: list[str]) -> Connection:
        """The MISP to write to; raises ``IngestProblem`` when it is not named as it must be."""
        if self.key_stdin and STANDARD_INPUT in files:
            raise IngestProblem(Says.BOTH_FROM_STDIN)
        key = key_of(self.key_file, from_stdin=self.key_stdin)
        return connection_of(self.misp, key, self.ca, insecure=self.insecure)


def key_of(file: Path | None, *, from_stdin: bool) -> str:
    """The auth key; empty where none is named. Raises ``IngestProblem``."""
    if from_stdin:
        return sys.stdin.readline().strip()
    return "" if file is None else _text_of(file).strip()


def connection_of(url: str, key: str, ca: Path | None, *, insecure: bool) -> Connection:
    """The MISP that the options name; raises ``IngestProblem``. A member writes to its own MISP,
    which may be on this very machine."""
    if not url:
        raise IngestProblem(Says.NO_MISP)
    if not key:
        raise IngestProblem(Says.NO_KEY)
    verification = Tls.INSECURE if insecure else Tls.OWN_CA if ca else Tls.VERIFY
    pem = "" if ca is None else _text_of(ca)
    policy = AddressPolicy(allow_private=True, allow_loopback=True)
    try:
        return Connection(url, key, tls=verification, ca_pem=pem, policy=policy)
    except BadConnection as bad:
        raise IngestProblem(Says.BAD_MISP, problem=bad.problem.value) from None


def with_common(command: Callable[..., None]) -> Callable[..., None]:
    """Give ``command`` the options of ``Common`` in place of its parameter ``common``."""

    @functools.wraps(command)
    def run(**given: Any) -> None:
        common = Common(**{one.name: given.pop(one.name) for one in fields(Common)})
        command(**given, common=common)

    hints = get_type_hints(command, include_extras=True)
    own = [one for one in inspect.signature(command).parameters.values() if one.name != "common"]
    shown = [one.replace(annotation=hints[one.name]) for one in own] + _parameters()
    run.__signature__ = inspect.Signature(shown)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in shown} | {"return": None}
    del run.__wrapped__  # or the framework would look at the original
    return run


def _parameters() -> list[inspect.Parameter]:
    hints = get_type_hints(Common, include_extras=True)
    return [
        inspect.Parameter(
            one.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=one.default,
            annotation=hints[one.name],
        )
        for one in fields(Common)
    ]


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise IngestProblem(Says.NOT_READABLE, file=path) from None
