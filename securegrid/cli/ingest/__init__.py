"""``securegrid ingest``: logs and tables into events of a MISP, and what was imported."""

import typer

from securegrid.cli.ingest.history import imports, undo

app = typer.Typer(
    help="Turn logs and tables into events of a MISP.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command()(imports)
app.command()(undo)
