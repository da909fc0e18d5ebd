"""What an event's title must say: where the data comes from, and of which day it is."""

import re
from datetime import date
from typing import Final

from securegrid.ingest.model import EventDraft
from securegrid.ingest.quality.findings import RuleId, Severity
from securegrid.ingest.quality.rules.model import HeadRule
from securegrid.ingest.quality.subjects import Setting

_DATE: Final = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)"
    r"(?:(?P<mark>[-/.])(?P<month>\d{1,2})(?:(?P=mark)(?P<day>\d{1,2}))?"
    r"|(?P<month2>[01]\d)(?P<day2>[0-3]\d)"
    r"|\s?年\s?(?P<month3>\d{1,2})\s?月(?:\s?(?P<day3>\d{1,2})\s?日)?)(?!\d)",
    re.ASCII,
)
"""2021-05-13, 2021/5/13, 2021.05.13, 20210513, 2021年5月13日; also of a month alone."""
_BRACKETED: Final = re.compile(r"\s*[\[【［]\s*(?P<name>[^\]】］]*\w[^\]】］]*)[\]】］]")


def dates_in(title: str) -> list[tuple[date, bool]]:
    """The dates that a title says, and whether each is of a day (not of a whole month)."""
    found = []
    for match in _DATE.finditer(title):
        parts = match.groupdict()
        month = parts["month"] or parts["month2"] or parts["month3"]
        day = parts["day"] or parts["day2"] or parts["day3"]
        try:
            found.append((date(int(match["year"]), int(month), int(day or 1)), bool(day)))
        except ValueError:
            continue
    return found


def _blank(event: EventDraft, _: Setting) -> str | None:
    return None if any(map(str.isalnum, event.info)) else event.info


def _too_long(event: EventDraft, setting: Setting) -> str | None:
    return event.info if len(event.info) > setting.profile.sizes.title else None


def _without_source(event: EventDraft, setting: Setting) -> str | None:
    if _says_source(event, setting):
        return None
    return event.info


def _says_source(event: EventDraft, setting: Setting) -> bool:
    if setting.sources.is_in_title(event.info):
        return True
    bracketed = _BRACKETED.match(event.info)
    if bracketed and setting.profile.titles.bracketed_source and not dates_in(bracketed["name"]):
        return True
    folded = event.info.casefold()
    named = (_name(tag) for tag in event.tags if setting.sources.is_tag(tag))
    return any(name and name in folded for name in named)


def _name(tag: str) -> str:
    """What a tag says: of ``source:"LAC"`` it is ``lac``."""
    plain = tag.rpartition("=")[2] if "=" in tag else tag.rpartition(":")[2]
    return plain.strip().strip('"').casefold()


def _without_date(event: EventDraft, _: Setting) -> str | None:
    return None if dates_in(event.info) else event.info


def _date_differs(event: EventDraft, _: Setting) -> str | None:
    said = dates_in(event.info)
    if not said or event.date == date.min or any(_is_of(event.date, *one) for one in said):
        return None
    return f"{event.info} ({event.date})"


def _is_of(day: date, said: date, whole_day: bool) -> bool:
    return day == said if whole_day else (day.year, day.month) == (said.year, said.month)


TITLE_BLANK = HeadRule(RuleId.TITLE_BLANK, Severity.ERROR, _blank)
TITLE_TOO_LONG = HeadRule(RuleId.TITLE_TOO_LONG, Severity.WARNING, _too_long)
TITLE_WITHOUT_SOURCE = HeadRule(RuleId.TITLE_WITHOUT_SOURCE, Severity.WARNING, _without_source)
TITLE_WITHOUT_DATE = HeadRule(RuleId.TITLE_WITHOUT_DATE, Severity.WARNING, _without_date)
TITLE_DATE_DIFFERS = HeadRule(RuleId.TITLE_DATE_DIFFERS, Severity.WARNING, _date_differs)

RULES: Final = (
    TITLE_BLANK,
    TITLE_TOO_LONG,
    TITLE_WITHOUT_SOURCE,
    TITLE_WITHOUT_DATE,
    TITLE_DATE_DIFFERS,
)
