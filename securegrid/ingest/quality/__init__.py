"""What data must have to be useful to others: a profile, rules, findings and a score.

``check`` looks drafts over before they are published, ``report`` counts what it found into a
``Score``, and ``look_over_misp`` does the same with what a MISP holds.
"""

from securegrid.ingest.quality.checking import check
from securegrid.ingest.quality.findings import Finding, RuleId, Severity, Subject
from securegrid.ingest.quality.looking import Looked, Progress, look_over_misp
from securegrid.ingest.quality.profile import Profile, ProfileRefused
from securegrid.ingest.quality.reporting import report
from securegrid.ingest.quality.rules import RULES, Rule
from securegrid.ingest.quality.scoring import Deduction, Score, Tally
from securegrid.ingest.quality.warning_lists import ListsUnusable, WarningLists

__all__ = [
    "RULES",
    "Deduction",
    "Finding",
    "ListsUnusable",
    "Looked",
    "Profile",
    "ProfileRefused",
    "Progress",
    "Rule",
    "RuleId",
    "Score",
    "Severity",
    "Subject",
    "Tally",
    "WarningLists",
    "check",
    "look_over_misp",
    "report",
]
