"""``securegrid admin token``: API tokens of people."""

from datetime import timedelta
from typing import Annotated

import typer

from securegrid.cli.admin.output import AsJson, show, told
from securegrid.cli.admin.portal import portal, the_token, the_user
from securegrid.portal.accounts.roles import Scope

app = typer.Typer(help="API tokens of people.", no_args_is_help=True)

COLUMNS = ("user", "name", "hint", "scopes", "expires_at", "revoked_at", "last_used_at", "id")


@app.command("add")
def add(
    user: Annotated[str, typer.Option(help="The person's e-mail address.")],
    name: Annotated[str, typer.Option(help="What the token is for.")],
    scope: Annotated[list[Scope], typer.Option("--scope", help="Repeatable.")],
    days: Annotated[int, typer.Option(help="Days until it ends, 1 to 366.")] = 90,
) -> None:
    """Make a token and print it, this once."""
    with portal():
        from django.utils import timezone

        from securegrid.portal.accounts.services import issue_token

        lifetime = timedelta(days=max(0, min(days, 10_000)))
        raw, _ = issue_token(the_user(user), name, scope, lifetime, timezone.now())
    print(raw)


@app.command("list")
def list_tokens(
    user: Annotated[str | None, typer.Option(help="Only of this person.")] = None,
    as_json: AsJson = False,
) -> None:
    """List tokens; their texts are not known to the portal."""
    with portal():
        from securegrid.portal.accounts.models import ApiToken

        tokens = ApiToken.objects.select_related("user").order_by("user__email", "created_at")
        if user is not None:
            tokens = tokens.filter(user=the_user(user))
        rows = [
            {
                "id": str(token.public_id),
                "user": token.user.email,
                "name": token.name,
                "hint": token.hint,
                "scopes": token.scopes,
                "created_at": token.created_at,
                "expires_at": token.expires_at,
                "revoked_at": token.revoked_at,
                "last_used_at": token.last_used_at,
            }
            for token in tokens
        ]
    show(rows, COLUMNS, as_json)


@app.command("revoke")
def revoke(token: Annotated[str, typer.Argument(help="The token's id, see list.")]) -> None:
    """End a token now."""
    with portal():
        from django.utils import timezone

        from securegrid.portal.accounts.services import revoke_token

        found = the_token(token)
        revoke_token(found, timezone.now())
    told(f"The token {found.name} of {found.user.email} is revoked.")
