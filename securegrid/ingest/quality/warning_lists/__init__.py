"""MISP's warning lists as an index on disk: built once, then looked into, never loaded."""

from securegrid.ingest.quality.warning_lists.building import ListsUnusable
from securegrid.ingest.quality.warning_lists.lists import Chosen, WarningLists

__all__ = ["Chosen", "ListsUnusable", "WarningLists"]
