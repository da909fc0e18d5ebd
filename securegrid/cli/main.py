"""The ``securegrid`` command: its parts put together, and every problem told in one way."""

import sys
from typing import Annotated, NoReturn

import typer

import securegrid
from securegrid.cli.clean import printable
from securegrid.cli.lazily import group_of
from securegrid.cli.problem import Problem
from securegrid.cli.words import Say, say, user_language

FAILED, WRONG_USE, STOPPED = 1, 2, 130

COMMANDS = {
    "search": "securegrid.cli.commands:search",
    "extract": "securegrid.cli.extract_command:extract",
    "trial": "securegrid.cli.commands:trial",
    "serve": "securegrid.cli.serve:serve",
    "worker": "securegrid.cli.worker:worker",
    "demo": "securegrid.cli.demo:demo",
    "export": "securegrid.cli.export.command:export",
    "lint": "securegrid.cli.lint.command:lint",
    "node": "securegrid.cli.node:app",
    "admin": "securegrid.cli.admin:app",
    "ingest": "securegrid.cli.ingest:app",
}

app = typer.Typer(
    name="securegrid",
    cls=group_of(COMMANDS),
    help="SecureGRID Portal: one search over every alliance member's MISP.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        print(securegrid.__version__)
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """SecureGRID Portal: one search over every alliance member's MISP."""


def run() -> NoReturn:
    """Run the command line; what went wrong is told in the user's language, without a trace."""
    sys.exit(exit_code_of(sys.argv[1:]))


def exit_code_of(arguments: list[str]) -> int:
    """Run one command: 0 done, 3 some MISPs did not answer, 1 an error, 130 stopped."""
    try:
        app(args=arguments)
    except Problem as problem:
        return _tell(problem)
    except SystemExit as ended:
        return _code(ended.code)
    return 0


def _tell(problem: Problem) -> int:
    language = user_language()
    if problem.what is Say.INTERRUPTED:
        print(f"\n{problem.told(language)}", file=sys.stderr)
        return STOPPED
    told = say(Say.ERROR, language, message=problem.told(language))
    # A file's name or a server's words could otherwise command the terminal.
    print("\n".join(printable(line) for line in told.splitlines()), file=sys.stderr)
    return FAILED


def _code(ended: int | str | None) -> int:
    """The framework ends wrong use with 2; here every error is 1, so that 3 stands alone."""
    code = ended if isinstance(ended, int) else 0
    return FAILED if code == WRONG_USE else code


if __name__ == "__main__":
    run()
