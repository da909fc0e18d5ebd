"""``securegrid admin user``: people, their roles and how they sign in."""

from typing import TYPE_CHECKING, Annotated

import typer

from securegrid.cli.admin.output import AsJson, secret_from_stdin, show, told
from securegrid.cli.admin.portal import portal, the_member, the_user
from securegrid.portal.accounts.roles import Role

if TYPE_CHECKING:
    from securegrid.portal.accounts.invitations import Invitation

app = typer.Typer(help="People, their roles and how they sign in.", no_args_is_help=True)

COLUMNS = ("email", "name", "member", "roles", "active", "last_login")

Email = Annotated[str, typer.Argument(help="The address that the person signs in with.")]
Roles = Annotated[list[Role], typer.Option("--role", help="Repeatable.")]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]


@app.command("add")
def add(
    email: Annotated[str, typer.Option(help="The address to sign in with.")],
    role: Roles,
    name: Annotated[str, typer.Option(help="The name shown to others of the member.")] = "",
    member: Annotated[
        str | None, typer.Option(help="Name or id; may be missing for an operator.")
    ] = None,
    password_stdin: PasswordStdin = False,
    invite: Annotated[
        bool, typer.Option("--invite", help="Print a link that sets the password, once.")
    ] = False,
) -> None:
    """Add a person, with a password from standard input or with an invitation."""
    if password_stdin == invite:
        raise typer.BadParameter(
            "one of them is needed", param_hint=["--password-stdin", "--invite"]
        )
    with portal():
        from securegrid.portal.accounts.services import create_user

        password = secret_from_stdin("password") if password_stdin else None
        of = None if member is None else the_member(member)
        user = create_user(email, password, name, of, role)
        told(f"{user.email} is added ({user.public_id}).")
        if invite:
            _print_link(_invite_again(user.email))


@app.command("list")
def list_users(
    member: Annotated[str | None, typer.Option(help="Only of this member.")] = None,
    as_json: AsJson = False,
) -> None:
    """List people."""
    with portal():
        from securegrid.portal.accounts.models import User

        users = User.objects.select_related("member").prefetch_related("grants").order_by("email")
        if member is not None:
            users = users.filter(member=the_member(member))
        rows = [
            {
                "id": str(user.public_id),
                "email": user.email,
                "name": user.name,
                "member": user.member.name if user.member else None,
                "roles": sorted(user.roles),
                "active": not user.is_suspended,
                "last_login": user.last_login,
            }
            for user in users
        ]
    show(rows, COLUMNS, as_json)


@app.command("set-roles")
def set_roles(email: Email, role: Roles) -> None:
    """Replace a person's roles."""
    with portal():
        from securegrid.portal.accounts import services

        services.set_roles(the_user(email), role)
    told(f"{email} is now {', '.join(sorted(set(role)))}.")


@app.command("suspend")
def suspend(email: Email) -> None:
    """Stop a person at once: sign-in, sessions and tokens."""
    with portal():
        from securegrid.portal.accounts.services import suspend_user

        suspend_user(the_user(email))
    told(f"{email} is suspended.")


@app.command("resume")
def resume(email: Email) -> None:
    """Let a suspended person sign in again."""
    with portal():
        from securegrid.portal.accounts.services import resume_user

        resume_user(the_user(email))
    told(f"{email} may sign in again.")


@app.command("sign-out")
def sign_out(email: Email) -> None:
    """End all sessions and unused links of a person."""
    with portal():
        from securegrid.portal.accounts.services import sign_out_everywhere

        sign_out_everywhere(the_user(email))
    told(f"{email} is signed out everywhere.")


@app.command("invite")
def invite_again(email: Email) -> None:
    """Print a fresh link that sets the password, once (also for a lost password)."""
    with portal():
        _print_link(_invite_again(email))


@app.command("set-password")
def set_password(email: Email, password_stdin: PasswordStdin) -> None:
    """Set a password from standard input and end all sessions."""
    with portal():
        from securegrid.portal.accounts.services import change_password

        change_password(the_user(email), secret_from_stdin("password"))
    told(f"The password of {email} is set.")


def _invite_again(email: str) -> "Invitation":
    from django.utils import timezone

    from securegrid.portal.accounts import invitations

    return invitations.invite_again(the_user(email), timezone.now())


def _print_link(invitation: "Invitation") -> None:
    from django.urls import reverse

    from securegrid.portal.config import config

    # The code stands behind "#": browsers do not send it, so no log on the way holds it.
    root = config().public_url.rstrip("/") or "http://127.0.0.1:8000"
    print(f"{root}{reverse('accounts:set_password')}#{invitation.token}")
