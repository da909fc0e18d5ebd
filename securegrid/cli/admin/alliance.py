"""``securegrid admin alliance``: the alliance's own settings."""

from typing import Annotated

import typer

from securegrid.cli.admin.output import AsJson, show, told
from securegrid.cli.admin.portal import portal

app = typer.Typer(help="The alliance's name, notice and rules.", no_args_is_help=True)

COLUMNS = ("name", "show_searching_member", "notice")


@app.command("show")
def show_alliance(as_json: AsJson = False) -> None:
    """Show the alliance's settings."""
    with portal():
        from securegrid.portal.alliance.services import the_alliance

        found = the_alliance()
        row = {column: getattr(found, column) for column in COLUMNS}
    show([row], COLUMNS, as_json)


@app.command("set")
def change(
    name: Annotated[str | None, typer.Option(help="What the alliance is called.")] = None,
    show_searching_member: Annotated[
        bool | None,
        typer.Option(
            "--show-searching-member/--hide-searching-member",
            help="Whether owners see which member searched (from now on).",
        ),
    ] = None,
    notice: Annotated[
        str | None, typer.Option(help="A sentence on every page; empty for none.")
    ] = None,
) -> None:
    """Change the alliance's settings; what is not given stays."""
    with portal():
        from securegrid.portal.alliance.services import change_alliance

        change_alliance(name=name, show_searching_member=show_searching_member, notice=notice)
    told("The alliance's settings are changed.")
