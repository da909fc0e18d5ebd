"""The alliance's quality rules as this portal was told them, and the warning lists."""

from functools import lru_cache

import structlog

from securegrid.ingest.quality.profile import Profile
from securegrid.ingest.quality.warning_lists import ListsUnusable, WarningLists
from securegrid.portal.config import config

log = structlog.get_logger(__name__)

_LISTS = "lists"
"""No import is ever called so."""


@lru_cache(maxsize=1)
def profile() -> Profile:
    """The profile of this process. Raises ``ProfileRefused`` for a file that cannot be used."""
    return Profile.load(config().quality_profile)


@lru_cache(maxsize=1)
def warning_lists() -> WarningLists:
    """The warning lists, from an index on disk that is made at the first call: in the user's
    cache, or beside the imports where there is none; no lists at all where neither can be."""
    for folder in (None, config().imports / _LISTS):
        try:
            return WarningLists.load(folder)
        except ListsUnusable as unusable:
            log.warning("warning lists cannot be used", fault=str(unusable))
    return WarningLists.none()
