"""Drafts looked over and counted into a score."""

from collections.abc import Callable
from datetime import UTC, datetime

from securegrid.ingest.model import Drafts
from securegrid.ingest.quality.checking import Checks
from securegrid.ingest.quality.findings import Finding
from securegrid.ingest.quality.profile import Profile
from securegrid.ingest.quality.scoring import Score, Tally
from securegrid.ingest.quality.warning_lists import WarningLists


def _ignore(_finding: Finding) -> None:
    pass


def report(
    drafts: Drafts,
    profile: Profile,
    lists: WarningLists,
    *,
    now: datetime | None = None,
    each: Callable[[Finding], None] = _ignore,
) -> Score:
    """The score of ``drafts``, with examples; ``each`` is told every finding on the way."""
    checks = Checks.of(profile, lists, now or datetime.now(UTC))
    tally = Tally(profile)
    for event in drafts.events():
        looked = checks.event(event)
        for finding in looked.whole(drafts.contents(event.uuid)):
            tally.add(finding)
            each(finding)
        tally.events += 1
        tally.attributes += looked.around.attributes
    return tally.score()
