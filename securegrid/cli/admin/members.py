"""``securegrid admin member``: the organisations in the alliance."""

from typing import Annotated

import typer

from securegrid.cli.admin.output import AsJson, show, told
from securegrid.cli.admin.portal import portal, the_member

app = typer.Typer(help="The organisations in the alliance.", no_args_is_help=True)

COLUMNS = ("name", "users", "misps", "suspended_at", "id")
Named = Annotated[str, typer.Argument(help="The member's name or id.")]


@app.command("add")
def add(name: Annotated[str, typer.Argument(help="The organisation's name.")]) -> None:
    """Add a member."""
    with portal():
        from securegrid.portal.alliance.services import add_member

        member = add_member(name)
    told(f"Member {member.name} is added ({member.public_id}).")


@app.command("list")
def list_members(as_json: AsJson = False) -> None:
    """List the members."""
    with portal():
        from securegrid.portal.alliance.models import Member

        rows = [
            {
                "id": str(member.public_id),
                "name": member.name,
                "users": len(member.users.all()),
                "misps": len(member.misps.all()),
                "suspended_at": member.suspended_at,
            }
            for member in Member.objects.prefetch_related("users", "misps").order_by("name")
        ]
    show(rows, COLUMNS, as_json)


@app.command("rename")
def rename(member: Named, name: Annotated[str, typer.Argument(help="The new name.")]) -> None:
    """Rename a member; the ledger keeps the name of the time."""
    with portal():
        from securegrid.portal.alliance.services import rename_member

        rename_member(the_member(member), name)
    told(f"Member {member} is now {name}.")


@app.command("suspend")
def suspend(member: Named) -> None:
    """Shut a member out at once: sign-ins, sessions, tokens, and its MISPs."""
    with portal():
        from django.utils import timezone

        from securegrid.portal.alliance.services import suspend_member

        suspend_member(the_member(member), timezone.now())
    told(f"Member {member} is suspended.")


@app.command("resume")
def resume(member: Named) -> None:
    """Let a suspended member in again."""
    with portal():
        from securegrid.portal.alliance.services import resume_member

        resume_member(the_member(member))
    told(f"Member {member} is let in again.")
