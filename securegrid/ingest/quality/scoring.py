"""How good data is, from 0 to 100, with the arithmetic that leads there."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from securegrid.ingest.quality.findings import Finding, RuleId, Severity, Subject
from securegrid.ingest.quality.profile import Profile
from securegrid.ingest.quality.rules import RULES


@dataclass(frozen=True, slots=True)
class Deduction:
    """What one rule takes off: ``weight`` points times the share of what does not meet it.

    100 percent of the events without a TLP tag, at a weight of 30, take 30 points off; a tenth
    of them takes 3. What was found at all takes at least 0.1.
    """

    rule: RuleId
    severity: Severity
    found: int
    """Events or attributes that do not meet the rule."""
    of: int
    """Events or attributes looked over."""
    weight: float
    points: float
    """Taken off, in tenths."""
    examples: tuple[Finding, ...] = ()
    """The first ones, each of another event as far as there are several."""

    @property
    def share(self) -> float:
        """0 to 1."""
        return self.found / self.of if self.of else 0.0

    @property
    def subject(self) -> Subject:
        """What the rule looks at."""
        return RULES[self.rule].subject


@dataclass(frozen=True, slots=True)
class Score:
    """``points`` = 100 minus the points of all deductions, and never below 0."""

    events: int
    attributes: int
    deductions: tuple[Deduction, ...] = ()
    """Of the rules that something did not meet: the largest first."""

    @property
    def points(self) -> float:
        """0 to 100, in tenths."""
        return max(0.0, round(100.0 - sum(one.points for one in self.deductions), 1))

    @property
    def errors(self) -> int:
        """Findings that publishing refuses."""
        return self.found(Severity.ERROR)

    @property
    def warnings(self) -> int:
        """Findings that publishing only reports."""
        return self.found(Severity.WARNING)

    def found(self, severity: Severity) -> int:
        """Findings of one severity."""
        return sum(one.found for one in self.deductions if one.severity is severity)


@dataclass(slots=True)
class Tally:
    """Counts findings, and keeps a few of each rule as examples."""

    profile: Profile
    events: int = 0
    attributes: int = 0
    _found: dict[RuleId, int] = field(default_factory=dict)
    _severities: dict[RuleId, Severity] = field(default_factory=dict)
    _examples: dict[RuleId, list[Finding]] = field(default_factory=dict)

    def add(self, finding: Finding) -> None:
        """Count one; a rule finds an event or an attribute once."""
        self._found[finding.rule] = self._found.get(finding.rule, 0) + 1
        self._severities[finding.rule] = finding.severity
        _keep(self._examples.setdefault(finding.rule, []), finding, self.profile.examples)

    def score(self) -> Score:
        """Of what was counted so far."""
        deductions = (self._deduction(rule, found) for rule, found in self._found.items())
        ordered = sorted(deductions, key=lambda one: (-one.points, one.severity, one.rule))
        return Score(self.events, self.attributes, tuple(ordered))

    def _deduction(self, rule: RuleId, found: int) -> Deduction:
        of = self.events if RULES[rule].subject is Subject.EVENT else self.attributes
        severity = self._severities[rule]
        weight = self._weights[severity]
        points = max(0.1, round(weight * found / max(of, found), 1))
        return Deduction(rule, severity, found, of, weight, points, tuple(self._examples[rule]))

    @property
    def _weights(self) -> Mapping[Severity, float]:
        return {
            Severity.ERROR: self.profile.score.error,
            Severity.WARNING: self.profile.score.warning,
        }


def _keep(kept: list[Finding], finding: Finding, most: int) -> None:
    """Room for ``most``; one of an event not yet shown takes the place of a second of another."""
    if len(kept) < most:
        kept.append(finding)
        return
    events = [one.event for one in kept]
    if finding.event in events:
        return
    for at in range(len(kept) - 1, 0, -1):
        if events[at] in events[:at]:
            kept[at] = finding
            return
