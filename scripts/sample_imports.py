"""Imports and looks at data quality for the pictures: one of each state, a trend with a fall."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from django.utils import timezone

from securegrid.misp.failures import Case, failure
from securegrid.portal.accounts.models import User
from securegrid.portal.alliance.models import Misp
from securegrid.portal.imports import services
from securegrid.portal.imports.formats import Told
from securegrid.portal.imports.models import Import
from securegrid.portal.imports.preview import (
    BadExample,
    BadPreview,
    EventPreview,
    FindingExample,
    Preview,
    RulePreview,
    SampleAttribute,
)
from securegrid.portal.imports.records import Claim, Fault, Progress, Reading, Writing
from securegrid.portal.quality import services as quality
from securegrid.portal.quality.sealed import Example, Report, RuleLine

LONG = timedelta(hours=6)
"""Longer than the pictures take, so that work stays at hand."""
_DAY = date(2026, 11, 20)


def fill_imports(owner: User, misps: list[Misp]) -> dict[str, str]:
    """Make them; the ids of those that are looked at."""
    now = timezone.now()
    made = {
        "import_done": _published(owner, misps[0], now),
        "import_failed": _failed(owner, now),
        "import_publishing": _publishing(owner, misps[0], now),
        "import_reading": _reading(owner, now),
        "import_ready": _ready(owner, now),
    }
    _looks(misps, now)
    return {name: str(one.public_id) for name, one in made.items()}


def _uploaded(owner: User, name: str, now: datetime, source: str = "docodoco.jp") -> Import:
    told = Told(source=source, zone="Asia/Tokyo")
    imported = services.upload(owner, name, [b"x"], now=now, told=told)
    Import.objects.filter(pk=imported.pk).update(size=48_213_004)
    imported.refresh_from_db()
    return imported


def _claimed(imported: Import, now: datetime) -> Claim:
    claim = services.claim(imported, now, LONG)
    if claim is None:
        raise RuntimeError("the sample's imports are nobody else's")
    return claim


def _read(imported: Import, now: datetime, fault: Fault | None = None) -> Import:
    reading = Reading(
        fault=None, format="access-log", lines=1_204_881, bad_lines=37, passed_over=1_198_204,
        events=21, attributes=3_118, errors=2, warnings=64,
        preview=_preview(fault),
    )  # fmt: skip
    if fault is not None:
        nothing = {"events": 0, "attributes": 0, "errors": 0, "warnings": 0}
        reading = replace(reading, fault=fault, lines=37, passed_over=0, **nothing)
    services.finish_reading(_claimed(imported, now), now, reading)
    imported.refresh_from_db()
    return imported


def _ready(owner: User, now: datetime) -> Import:
    return _read(_uploaded(owner, "access_20261120.log.gz", now), now)


def _published(owner: User, misp: Misp, now: datetime) -> Import:
    imported = _read(_uploaded(owner, "access_20261119.log.gz", now - LONG), now)
    services.publish(imported, misp)
    imported.refresh_from_db()
    writing = Writing(has_written=True, events=21, attributes=3_114, dropped=1, refused=3)
    services.finish_publishing(_claimed(imported, now), now, writing)
    return imported


def _publishing(owner: User, misp: Misp, now: datetime) -> Import:
    imported = _read(_uploaded(owner, "ハニーポット_2026年11月.csv", now, "IPAlert"), now)
    services.publish(imported, misp)
    imported.refresh_from_db()
    claim = _claimed(imported, now - timedelta(seconds=40))
    services.note(claim, now + LONG, Progress(8, 21))
    return imported


def _reading(owner: User, now: datetime) -> Import:
    imported = _uploaded(owner, "fortigate-utm.log", now, "FortiGate")
    services.note(_claimed(imported, now), now + LONG, Progress(31_900_112, 48_213_004))
    return imported


def _failed(owner: User, now: datetime) -> Import:
    imported = _uploaded(owner, "議事録.txt", now)
    return _read(imported, now, Fault.NOTHING_UNDERSTOOD)


def _preview(fault: Fault | None) -> Preview:
    bad = BadPreview(
        "not_the_format", 37,
        (BadExample(18, "-- MARK --"), BadExample(90_112, "\\x16\\x03\\x01\\x02\\x00\\x01\\x00")),
    )  # fmt: skip
    if fault is not None:
        return Preview((), (), (bad,))
    return Preview(tuple(_event(number) for number in range(12)), _rules(), (bad,))


def _event(number: int) -> EventPreview:
    provider = ("Example VPN", "Tor", "Proxy Example")[number % 3]
    samples = tuple(
        SampleAttribute("ip-src", f"198.51.100.{n}", n % 2 == 0, f"{n * 7 + 1} requests", "")
        for n in range(1, 4)
    )
    where = SampleAttribute("url", "https://vpn.example.com/", False, "", "report / link")
    title = f"[docodoco.jp] {_DAY} Windows 10 {provider}"
    tags = ("docodoco.jp", "tlp:amber", provider.lower().replace(" ", "-"))
    return EventPreview(str(uuid4()), title, _DAY, tags, 140 + number, 1, (*samples, where))


def _rules() -> tuple[RulePreview, ...]:
    title = f"[docodoco.jp] {_DAY} Windows 10 Tor"
    return (
        RulePreview("address-private", "error", 2, (FindingExample(title, "192.168.10.7"),)),
        RulePreview(
            "on-warning-list", "warning", 64,
            (FindingExample(title, "8.8.8.8 (List of known IPv4 public DNS resolvers)"),),
        ),
    )  # fmt: skip


def _looks(misps: list[Misp], now: datetime) -> None:
    for number, misp in enumerate(misps[:2]):
        for week in range(12, -1, -1):
            # The last is what the report's lines leave.
            points = 71.5 + 2 * (12 - week) - 14 * number if week else 91.5
            _look(misp, points, now - timedelta(days=7 * week))
    claim = quality.claim(misps[2], now, LONG)
    if claim is not None:
        quality.fail(claim, now, failure(Case.ANSWER_TIMED_OUT))


def _look(misp: Misp, points: float, at: datetime) -> None:
    claim = quality.claim(misp, at, LONG)
    if claim is None:
        raise RuntimeError("the sample's looks are nobody else's")
    report = Report(
        (
            RuleLine("tlp-missing", "error", 812, 4_821, 30.0, 5.1, _examples("OSINT feed")),
            RuleLine(
                "context-missing", "warning", 40_210, 120_811, 10.0, 3.3, _examples("a.example")
            ),
            RuleLine(
                "address-documentation", "error", 3, 120_811, 30.0, 0.1, _examples("192.0.2.1")
            ),
        )
    )
    quality.finish(claim, at, quality.Found(points, 4_821, 120_811, 815, 40_210, report))


def _examples(text: str) -> tuple[Example, ...]:
    attribute = None if text == "OSINT feed" else str(UUID(int=7))
    return tuple(Example(str(UUID(int=number)), attribute, text) for number in (1, 2))
