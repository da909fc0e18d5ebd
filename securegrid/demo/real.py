"""Real data instead of composed: which list of ``DATA`` goes into which MISP.

- GRID-MISP (OSINT): ESET's MISP events, and the APT trails, one event per cited report.
- GRID-MISP (LAB): LAC's cybercrime lists, one event per day and category.
- IPA-MISP: LAC's honeypot lists, one event per day and address, and one per day of URLs.
- GEO-MISP: data-centre networks, and the trails' and the honeypot's addresses inside them.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from itertools import groupby
from pathlib import Path

from securegrid.demo import networks, trails
from securegrid.demo.eset import eset_events
from securegrid.demo.lists import Row, rows_of
from securegrid.demo.records import ComposedAttribute, ComposedEvent
from securegrid.demo.trails import SNAPSHOT
from securegrid.node.records import NewEvent

_NETWORK_ACTIVITY = "Network activity"
FOLDERS = ("lac-iocs", "eset", "maltrail-apt", "x4bnet")
"""What ``DATA`` must hold."""


def missing(data: Path) -> list[str]:
    """The folders that ``data`` should hold and does not."""
    return [name for name in FOLDERS if not (data / name).is_dir()]


def blacktech_trails(data: Path) -> str:
    """The indicators of ``apt_blacktech.txt``, without its comments."""
    lines = (data / "maltrail-apt" / "apt_blacktech.txt").read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if line and not line.startswith("#"))


def osint(data: Path) -> Iterator[NewEvent | ComposedEvent]:
    """ESET's events and the APT trails."""
    yield from eset_events(data / "eset")
    yield from trails.events(data / "maltrail-apt")


def lab(data: Path) -> Iterator[ComposedEvent]:
    """LAC's cybercrime lists."""
    rows = rows_of(data / "lac-iocs" / "Cybercrime", "*/*.csv", ("date", "Category", "FQDN"))
    by_day_and_category = sorted(rows, key=lambda row: (row["date"], row["Category"]))
    for (day, category), same in groupby(
        by_day_and_category, key=lambda row: (row["date"], row["Category"])
    ):
        hosts = dict.fromkeys(row["FQDN"] for row in same)
        yield ComposedEvent(
            org="LAC",
            info=f"[Cybercrime] {_day(day)} {category}",
            date=_day(day),
            tags=("type:LAB", f"category:{category}"),
            attributes=tuple(
                ComposedAttribute("hostname", _NETWORK_ACTIVITY, host, to_ids=True)
                for host in hosts
            ),
        )


def ipa(data: Path) -> Iterator[ComposedEvent]:
    """LAC's honeypot lists, in the shape of IPA-MISP."""
    honeypot = data / "lac-iocs" / "honeypot"
    for row in rows_of(honeypot, "*/ip_list.csv", ("first_seen", "ip", "cve_id")):
        yield _attack(row)
    urls = sorted(
        rows_of(honeypot, "*/url_list.csv", ("first_seen", "url")), key=lambda r: r["first_seen"]
    )
    for day, same in groupby(urls, key=lambda row: row["first_seen"]):
        yield _downloads(_day(day), dict.fromkeys(row["url"] for row in same))


def _attack(row: Row) -> ComposedEvent:
    day, source, weakness = _day(row["first_seen"]), row["ip"], row["cve_id"]
    return ComposedEvent(
        org="ipakick",
        info=f"[Honeypot] {day} {weakness} access from {source}",
        date=day,
        tags=("honeypot",),
        attributes=(
            ComposedAttribute("ip-src", _NETWORK_ACTIVITY, source, to_ids=True),
            ComposedAttribute("vulnerability", "External analysis", weakness),
        ),
    )


def _downloads(day: date, urls: Iterable[str]) -> ComposedEvent:
    return ComposedEvent(
        org="ipakick",
        info=f"[Honeypot] {day} download addresses",
        date=day,
        tags=("honeypot",),
        attributes=tuple(
            ComposedAttribute("url", _NETWORK_ACTIVITY, url, to_ids=True) for url in urls
        ),
    )


def geo(data: Path) -> Iterator[ComposedEvent]:
    """Data-centre networks, and which known addresses lie in them."""
    known = networks.read(data / "x4bnet" / "output" / "datacenter")
    yield from networks.events(known)
    inside = networks.Inside(known)
    honeypot = rows_of(data / "lac-iocs" / "honeypot", "*/ip_list.csv", ("ip",))
    addresses = {"honeypot": [row["ip"] for row in honeypot]}
    for source, found in (addresses | trails.addresses(data / "maltrail-apt")).items():
        attributes = tuple(
            ComposedAttribute("ip-src", _NETWORK_ACTIVITY, address, comment=f"in {network}")
            for address in dict.fromkeys(found)
            if (network := inside.network_of(address)) is not None
        )
        if attributes:
            yield ComposedEvent(
                org="GEOLOCATION",
                info=f"({SNAPSHOT}) VPS/Cloud addresses of: {source}",
                date=SNAPSHOT,
                tags=("anonymous:VPS/Cloud",),
                attributes=attributes,
            )


def _day(written: str) -> date:
    """``20230103`` as a date."""
    return datetime.strptime(written, "%Y%m%d").date()  # noqa: DTZ007 - a day has no zone


Events = Callable[[Path], Iterable[NewEvent | ComposedEvent]]
EVENTS: dict[str, Events] = {"osint": osint, "lab": lab, "geo": geo, "ipa": ipa}
