"""``securegrid ingest access-log``: who came from anonymous networks, as the trial's GEO-MISP."""

import time
from pathlib import Path
from typing import Annotated
from zoneinfo import available_timezones

import typer

from securegrid.cli.ingest.frame import Common, Files, carry_out, with_common
from securegrid.cli.ingest.networks import networks_of
from securegrid.cli.ingest.words import IngestProblem, Says
from securegrid.ingest.pipeline import Job
from securegrid.ingest.readers.access_log import ACCESS_LOG, AccessLogOptions
from securegrid.ingest.readers.clients import Proxies
from securegrid.ingest.readers.columns import EXAMPLE, BadColumnsError, Mapping, load
from securegrid.ingest.readers.geolocation import GEOLOCATION, GeolocationOptions
from securegrid.ingest.shapes.geo import GeoShape
from securegrid.ingest.shapes.options import ShapeOptions


@with_common
def access_log(
    files: Files,
    *,
    source: Annotated[
        str, typer.Option("--source", help="Whose log it is: in every UUID, and as a tag.")
    ],
    name: Annotated[str, typer.Option("--name", help="The source as titles name it.")] = "",
    tag: Annotated[
        list[str], typer.Option("--tag", help="A tag for every event, instead of tlp:amber.")
    ] = [],  # noqa: B006 - never changed
    zone: Annotated[
        str, typer.Option("--zone", help="Where days begin, and times without a zone belong.")
    ] = "UTC",
    networks: Annotated[
        list[str], typer.Option("--networks", help="CLASS=FILE: anonymous networks, one a line.")
    ] = [],  # noqa: B006
    as_list: Annotated[
        list[str], typer.Option("--as-list", help="CLASS=FILE: anonymous AS numbers, one a line.")
    ] = [],  # noqa: B006
    asn_db: Annotated[
        Path | None, typer.Option("--asn-db", help="An AS database in MaxMind's format.")
    ] = None,
    shipped_lists: Annotated[
        bool, typer.Option("--shipped-lists/--no-shipped-lists", help="Use MISP's own lists too.")
    ] = True,
    trusted_proxy: Annotated[
        list[str],
        typer.Option("--trusted-proxy", help="A network whose X-Forwarded-For is believed."),
    ] = [],  # noqa: B006
    rows: Annotated[
        bool, typer.Option("--rows", help="A geolocation service's rows, not a server's log.")
    ] = False,
    columns: Annotated[
        Path | None, typer.Option("--columns", help="Which column of such rows holds what (TOML).")
    ] = None,
    common: Common,
) -> None:
    """Web servers' logs into events: one per day, operating system and provider.

    Only sources in anonymous networks (VPS, cloud, VPN) become data. Reads Apache and nginx
    (common, combined, JSON) and AWS ALB; with --rows or --columns a geolocation service's rows.
    """
    if zone not in available_timezones():
        raise IngestProblem(Says.BAD_ZONE, zone=zone)
    lists = networks_of(networks, as_list, asn_db, shipped=shipped_lists)
    tags = tuple(tag) or ShapeOptions(alliance="", source="").tags
    shape = GeoShape(ShapeOptions(alliance=common.alliance, source=source, name=name, tags=tags))
    now = int(time.time())
    if rows or columns:
        mapping = _mapping(columns or EXAMPLE)
        options = GeolocationOptions(now=now, zone=zone, mapping=mapping, networks=lists)
        job = Job(source, tuple(files), GEOLOCATION, options, shape, common.workers)
    else:
        proxies = _proxies(trusted_proxy)
        logs = AccessLogOptions(now=now, zone=zone, networks=lists, trusted_proxies=proxies)
        job = Job(source, tuple(files), ACCESS_LOG, logs, shape, common.workers)
    carry_out(common, job)


def _mapping(path: Path) -> Mapping:
    try:
        return load(path)
    except BadColumnsError as bad:
        raise IngestProblem(Says.BAD_COLUMN_FILE, file=path, detail=bad.detail) from None
    except OSError:
        raise IngestProblem(Says.NOT_READABLE, file=path) from None


def _proxies(written: list[str]) -> tuple[str, ...]:
    try:
        Proxies(written)
    except ValueError as error:
        raise IngestProblem(Says.BAD_PROXY, detail=error) from None
    return tuple(written)
