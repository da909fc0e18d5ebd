"""``securegrid ingest``: logs and tables into events of a MISP, and what was imported."""

import typer

from securegrid.cli.ingest.access_log import access_log
from securegrid.cli.ingest.fortigate import fortigate
from securegrid.cli.ingest.history import imports, undo
from securegrid.cli.ingest.honeypot import honeypot
from securegrid.cli.ingest.table import table

app = typer.Typer(
    help="Turn logs and tables into events of a MISP.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command()(honeypot)
app.command()(fortigate)
app.command()(table)
app.command("access-log")(access_log)
app.command()(imports)
app.command()(undo)
