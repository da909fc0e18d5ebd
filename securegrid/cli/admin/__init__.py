"""``securegrid admin``: setting an alliance up by script; no prompts, secrets on standard input.

These commands speak to the portal's database directly and need its settings. The portal is
imported only when a command runs: ``--help`` and the client commands need no settings.
"""

import typer

from securegrid.cli.admin import alliance, index, keys, members, misps, tokens, upkeep, users

app = typer.Typer(
    help="Set up and look after the alliance (needs the portal's settings).",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(alliance.app, name="alliance")
app.add_typer(members.app, name="member")
app.add_typer(users.app, name="user")
app.add_typer(tokens.app, name="token")
app.add_typer(misps.app, name="misp")
app.add_typer(index.app, name="index")
app.add_typer(keys.app, name="key")
app.command()(upkeep.migrate)
app.command()(upkeep.check)
app.command()(upkeep.tidy)
