"""``securegrid ingest``: logs and tables into events of a MISP, and what was imported."""

import typer

app = typer.Typer(
    help="Turn logs and tables into events of a MISP.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
