"""The indexing room's services, by one name: modes, syncs, keys, and how each index stands."""

from securegrid.index.trouble import Trouble
from securegrid.portal.indexing.claims import (
    LEASE,
    claim_sync,
    due,
    fail_sync,
    finish_sync,
    note_progress,
    release_sync,
)
from securegrid.portal.indexing.generations import drop_retired
from securegrid.portal.indexing.modes import set_mode
from securegrid.portal.indexing.owning import (
    begin_rotation,
    change_settings,
    destroy,
    pause,
    quiet_of,
    rebuild,
    resume,
    sync_now,
)
from securegrid.portal.indexing.reading import indexed_misps, overview, overviews
from securegrid.portal.indexing.records import (
    Changes,
    Claim,
    ClaimLost,
    Overview,
    Progress,
    Ready,
    Running,
    Settings,
    Standing,
)
from securegrid.portal.indexing.rules import busy_misps, pace_of, rules_of
from securegrid.portal.indexing.stores import store

__all__ = [
    "LEASE",
    "Changes",
    "Claim",
    "ClaimLost",
    "Overview",
    "Progress",
    "Ready",
    "Running",
    "Settings",
    "Standing",
    "Trouble",
    "begin_rotation",
    "busy_misps",
    "change_settings",
    "claim_sync",
    "destroy",
    "drop_retired",
    "due",
    "fail_sync",
    "finish_sync",
    "indexed_misps",
    "note_progress",
    "overview",
    "overviews",
    "pace_of",
    "pause",
    "quiet_of",
    "rebuild",
    "release_sync",
    "resume",
    "rules_of",
    "set_mode",
    "store",
    "sync_now",
]
