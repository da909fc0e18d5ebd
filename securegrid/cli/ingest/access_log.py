"""``securegrid ingest access-log``: who came from anonymous networks, as the trial's GEO-MISP."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from securegrid.cli.ingest.frame import Common, Files, carry_out, with_common
from securegrid.cli.ingest.networks import networks_of
from securegrid.cli.ingest.shaping import (
    ShownName,
    SourceName,
    Tags,
    Tlp,
    TlpLevel,
    Zone,
    known_zone,
    now_s,
    shape_options,
)
from securegrid.cli.ingest.words import IngestProblem, Says
from securegrid.ingest.networks.classes import Networks
from securegrid.ingest.pipeline import Job
from securegrid.ingest.readers.access_log import ACCESS_LOG, AccessLogOptions
from securegrid.ingest.readers.clients import Proxies
from securegrid.ingest.readers.columns import EXAMPLE, BadColumnsError, Mapping, load
from securegrid.ingest.readers.geolocation import GEOLOCATION, GeolocationOptions
from securegrid.ingest.shapes.geo import GeoShape

NetworkLists: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--networks", help="CLASS=FILE: anonymous networks, one a line; repeatable."),
]
AsLists: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--as-list", help="CLASS=FILE: anonymous AS numbers, one a line; repeatable."),
]
AsnDatabase: TypeAlias = Annotated[
    Path | None,
    typer.Option("--asn-db", help="An AS database in MaxMind's format, for the shipped one."),
]
ShippedLists: TypeAlias = Annotated[
    bool,
    typer.Option("--shipped-lists/--no-shipped-lists", help="Use the lists that MISP ships too."),
]
TrustedProxies: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--trusted-proxy", help="A network whose X-Forwarded-For is believed."),
]
Rows: TypeAlias = Annotated[
    bool, typer.Option("--rows", help="A geolocation service's rows, not a web server's log.")
]
ColumnsFile: TypeAlias = Annotated[
    Path | None, typer.Option("--columns", help="Which column of such rows holds what (TOML).")
]


@with_common
def access_log(
    files: Files,
    common: Common,
    source: SourceName = "access-log",
    name: ShownName = "",
    zone: Zone = "UTC",
    tlp: TlpLevel = Tlp.AMBER,
    tag: Tags = None,
    networks: NetworkLists = None,
    as_list: AsLists = None,
    asn_db: AsnDatabase = None,
    shipped_lists: ShippedLists = True,
    trusted_proxy: TrustedProxies = None,
    rows: Rows = False,
    columns: ColumnsFile = None,
) -> None:
    """Web servers' logs: Apache and nginx (common, combined, JSON), AWS ALB.

    With --rows or --columns a geolocation service's own rows. Only sources in anonymous networks
    (VPS, cloud, VPN) become data: one event for each day, operating system and provider.
    """
    lists = networks_of(networks or [], as_list or [], asn_db, shipped=shipped_lists)
    shape = GeoShape(shape_options(common, source, name, tlp, tag))
    if rows or columns:
        of_rows = _of_rows(columns or EXAMPLE, known_zone(zone), lists)
        job = Job(source, tuple(files), GEOLOCATION, of_rows, shape, common.workers)
    else:
        of_log = _of_log(trusted_proxy or [], known_zone(zone), lists)
        job = Job(source, tuple(files), ACCESS_LOG, of_log, shape, common.workers)
    carry_out(common, job)


def _of_log(proxies: list[str], zone: str, networks: Networks) -> AccessLogOptions:
    try:
        Proxies(proxies)
    except ValueError as error:
        raise IngestProblem(Says.BAD_PROXY, detail=error) from None
    return AccessLogOptions(
        now=now_s(), zone=zone, networks=networks, trusted_proxies=tuple(proxies)
    )


def _of_rows(path: Path, zone: str, networks: Networks) -> GeolocationOptions:
    try:
        mapping: Mapping = load(path)
    except BadColumnsError as bad:
        raise IngestProblem(Says.BAD_COLUMN_FILE, file=path, detail=bad.detail) from None
    except OSError:
        raise IngestProblem(Says.NOT_READABLE, file=path) from None
    return GeolocationOptions(now=now_s(), zone=zone, mapping=mapping, networks=networks)
