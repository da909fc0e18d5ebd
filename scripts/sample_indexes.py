"""Indexes for the pictures: one that answers while its key rotates, one not yet there, one late."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from securegrid.index.port import Size
from securegrid.index.rules import Quiet
from securegrid.misp.failures import Reason
from securegrid.portal.alliance import services as alliance
from securegrid.portal.alliance.models import Member, Misp
from securegrid.portal.indexing import services
from securegrid.portal.indexing.services import Changes, Claim, Progress, Settings

LONG = timedelta(hours=6)
"""Longer than the pictures take, so that a sync stays at work."""


def fill_indexes(owner: Member) -> dict[str, str]:
    """Make them; the ids of those that are looked at."""
    now = timezone.now()
    made = {
        name: alliance.add_misp(owner, title, f"https://{name}.misp.example.jp", "k" * 40,
                                mode="indexed")
        for name, title in (
            ("indexed", "GRID-MISP (アーカイブ)"), ("filling", "GRID-MISP (新規)"),
            ("late", "GRID-MISP (保守中)"),
        )
    }  # fmt: skip
    _answering(made["indexed"], now)
    _at_work(made["filling"], now)
    _late(made["late"], now)
    return {name: str(misp.public_id) for name, misp in made.items()}


def _answering(misp: Misp, now: datetime) -> None:
    quiet = Quiet(time(8), time(18, 30), ZoneInfo("Asia/Tokyo"))
    services.change_settings(misp, Settings(15, 24, quiet, 5000, blocks=True), now)
    size = Size(events=4_821, rows=1_208_113, bytes=82_911_232)
    claim = _claim(misp, now - timedelta(minutes=7))
    services.finish_sync(claim, now - timedelta(minutes=6), size, Changes(replaced=12, removed=1))
    services.begin_rotation(misp, now)


def _at_work(misp: Misp, now: datetime) -> None:
    claim = _claim(misp, now - timedelta(minutes=1))
    services.note_progress(claim, now, Progress(812, 2_009, 1_604_201, 5_000_000))


def _late(misp: Misp, now: datetime) -> None:
    long_ago = now - timedelta(days=3)
    size = Size(events=77, rows=12_044, bytes=1_204_224)
    services.finish_sync(_claim(misp, long_ago), long_ago, size, Changes(replaced=77))
    for _ in range(3):
        services.fail_sync(_claim(misp, now), now, Reason.KEY_REJECTED)


def _claim(misp: Misp, at: datetime) -> Claim:
    claim = services.claim_sync(misp, at, LONG)
    if claim is None:
        raise RuntimeError("the sample's syncs are nobody else's")
    return claim
