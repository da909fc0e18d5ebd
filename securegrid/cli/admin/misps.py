"""``securegrid admin misp``: members' MISPs; an auth key is read from standard input only."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from securegrid.cli.admin.output import AsJson, Row, secret_from_stdin, show, text_of, told
from securegrid.cli.admin.portal import AdminError, portal, the_member, the_misp
from securegrid.cli.words import user_language

if TYPE_CHECKING:
    from securegrid.portal.alliance.misps import MispChanges
    from securegrid.portal.alliance.models import Misp

app = typer.Typer(help="Members' MISPs.", no_args_is_help=True)

COLUMNS = (
    *("name", "member", "url", "mode", "tls", "enabled", "visibility", "version"),
    "resting_until",
)


class Shown(StrEnum):
    """What others may see (``Visibility`` of the alliance room, without its database)."""

    EXISTS = "exists"
    COUNT = "count"
    TITLE = "title"
    FULL = "full"


class SearchMode(StrEnum):
    """How a MISP is searched."""

    LIVE = "live"
    INDEXED = "indexed"


Named = Annotated[str, typer.Argument(help="The MISP's name or id.")]
KeyStdin = Annotated[
    bool, typer.Option("--key-stdin", help="Read the auth key from standard input.")
]
Ca = Annotated[
    Path | None, typer.Option("--ca", help="Verify by the CA certificates in this PEM file.")
]
Client = Annotated[
    Path | None, typer.Option("--client", help="PEM file: client certificate and private key.")
]
Tags = Annotated[list[str] | None, typer.Option(help="Events or attributes with this tag.")]
Types = Annotated[list[str] | None, typer.Option(help="Attributes of this type.")]


@app.command("add")
def add(
    member: Annotated[str, typer.Option(help="The owner: a member's name or id.")],
    name: Annotated[str, typer.Option(help="What the MISP is called in the alliance.")],
    url: Annotated[str, typer.Option(help="Its address, such as https://misp.example.org.")],
    key_stdin: KeyStdin,
    ca: Ca = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Do not verify the certificate (tests only).")
    ] = False,
    mode: Annotated[SearchMode, typer.Option(help="How it is searched.")] = SearchMode.LIVE,
    client: Client = None,
    visibility: Annotated[Shown, typer.Option(help="What others may see.")] = Shown.FULL,
    published_only: Annotated[
        bool, typer.Option("--published-only", help="Offer published events only.")
    ] = False,
    leave_out_tag: Tags = None,
    leave_out_type: Types = None,
    concurrency: Annotated[int, typer.Option(help="Requests at once, 1 to 8.")] = 4,
    pause_ms: Annotated[int, typer.Option(help="Pause between requests, 0 to 10,000.")] = 0,
) -> None:
    """Connect a member's MISP. Nothing is sent to it; see test."""
    tls, ca_pem = _verification(ca, insecure)
    with portal():
        from securegrid.portal.alliance.services import add_misp

        misp = add_misp(
            the_member(member),
            name,
            url,
            secret_from_stdin("auth key"),
            tls=tls,
            ca_pem=ca_pem,
            client_pem="" if client is None else text_of(client, "--client"),
            mode=mode,
            visibility=visibility,
            published_only=published_only,
            left_out_tags=leave_out_tag or (),
            left_out_types=leave_out_type or (),
            concurrency=concurrency,
            pause_ms=pause_ms,
        )
    told(f"MISP {misp.name} is connected ({misp.public_id}).")


@app.command("list")
def list_misps(
    member: Annotated[str | None, typer.Option(help="Only of this member.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the MISPs; keys are never shown."""
    with portal():
        from securegrid.portal.alliance.models import Misp

        misps = Misp.objects.select_related("member").order_by("member__name", "name")
        if member is not None:
            misps = misps.filter(member=the_member(member))
        rows = [_row(misp) for misp in misps]
    show(rows, COLUMNS, as_json)


@app.command("change")
def change(
    misp: Named,
    name: Annotated[str | None, typer.Option(help="The new name.")] = None,
    url: Annotated[str | None, typer.Option(help="The new address.")] = None,
    ca: Ca = None,
    insecure: Annotated[bool, typer.Option("--insecure", help="Do not verify.")] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Verify by the system's authorities.")
    ] = False,
    client: Client = None,
    visibility: Annotated[Shown | None, typer.Option(help="What others may see.")] = None,
    published_only: Annotated[
        bool | None, typer.Option("--published-only/--unpublished-too", help="What is offered.")
    ] = None,
    leave_out_tag: Tags = None,
    leave_out_type: Types = None,
    concurrency: Annotated[int | None, typer.Option(help="1 to 8.")] = None,
    pause_ms: Annotated[int | None, typer.Option(help="0 to 10,000.")] = None,
    key_stdin: KeyStdin = False,
) -> None:
    """Change a MISP; another server or less verification needs the key again."""
    given: MispChanges = {}
    for field, value in (
        ("name", name),
        ("url", url),
        ("visibility", visibility),
        ("published_only", published_only),
        ("left_out_tags", leave_out_tag),
        ("left_out_types", leave_out_type),
        ("concurrency", concurrency),
        ("pause_ms", pause_ms),
    ):
        if value is not None:
            given[field] = value  # type: ignore[literal-required]
    if ca is not None or insecure or verify:
        given["tls"], given["ca_pem"] = _verification(ca, insecure, verify)
    with portal():
        from securegrid.portal.alliance.services import change_misp

        key = secret_from_stdin("auth key") if key_stdin else None
        client_pem = None if client is None else text_of(client, "--client")
        change_misp(the_misp(misp), key=key, client_pem=client_pem, **given)
    told(f"MISP {misp} is changed.")


@app.command("mode")
def set_mode(
    misp: Named, mode: Annotated[SearchMode, typer.Argument(help="indexed or live.")]
) -> None:
    """Choose how a MISP is searched; live destroys its index."""
    with portal():
        from django.utils import timezone

        from securegrid.portal.indexing import services

        services.set_mode(the_misp(misp), mode, timezone.now())
    told(f"MISP {misp} is searched {mode.value} from now on.")


@app.command("set-key")
def set_key(misp: Named, key_stdin: KeyStdin) -> None:
    """Replace the auth key by the one on standard input."""
    with portal():
        from securegrid.portal.alliance.services import replace_key

        replace_key(the_misp(misp), secret_from_stdin("auth key"))
    told(f"The key of MISP {misp} is replaced.")


@app.command("test")
def ask(misp: Named, as_json: AsJson = False) -> None:
    """Ask a MISP for its version and what the key may do."""
    with portal():
        from asgiref.sync import async_to_sync

        from securegrid.portal.alliance import services
        from securegrid.words import say

        found = async_to_sync(services.test_misp)(the_misp(misp))
        if found.reason is not None:
            raise AdminError(f"MISP {misp}: {say(found.reason, user_language())}")
    columns = ("version", "round_trip_ms", "role", "may_read", "may_add", "may_tag", "may_sight")
    row = {column: getattr(found, column) for column in (*columns, "organisation", "is_mighty")}
    show([row], columns, as_json)
    if found.is_mighty and not as_json:
        told("This key may administrate or synchronise; a read-only key is enough.")


@app.command("enable")
def enable(misp: Named) -> None:
    """Let searches ask a MISP again."""
    with portal():
        from securegrid.portal.alliance.services import set_enabled

        set_enabled(the_misp(misp), True)
    told(f"MISP {misp} is switched on.")


@app.command("disable")
def disable(misp: Named) -> None:
    """Stop asking a MISP; its key stays."""
    with portal():
        from securegrid.portal.alliance.services import set_enabled

        set_enabled(the_misp(misp), False)
    told(f"MISP {misp} is switched off.")


@app.command("disconnect")
def disconnect(misp: Named) -> None:
    """Stop asking a MISP and forget its key and client certificate."""
    with portal():
        from securegrid.portal.alliance import services

        services.disconnect(the_misp(misp))
    told(f"MISP {misp} is switched off and its key is forgotten.")


def _verification(ca: Path | None, insecure: bool, verify: bool = False) -> tuple[str, str]:
    if sum((ca is not None, insecure, verify)) > 1:
        raise typer.BadParameter("they exclude each other", param_hint=["--ca", "--insecure"])
    if ca is not None:
        return "own_ca", text_of(ca, "--ca")
    return ("insecure" if insecure else "verify"), ""


def _row(misp: "Misp") -> Row:
    return {
        "id": str(misp.public_id),
        "name": misp.name,
        "member": misp.member.name,
        "url": misp.url,
        "tls": misp.tls,
        "mode": misp.mode,
        "enabled": misp.enabled,
        "has_key": bool(misp.sealed_key),
        "has_client_certificate": bool(misp.sealed_client_pem),
        "visibility": misp.visibility,
        "published_only": misp.published_only,
        "left_out_tags": misp.left_out_tags,
        "left_out_types": misp.left_out_types,
        "concurrency": misp.concurrency,
        "pause_ms": misp.pause_ms,
        "version": misp.version,
        "tested_at": misp.tested_at,
        "resting_until": misp.resting_until,
        "resting_reason": misp.resting_reason,
    }
