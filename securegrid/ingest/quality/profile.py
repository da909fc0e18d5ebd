"""The alliance profile: what every event and attribute must have, in TOML, with defaults."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from securegrid.ingest.quality.findings import RuleId, Severity

DEFAULTS: Final = "default.toml"
MAX_BYTES: Final = 1_000_000
_FORMAT: Final = 1

Level = Literal["error", "warning", "off"]


class Refused(StrEnum):
    """Why a profile is not used."""

    NOT_READABLE = "not_readable"
    NOT_TOML = "not_toml"
    OTHER_FORMAT = "other_format"
    UNKNOWN_RULE = "unknown_rule"
    UNFIT = "unfit"
    """An entry that does not exist, of another type, or out of its range."""


@dataclass(frozen=True, slots=True)
class ProfileRefused(Exception):  # noqa: N818 - a profile that is refused
    """A profile that cannot be used. ``where`` is the file, ``detail`` names the entry."""

    why: Refused
    where: str
    detail: str

    def __str__(self) -> str:
        return f"{self.where}: {self.why.value}: {self.detail}"


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What all parts share: an entry that is not known is refused, never passed over."""


class KnownSource(_Part, frozen=True):
    """One source of data in the alliance, as titles and tags name it."""

    name: str
    titles: tuple[str, ...] = ()
    """Words of which one stands in every title; its name when none are given."""
    tags: tuple[str, ...] = ()
    """Its tags, which may begin or end in ``*``; its name when none are given."""


class Titles(_Part, frozen=True):
    """What a title must have."""

    bracketed_source: bool = True
    """Whether ``[Name]`` at the beginning says the source."""


class Tags(_Part, frozen=True):
    """Which tags there are; they may begin or end in ``*``, case does not count."""

    source: tuple[str, ...] = ()
    """Tags that say the source, whatever it is."""
    tlp: tuple[str, ...] = ()
    """The levels of the Traffic Light Protocol that are used, as whole tags."""
    no_context: tuple[str, ...] = ()
    """Tags that say nothing about a value: days, workflow."""


class Dates(_Part, frozen=True):
    """Which dates are plausible."""

    earliest: date = date(1990, 1, 1)
    days_ahead: int = msgspec.field(default=1)
    """Days after today; time zones make one of them."""


class Sizes(_Part, frozen=True):
    """Bounds in characters, and in attributes of an event. At least 1 each."""

    title: int = 255
    tag: int = 255
    value: int = 8_192
    comment: int = 2_000
    event: int = 100_000
    network_v4: int = 16
    """The shortest prefix of a network that is marked for detection: IPv4, 0 to 32."""
    network_v6: int = 32
    """The same for IPv6, 0 to 128."""


class Context(_Part, frozen=True):
    """What counts as context of an attribute beside its comment, object and tags."""

    event_tags: bool = True
    """Tags of its event that are neither source, TLP, day nor ``no_context``."""


class ListsUsed(_Part, frozen=True):
    """Which warning lists count, by the names of their folders in misp-warninglists."""

    used: tuple[str, ...] = ()
    """May begin or end in ``*``."""
    left_out: tuple[str, ...] = ()
    """Out of ``used``."""


class Weights(_Part, frozen=True):
    """Points that a rule takes off when nothing meets it, 0 to 100."""

    error: float = 30.0
    warning: float = 10.0


class Profile(_Part, frozen=True):
    """What an alliance asks of data. Equal texts make equal profiles."""

    format: int = _FORMAT
    name: str = ""
    examples: int = 5
    """Of each rule, in a report: 1 to 100."""
    sources: tuple[KnownSource, ...] = ()
    titles: Titles = Titles()
    tags: Tags = Tags()
    dates: Dates = Dates()
    sizes: Sizes = Sizes()
    context: Context = Context()
    warning_lists: ListsUsed = ListsUsed()
    score: Weights = Weights()
    rules: dict[str, Level] = {}
    """Other severities than the rules' own, and rules that are off."""

    @staticmethod
    def load(path: Path | None = None) -> "Profile":
        """The profile of a file, over the defaults; the defaults alone without one.

        What the file does not name is as in the defaults; a list in the file takes the place
        of the default one. Raises ProfileRefused.
        """
        if path is None:
            return _defaults()
        try:
            with path.open("rb") as opened:
                content = opened.read(MAX_BYTES + 1)
        except OSError as error:
            raise ProfileRefused(Refused.NOT_READABLE, str(path), error.strerror or "?") from error
        return Profile.of_text(_text(content, str(path)), str(path))

    @staticmethod
    def of_text(text: str, where: str) -> "Profile":
        """The same of a profile's text; ``where`` names it in problems. Raises ProfileRefused."""
        own = _toml(text, where)
        if (written := own.get("format", _FORMAT)) != _FORMAT:
            raise ProfileRefused(Refused.OTHER_FORMAT, where, f"format = {written}")
        return _made(_over(_default_entries(), own), where)

    def severity(self, rule: RuleId, own: Severity) -> Severity | None:
        """What a finding of ``rule`` means here; ``None`` when the rule is off."""
        level = self.rules.get(rule.value, own.value)
        return None if level == "off" else Severity(level)


@cache
def _defaults() -> Profile:
    return _made(_default_entries(), DEFAULTS)


def default_text() -> str:
    """The default profile as it ships, to be copied and adjusted."""
    return files("securegrid.ingest.quality").joinpath(DEFAULTS).read_text(encoding="utf-8")


def _default_entries() -> dict[str, Any]:
    return tomllib.loads(default_text())


def _text(content: bytes, where: str) -> str:
    if len(content) > MAX_BYTES:
        raise ProfileRefused(Refused.NOT_TOML, where, f"> {MAX_BYTES} bytes")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ProfileRefused(Refused.NOT_TOML, where, f"byte {error.start}: UTF-8") from error


def _toml(text: str, where: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ProfileRefused(Refused.NOT_TOML, where, str(error)) from error


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Tables entry by entry; everything else as a whole."""
    both = dict(below)
    for name, entry in above.items():
        if isinstance(entry, dict) and isinstance(both.get(name), dict):
            both[name] = _over(both[name], entry)
        else:
            both[name] = entry
    return both


def _made(entries: Mapping[str, Any], where: str) -> Profile:
    try:
        profile = msgspec.convert(entries, Profile)
    except (msgspec.ValidationError, ValueError) as error:
        raise ProfileRefused(Refused.UNFIT, where, str(error)) from error
    known = {rule.value for rule in RuleId}
    if unknown := sorted(profile.rules.keys() - known):
        raise ProfileRefused(Refused.UNKNOWN_RULE, where, unknown[0])
    if problem := _out_of_range(profile):
        raise ProfileRefused(Refused.UNFIT, where, problem)
    return profile


def _out_of_range(profile: Profile) -> str:
    """The first entry that is out of its range, with the range; empty when all are in."""
    for name, number, least, most in _ranges(profile):
        if not least <= number <= most:
            return f"{name} = {number} (`{least}` .. `{most}`)"
    for place, patterns in _pattern_lists(profile):
        for each in patterns:
            if not each.strip("* ") and each != "*":
                return f"{place}: {each!r}"
    return next((f"sources: {s.name!r}" for s in profile.sources if not s.name.strip()), "")


def _ranges(profile: Profile) -> tuple[tuple[str, float, float, float], ...]:
    sizes, most = profile.sizes, 1_000_000_000
    return (
        ("examples", profile.examples, 1, 100),
        ("dates.days_ahead", profile.dates.days_ahead, 0, 3_650),
        ("sizes.title", sizes.title, 1, 65_535),
        ("sizes.tag", sizes.tag, 1, 255),
        ("sizes.value", sizes.value, 1, 65_535),
        ("sizes.comment", sizes.comment, 1, 65_535),
        ("sizes.event", sizes.event, 1, most),
        ("sizes.network_v4", sizes.network_v4, 0, 32),
        ("sizes.network_v6", sizes.network_v6, 0, 128),
        ("score.error", profile.score.error, 0, 100),
        ("score.warning", profile.score.warning, 0, 100),
    )


def _pattern_lists(profile: Profile) -> tuple[tuple[str, tuple[str, ...]], ...]:
    tags, lists = profile.tags, profile.warning_lists
    return (
        ("tags.source", tags.source),
        ("tags.tlp", tags.tlp),
        ("tags.no_context", tags.no_context),
        ("warning_lists.used", lists.used),
        ("warning_lists.left_out", lists.left_out),
        *((f"sources.{source.name}", source.titles + source.tags) for source in profile.sources),
    )
