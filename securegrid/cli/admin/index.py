"""``securegrid admin index``: the indexes of members' MISPs; the work itself is the worker's."""

from datetime import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from securegrid.cli.admin import index_servers
from securegrid.cli.admin.output import AsJson, Row, show, told
from securegrid.cli.admin.portal import AdminError, portal, the_misp

if TYPE_CHECKING:
    from securegrid.index.rules import Quiet
    from securegrid.portal.indexing.services import Overview, Settings

app = typer.Typer(help="The indexes of members' MISPs.", no_args_is_help=True)
app.add_typer(index_servers.app, name="server")

COLUMNS = ("misp", "standing", "epoch", "rows", "synced_at", "syncing", "paused", "last_error")

Named = Annotated[str, typer.Argument(help="The MISP's name or id.")]


@app.command("list")
def list_indexes(
    member: Annotated[str | None, typer.Option(help="Only of this member.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show how the index of each MISP stands; of a live one: that it has none."""
    with portal():
        from django.utils import timezone

        from securegrid.cli.admin.portal import the_member
        from securegrid.portal.alliance.models import Misp
        from securegrid.portal.indexing.services import overviews

        misps = Misp.objects.select_related("member").order_by("member__name", "name")
        if member is not None:
            misps = misps.filter(member=the_member(member))
        rows = [_row(each) for each in overviews(misps, timezone.now())]
    show(rows, COLUMNS, as_json)


@app.command("sync")
def sync(misp: Named) -> None:
    """Let the worker sync at once, whatever failed before."""
    _do(misp, "sync_now")
    told(f"The index of {misp} is due.")


@app.command("rebuild")
def rebuild(misp: Named) -> None:
    """Read the whole MISP anew under a fresh key; the present index answers until then."""
    _do(misp, "rebuild")
    told(f"The index of {misp} is built anew.")


@app.command("rotate")
def rotate(misp: Named) -> None:
    """Begin the next key epoch beside the present one, or go on with the one begun."""
    _do(misp, "begin_rotation")
    told(f"The index of {misp} gets a new key; the old one is destroyed after that.")


@app.command("pause")
def pause(misp: Named) -> None:
    """Stop syncing; the index answers until it is too old."""
    _do(misp, "pause")
    told(f"The index of {misp} is paused.")


@app.command("resume")
def resume(misp: Named) -> None:
    """Sync again; a destroyed index begins anew."""
    _do(misp, "resume")
    told(f"The index of {misp} is synced again.")


@app.command("destroy")
def destroy(
    misp: Named,
    sure: Annotated[bool, typer.Option("--yes", help="Needed: it cannot be undone.")] = False,
) -> None:
    """Destroy key and rows; searches say that the index is missing until it is resumed."""
    if not sure:
        raise typer.BadParameter("say --yes: it cannot be undone", param_hint="--yes")
    _do(misp, "destroy")
    told(f"The key and the rows of the index of {misp} are destroyed.")


@app.command("set")
def change(
    misp: Named,
    interval_min: Annotated[int | None, typer.Option(help="Minutes between syncs.")] = None,
    max_age_h: Annotated[int | None, typer.Option(help="Hours until it is stale.")] = None,
    quiet: Annotated[
        str | None, typer.Option(help="Hours without syncs, such as 08:00-18:00; or none.")
    ] = None,
    zone: Annotated[str, typer.Option(help="Time zone of the quiet hours.")] = "UTC",
    rate_per_s: Annotated[
        int | None, typer.Option(help="Most attributes read in a second; 0: no limit.")
    ] = None,
    blocks: Annotated[
        bool | None,
        typer.Option("--blocks/--no-blocks", help="Whether a network finds stored addresses."),
    ] = None,
) -> None:
    """Change how an index is kept; what is not given stays."""
    with portal():
        from dataclasses import replace

        from django.utils import timezone

        from securegrid.portal.indexing import services

        chosen, now = the_misp(misp), timezone.now()
        settings: Settings = services.overview(chosen, now).settings
        given: dict[str, Any] = {"interval_min": interval_min, "max_age_h": max_age_h}
        given |= {"rate_per_s": rate_per_s, "blocks": blocks}
        changes = {name: value for name, value in given.items() if value is not None}
        if quiet is not None:
            settings = replace(settings, quiet=_quiet(quiet, zone))
        services.change_settings(chosen, replace(settings, **changes), now)
    told(f"The index of {misp} is kept so from now on.")


def _quiet(written: str, zone: str) -> "Quiet | None":
    from securegrid.portal.indexing.services import quiet_of

    if written == "none":
        return None
    try:
        begins, ends = (time.fromisoformat(part) for part in written.split("-"))
    except ValueError:
        raise AdminError("--quiet is written 08:00-18:00, or none") from None
    return quiet_of(begins, ends, zone)


def _do(misp: str, service: str) -> None:
    with portal():
        from django.utils import timezone

        from securegrid.portal.indexing import services

        getattr(services, service)(the_misp(misp), timezone.now())


def _row(each: "Overview") -> Row:
    running = each.running
    return {
        "id": str(each.misp.public_id),
        "misp": each.misp.name,
        "member": each.misp.member.name,
        "standing": each.standing.value,
        "epoch": each.epoch,
        "rows": each.rows,
        "events": each.events,
        "bytes": each.bytes,
        "synced_at": each.synced_at,
        "age_s": each.age_s,
        "changed_at": each.changed_at,
        "events_replaced": each.changes.replaced,
        "events_removed": each.changes.removed,
        "rotating": each.rotating,
        "syncing": running is not None,
        "attributes_done": 0 if running is None else running.progress.attributes_done,
        "attributes_total": 0 if running is None else running.progress.attributes_total,
        "rate_per_s": None if running is None else running.rate_per_s,
        "remaining_s": None if running is None else running.remaining_s,
        "paused": each.paused_at is not None,
        "due_at": each.due_at,
        "failures": each.failures,
        "last_error": each.last_error,
        "last_error_at": each.last_error_at,
    }
