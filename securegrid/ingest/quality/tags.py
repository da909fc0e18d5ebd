"""What an event's tags say: its source, its TLP level, a day, or something about its values."""

import re
from typing import Final

from securegrid.ingest.quality.patterns import Patterns
from securegrid.ingest.quality.profile import KnownSource, Profile

TLP: Final = "tlp:"
_DAY: Final = re.compile(r"\d{4}[-/]?\d{2}[-/]?\d{2}", re.ASCII)


class SourceNames:
    """How the alliance's sources are named in titles and tags."""

    def __init__(self, profile: Profile) -> None:
        own = [tag for source in profile.sources for tag in _tags(source)]
        self._tags = Patterns((*profile.tags.source, *own))
        self._titles = tuple(
            title.casefold() for source in profile.sources for title in _titles(source)
        )

    def is_tag(self, tag: str) -> bool:
        """Whether ``tag`` says a source."""
        return self._tags.mean(tag)

    def is_in_title(self, title: str) -> bool:
        """Whether ``title`` names a source of the alliance."""
        folded = title.casefold()
        return any(name in folded for name in self._titles)


def gives_context(tag: str, sources: SourceNames, no_context: Patterns) -> bool:
    """Whether ``tag`` says something about the values: it is no source, level or day."""
    return not (
        not tag.strip()
        or tag.casefold().startswith(TLP)
        or _DAY.fullmatch(tag)
        or sources.is_tag(tag)
        or no_context.mean(tag)
    )


def _tags(source: KnownSource) -> tuple[str, ...]:
    return source.tags or (source.name,)


def _titles(source: KnownSource) -> tuple[str, ...]:
    return source.titles or (source.name,)
