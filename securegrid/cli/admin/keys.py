"""``securegrid admin key``: the master key that seals secrets and questions."""

import typer

from securegrid.cli.admin.output import told
from securegrid.cli.admin.portal import portal

app = typer.Typer(help="The master key that seals what is secret.", no_args_is_help=True)


@app.command("new")
def new() -> None:
    """Print a fresh master key: one line for the key file. Changes nothing."""
    # A dependency of the portal, but neither its settings nor its database are needed.
    from securegrid.portal.sealing import new_key

    print(new_key())


@app.command("rotate")
def rotate() -> None:
    """Seal everything anew under the first key of the key file; safe to repeat."""
    with portal():
        from securegrid.portal import resealing

        for name, changed in resealing.rotate().items():
            told(f"{name}: {changed} sealed anew")
