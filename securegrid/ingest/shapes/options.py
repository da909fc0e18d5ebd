"""What every shape can be told."""

import msgspec

TRIAL_SOURCES = frozenset({"docodoco.jp", "IPAlert", "FortiGate"})
"""Sources whose tag is their name, as in the trial; the default profile knows them."""


class ShapeOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Who writes the events, and what all of them carry.

    ``alliance`` and ``source`` go into every UUID: they must stay as they are for a log to lead
    to the same events again. ``distribution``: 0 own organisation to 3 all communities.
    """

    alliance: str
    source: str
    """Names the source in UUIDs and as a tag (``docodoco.jp``)."""
    name: str = ""
    """Names it in titles (``どこどこJP``); empty: as ``source``."""
    tags: tuple[str, ...] = ("tlp:amber",)
    """Added to every event; the default keeps it within the alliance (TLP 2.0)."""
    distribution: int = 1

    @property
    def shown(self) -> str:
        """The source as titles name it."""
        return self.name or self.source

    @property
    def source_tag(self) -> str:
        """The tag that says the source: ``source:NAME``, of the trial's sources the name alone."""
        return self.source if self.source in TRIAL_SOURCES else f"source:{self.source}"
