"""GEO-MISP, composed: access-log addresses by day, operating system and provider."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from securegrid.demo.blacktech import TrialHit, trial_hits
from securegrid.demo.composed import ACCESS_LOG_NETWORK, address_in
from securegrid.demo.draw import Draw
from securegrid.demo.records import ComposedAttribute, ComposedEvent

ORG = "GEOLOCATION"
LAST_DAY = date(2021, 5, 13)
DAYS = tuple(LAST_DAY - timedelta(days=back) for back in reversed(range(28)))
SYSTEMS = ("OS-Unknown", "Linux", "Windows", "iOS", "Android", "Mac")
SMALLEST, LARGEST = 3, 9_468
"""Attributes of an event, as the talk shows them."""

_AWS = "https://aws.amazon.com/"
_UNKNOWN_SYSTEM = "OS-Unknown"
# Providers of the talk's hits and of its page of events, with composed daily addresses.
_DAILY_MOST = {
    _AWS: 1_200,
    "https://azure.microsoft.com/": 300,
    "https://jp.godaddy.com/": 60,
    "https://www.vultr.com/": 90,
    "https://www.blueangelhost.com/": 6,
    "http://www.cloudcore.jp/": 3,
    "https://vps.gmcloud.com/": 3,
    "https://www.digitalfyre.com/": 2,
    "https://securedragon.net/": 2,
    "https://www.scaleway.com/": 20,
    "https://www.yourserver.se/": 3,
    "http://fastlanecomunications.net/": 2,
    "https://www.nocix.net/": 2,
    "https://www.onamae-server.com/vps/": 12,
}


@dataclass(frozen=True, slots=True)
class Seen:
    """Who came on one day from one provider's network with one system."""

    day: date
    system: str
    provider: str
    addresses: tuple[str, ...]


def events() -> Iterator[ComposedEvent]:
    """Every event of GEO-MISP: one per day, system and provider."""
    for day in DAYS:
        for seen in seen_on(day):
            yield _event(seen)


def seen_on(day: date) -> Iterator[Seen]:
    """What the access log of ``day`` holds of anonymous networks."""
    for provider in _DAILY_MOST:
        for system in _systems(day, provider):
            yield Seen(day, system, provider, _addresses(day, system, provider))


def _systems(day: date, provider: str) -> tuple[str, ...]:
    """The systems seen that day: the large providers' always unknown, some known ones too."""
    draw = Draw("geo-systems", day, provider)
    known = draw.some(SYSTEMS[1:], draw.between(0, 2))
    large = _DAILY_MOST[provider] >= 60 or (day, provider) in _planned()
    return (_UNKNOWN_SYSTEM, *known) if large else tuple(known)


def title(day: date, system: str, provider: str) -> str:
    """An event's title as GEO-MISP writes it."""
    return f"({day}) どこどこJP {system} VPS/Cloud ({provider})"


def _event(seen: Seen) -> ComposedEvent:
    return ComposedEvent(
        org=ORG,
        info=title(seen.day, seen.system, seen.provider),
        date=seen.day,
        tags=("docodoco.jp", str(seen.day), "anonymous:VPS/Cloud"),
        attributes=(
            ComposedAttribute("link", "External analysis", seen.provider),
            ComposedAttribute("text", "Other", f"OS: {seen.system}"),
            *(ComposedAttribute("ip-src", "Network activity", one) for one in seen.addresses),
        ),
    )


def _addresses(day: date, system: str, provider: str) -> tuple[str, ...]:
    held = [hit.value for hit in _planned().get((day, provider), ())]
    listed = held if system == _UNKNOWN_SYSTEM else []
    return (*_composed(day, system, provider, without=len(listed)), *listed)


def _composed(day: date, system: str, provider: str, *, without: int) -> list[str]:
    draw = Draw("geo-addresses", day, system, provider)
    wanted = _how_many(day, system, provider, draw) - without
    # A provider's addresses come back on other days: they are drawn from a part of its own.
    addresses: dict[str, None] = {}
    while len(addresses) < wanted:
        addresses[address_in(ACCESS_LOG_NETWORK, draw)] = None
    return list(addresses)


def _how_many(day: date, system: str, provider: str, draw: Draw) -> int:
    """Addresses of an event; with its two other attributes 3 to 9,468."""
    if (day, system, provider) == (LAST_DAY, _UNKNOWN_SYSTEM, _AWS):
        return LARGEST - 2
    most = _DAILY_MOST[provider]
    if system != _UNKNOWN_SYSTEM:
        most = max(1, most // 20)
    return draw.between(1 + most // 2, most + 1) if most > 3 else draw.pick((1, 3))


@cache
def _planned() -> dict[tuple[date, str], list[TrialHit]]:
    """On which days which listed address was seen at which provider."""
    plan: dict[tuple[date, str], list[TrialHit]] = {}
    for hit in trial_hits():
        provider = hit.geo_title.rpartition("(")[2].rstrip(")")
        for day in Draw("geo-days", hit.value).some(DAYS, hit.geo):
            plan.setdefault((day, provider), []).append(hit)
    return plan
