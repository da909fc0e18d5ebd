"""The access log from which the demo's GEO-MISP is filled: the geolocation service's own rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path

from securegrid.demo import geo
from securegrid.demo.composed import ACCESS_LOG_NETWORK, address_in
from securegrid.demo.draw import Draw

COLUMNS = (
    *("time", "ip_address", "user_agent", "anonymous_class", "provider_url", "country"),
    "organisation",
)
CLASS = "VPS/Cloud"

_JAPAN = timezone(timedelta(hours=9))
_OPENS = time(9)
"""From 9 to 24 o'clock in Japan it is the same day in UTC."""
_OPEN_S = 15 * 3600
_MOST_REQUESTS = 3
_OTHERS_PERCENT = 20
"""Rows of ordinary visitors, who are in no anonymous network and do not become data."""

# What clients say of themselves, by the system that the trial's titles name.
_AGENTS = {
    "OS-Unknown": ("-", "curl/7.76.1", "python-requests/2.25.1", "Go-http-client/1.1"),
    "Linux": (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/90.0.4430.93 Safari/537.36",
        "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:88.0) Gecko/20100101 Firefox/88.0",
    ),
    "Windows": (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/90.0.4430.93",
        "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko",
    ),
    "iOS": (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 14_5 like Mac OS X) AppleWebKit/605.1.15 Mobile",
        "Mozilla/5.0 (iPad; CPU OS 14_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
    ),
    "Android": (
        "Mozilla/5.0 (Linux; Android 11; Pixel 5) AppleWebKit/537.36 Chrome/90.0.4430.91 Mobile",
        "Mozilla/5.0 (Linux; Android 10; SO-41A) AppleWebKit/537.36 Chrome/90.0.4430.82 Mobile",
    ),
    "Mac": (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/14.1 Safari",
    ),
}
_VISITORS = (*_AGENTS["Windows"], *_AGENTS["iOS"], *_AGENTS["Android"])


@dataclass(frozen=True, slots=True, order=True)
class Access:
    """One row; ``class_`` and ``provider`` are empty for who is in no anonymous network."""

    at: datetime
    address: str
    agent: str
    class_: str
    provider: str
    country: str
    organisation: str


def write(folder: Path) -> list[Path]:
    """Write one file for each day into ``folder``, as a server rotates its log; gives them."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"access-{day}.csv" for day in geo.DAYS]
    for day, path in zip(geo.DAYS, paths, strict=True):
        path.write_text("".join(lines(day)), encoding="utf-8")
    return paths


def lines(day: date) -> Iterator[str]:
    """The log of ``day`` in the order of its times, with its header; RFC 4180, line feeds."""
    yield ",".join(COLUMNS) + "\n"
    for one in sorted(_accesses(day)):
        told = (one.at.isoformat(), one.address, one.agent, one.class_, one.provider)
        yield ",".join(map(_cell, (*told, one.country, one.organisation))) + "\n"


def _accesses(day: date) -> Iterator[Access]:
    for seen in geo.seen_on(day):
        draw = Draw("geo-log", day, seen.system, seen.provider)
        for address in seen.addresses:
            for _ in range(draw.between(1, _MOST_REQUESTS)):
                yield _access(seen, address, draw)
            if draw.chance(_OTHERS_PERCENT):
                yield _visit(day, draw)


def _access(seen: geo.Seen, address: str, draw: Draw) -> Access:
    agent = draw.pick(_AGENTS[seen.system])
    host = seen.provider.split("/")[2].removeprefix("www.")
    return Access(_moment(seen.day, draw), address, agent, CLASS, seen.provider, "", host)


def _visit(day: date, draw: Draw) -> Access:
    address = address_in(ACCESS_LOG_NETWORK, draw)
    return Access(_moment(day, draw), address, draw.pick(_VISITORS), "", "", "JP", "")


def _moment(day: date, draw: Draw) -> datetime:
    return datetime.combine(day, _OPENS, _JAPAN) + timedelta(seconds=draw.below(_OPEN_S))


def _cell(text: str) -> str:
    return f'"{text}"' if "," in text else text
