"""The findings of a look, rule by rule, as a page shows them."""

from dataclasses import dataclass

from securegrid.ingest.quality.findings import RuleId, Severity
from securegrid.portal.quality.sealed import Report
from securegrid.words import advice, say, why


@dataclass(frozen=True, slots=True)
class ExamplePart:
    """One thing that does not meet a rule: UUIDs of event and attribute, and what it is."""

    event: str
    attribute: str
    text: str


@dataclass(frozen=True, slots=True)
class RulePart:
    """What one rule takes off, with its reason and how it is mended."""

    rule: str
    name: str
    is_error: bool
    reason: str
    mend: str
    found: int
    of: int
    percent: str
    weight: float
    points: float
    examples: tuple[ExamplePart, ...]


def rule_parts(report: Report | None, language: str) -> tuple[RulePart, ...]:
    """The rules that something did not meet, the largest deduction first."""
    return tuple(
        RulePart(
            rule=line.rule,
            name=say(RuleId(line.rule), language),
            is_error=line.severity == Severity.ERROR,
            reason=why(RuleId(line.rule), language),
            mend=advice(RuleId(line.rule), language),
            found=line.found,
            of=line.of,
            percent=_percent(line.found, line.of),
            weight=line.weight,
            points=line.points,
            examples=tuple(
                ExamplePart(one.event, one.attribute or "", one.text) for one in line.examples
            ),
        )
        for line in (report.lines if report else ())
    )


def _percent(found: int, of: int) -> str:
    """With one decimal; what is less is not rounded to none."""
    percent = 100 * found / max(1, of)
    return "< 0.1 %" if 0 < percent < 0.1 else f"{percent:.1f} %"
