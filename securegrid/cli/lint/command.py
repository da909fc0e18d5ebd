"""The command itself: what to look over, by which profile."""

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from securegrid.cli.codes import in_words
from securegrid.cli.formats import write
from securegrid.cli.ingest.options import Ca, Insecure, KeyFile, KeyStdin, connection_of, key_of
from securegrid.cli.lint.files import drafts_of
from securegrid.cli.lint.showing import Result, show, show_json
from securegrid.cli.lint.words import LintProblem, Says, say
from securegrid.cli.words import Language, user_language
from securegrid.ingest.quality.looking import MOST_ATTRIBUTES, Progress, look_over_misp
from securegrid.ingest.quality.profile import Profile, ProfileRefused, default_text
from securegrid.ingest.quality.reporting import report
from securegrid.ingest.quality.warning_lists import ListsUnusable, WarningLists
from securegrid.misp.client import MispClient
from securegrid.misp.connection import Connection
from securegrid.misp.failures import MispFailure, Reason
from securegrid.words import say as say_code

NO_ERRORS, ERRORS_FOUND = 0, 3
STANDARD_INPUT = "-"
REQUEST_TIMEOUT_S = 120.0


@dataclass(frozen=True, slots=True)
class _Rules:
    profile: Profile
    lists: WarningLists


def lint(
    what: Annotated[
        str, typer.Argument(metavar="FILE|MISP", help="Events as JSON, a table, or an address.")
    ] = "",
    profile: Annotated[
        Path | None, typer.Option("--profile", help="The alliance's rules, a TOML file.")
    ] = None,
    show_profile: Annotated[
        bool, typer.Option("--show-profile", help="Print the default profile, to be adjusted.")
    ] = False,
    lists: Annotated[
        Path | None, typer.Option("--lists", help="A folder of newer warning lists.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Tell it all as JSON.")] = False,
    most: Annotated[
        int, typer.Option("--most", min=1, help="Attributes of a MISP, the last changed first.")
    ] = MOST_ATTRIBUTES,
    published_only: Annotated[
        bool, typer.Option("--published-only", help="Of a MISP, only what is published.")
    ] = False,
    key_stdin: KeyStdin = False,
    key_file: KeyFile = None,
    ca: Ca = None,
    insecure: Insecure = False,
) -> None:
    """Say whether events follow the alliance's rules: by rule, with examples and a score.

    Ends with 0 without errors, 3 when a rule finds an error, 1 on trouble, 130 when stopped.
    """
    if show_profile:
        write(default_text())
        return
    rules = _rules(profile, lists)
    if not what:
        raise LintProblem(Says.NOTHING_NAMED)
    if is_address(what):
        connection = connection_of(
            what, key_of(key_file, from_stdin=key_stdin), ca, insecure=insecure
        )
        result = _of_misp(connection, rules, most, published_only)
    elif key_stdin and what == STANDARD_INPUT:
        raise LintProblem(Says.BOTH_FROM_STDIN)
    else:
        result = _of_file(what, rules)
    (show_json if as_json else show)(result, user_language())
    raise typer.Exit(ERRORS_FOUND if result.score.errors else NO_ERRORS)


def is_address(what: str) -> bool:
    """Whether a MISP is meant, not a file."""
    return what.lower().startswith(("http://", "https://"))


def _rules(profile: Path | None, lists: Path | None) -> _Rules:
    try:
        return _Rules(Profile.load(profile), WarningLists.load(lists=lists))
    except ProfileRefused as refused:
        why = say_code(refused.why, user_language().value)
        raise LintProblem(
            Says.PROFILE_REFUSED, where=refused.where, why=why, detail=refused.detail
        ) from None
    except ListsUnusable as unusable:
        raise LintProblem(Says.LISTS_UNUSABLE, detail=unusable) from None


def _of_file(what: str, rules: _Rules) -> Result:
    drafts, bad_lines = drafts_of(what)
    try:
        score = report(drafts, rules.profile, rules.lists)
    except KeyboardInterrupt:
        raise LintProblem(Says.STOPPED) from None
    except ListsUnusable as unusable:
        raise LintProblem(Says.LISTS_UNUSABLE, detail=unusable) from None
    return Result(score, score.events, bad_lines=bad_lines)


def _of_misp(connection: Connection, rules: _Rules, most: int, published_only: bool) -> Result:
    language = user_language()
    try:
        return asyncio.run(_looked(connection, rules, most, published_only, language))
    except KeyboardInterrupt:
        raise LintProblem(Says.STOPPED) from None
    except MispFailure as failed:
        reason = in_words(failed.reason, language, Reason)
        raise LintProblem(Says.FAILED, reason=reason) from None
    except ListsUnusable as unusable:
        raise LintProblem(Says.LISTS_UNUSABLE, detail=unusable) from None


async def _looked(
    connection: Connection, rules: _Rules, most: int, published_only: bool, language: Language
) -> Result:
    async with MispClient(connection, request_timeout_s=REQUEST_TIMEOUT_S) as client:
        looked = await look_over_misp(
            client,
            rules.profile,
            rules.lists,
            most_attributes=most,
            published_only=published_only,
            tell=_teller(language),
        )
    return Result(looked.score, looked.events_listed, looked.vanished, looked.complete)


def _teller(language: Language) -> Callable[[Progress], None]:
    """Tells how far it is: on a terminal, in one line that is written anew."""

    def tell(progress: Progress) -> None:
        told = say(
            Says.PROGRESS, language,
            done=f"{progress.events_done:,}", total=f"{progress.events_total:,}",
            attributes=f"{progress.attributes_done:,}",
        )  # fmt: skip
        print(f"\r{told}", end="", file=sys.stderr, flush=True)

    return tell if sys.stderr.isatty() else lambda _: None
