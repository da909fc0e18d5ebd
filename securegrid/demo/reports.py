"""GRID-MISP (OSINT) and GRID-MISP (LAB), composed: public reports and LAC's own findings."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

from securegrid.demo.composed import REPORT_NETWORK, address_in, host_names
from securegrid.demo.draw import Draw
from securegrid.demo.plan import Holding, holdings
from securegrid.demo.records import ComposedAttribute, ComposedEvent

ORG = "LAC"
_NETWORK_ACTIVITY = "Network activity"
_PAYLOAD = "Payload delivery"


@dataclass(frozen=True, slots=True)
class _Library:
    """One MISP full of reports: how many, from when, how they are called and tagged."""

    name: str
    size: int
    first_day: date
    subjects: tuple[str, ...]
    tags: tuple[str, ...]
    threat_level: int
    held: Callable[[Holding], int]


_OSINT = _Library(
    name="osint",
    size=160,
    first_day=date(2017, 3, 1),
    subjects=(
        "BlackTech: infrastructure of TSCookie",
        "BlackTech: PLEAD against manufacturers",
        "BlackTech: routers turned into relays",
        "標的型攻撃グループ BlackTech の活動報告",
        "Weekly summary of open reports",
        "Ransomware affiliates: shared hosting",
        "Phishing kits seen this month",
        "脆弱性を悪用する攻撃の観測",
    ),
    tags=("tlp:clear", "type:OSINT", "demo:composed"),
    threat_level=2,
    held=lambda holding: holding.osint,
)
_LAB = _Library(
    name="lab",
    size=96,
    first_day=date(2018, 1, 15),
    subjects=(
        "BlackTech の攻撃インフラ調査メモ",
        "TSCookie 検体の通信先",
        "PLEAD ダウンローダの解析",
        "Passive DNS of BlackTech names",
        "次世代研: VPS 事業者ごとの C2 分布",
        "Incident response: relays and their peers",
    ),
    tags=("tlp:amber", "type:LAB", "demo:composed"),
    threat_level=1,
    held=lambda holding: holding.lab,
)


def osint_events() -> Iterator[ComposedEvent]:
    """Every event of GRID-MISP (OSINT)."""
    return _events(_OSINT)


def lab_events() -> Iterator[ComposedEvent]:
    """Every event of GRID-MISP (LAB)."""
    return _events(_LAB)


def _events(library: _Library) -> Iterator[ComposedEvent]:
    planned = _planned(library)
    for number in range(library.size):
        draw = Draw("report", library.name, number)
        subject = library.subjects[number % len(library.subjects)]
        attributes = (*planned[number], *_surroundings(library, number, draw))
        day = library.first_day + timedelta(days=number * 9 + draw.below(8))
        yield ComposedEvent(
            org=ORG,
            info=f"({day}) {subject}",
            date=day,
            tags=library.tags,
            attributes=attributes,
            threat_level=library.threat_level,
        )


def _planned(library: _Library) -> list[list[ComposedAttribute]]:
    """For each report the listed values it holds: each value once in as many as are planned."""
    reports: list[list[ComposedAttribute]] = [[] for _ in range(library.size)]
    for holding in holdings():
        draw = Draw("held", library.name, holding.value)
        for number in draw.some(range(library.size), library.held(holding)):
            reports[number].append(_indicator(holding.value, draw))
    return reports


def _indicator(value: str, draw: Draw) -> ComposedAttribute:
    """``value`` as reports hold it: alone, or as one half of a resolved pair."""
    is_address = value[-1].isdigit()
    if draw.chance(25):
        name = value if not is_address else next(host_names("pair", draw.hexadecimal(8)))
        address = value if is_address else address_in(REPORT_NETWORK, draw)
        return ComposedAttribute("domain|ip", _NETWORK_ACTIVITY, f"{name}|{address}", to_ids=True)
    type_ = "ip-dst" if is_address else draw.pick(("domain", "hostname"))
    comment = draw.pick(("C2", "C2, port 443", "relay", "download host", ""))
    return ComposedAttribute(type_, _NETWORK_ACTIVITY, value, to_ids=True, comment=comment)


def _surroundings(library: _Library, number: int, draw: Draw) -> Iterator[ComposedAttribute]:
    """What else a report holds: its source, samples, names and addresses nobody searches."""
    link = f"https://reports.example.org/{library.name}/{number + 1}"
    yield ComposedAttribute("link", "External analysis", link)
    names = host_names("report", library.name, number)
    for name in islice(names, draw.between(2, 12)):
        yield ComposedAttribute("hostname", _NETWORK_ACTIVITY, name, to_ids=True)
        yield ComposedAttribute(
            "url", _NETWORK_ACTIVITY, f"http://{name}/{draw.hexadecimal(6)}/index.php"
        )
    for address in {address_in(REPORT_NETWORK, draw): None for _ in range(draw.between(1, 9))}:
        yield ComposedAttribute("ip-dst", _NETWORK_ACTIVITY, address, to_ids=True)
    yield from _samples(draw)
    yield ComposedAttribute(
        "vulnerability",
        "External analysis",
        f"CVE-{draw.between(2016, 2021)}-{draw.between(1_000, 29_999)}",
    )
    yield ComposedAttribute("email-src", _PAYLOAD, f"{draw.hexadecimal(8)}@mail.example.net")


def _samples(draw: Draw) -> Iterator[ComposedAttribute]:
    for _ in range(draw.between(1, 8)):
        file_name, sha256 = f"{draw.hexadecimal(6)}.exe", draw.hexadecimal(64)
        yield ComposedAttribute("filename|sha256", _PAYLOAD, f"{file_name}|{sha256}", to_ids=True)
        yield ComposedAttribute("md5", _PAYLOAD, draw.hexadecimal(32), to_ids=True)
        yield ComposedAttribute("sha1", _PAYLOAD, draw.hexadecimal(40), to_ids=True)
