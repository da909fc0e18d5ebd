"""A score in words, or as JSON for programs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from securegrid.cli.clean import printable
from securegrid.cli.formats import print_table, write
from securegrid.cli.lint.words import Says, say
from securegrid.cli.words import Language
from securegrid.ingest.quality.scoring import Deduction, Score
from securegrid.words import advice, why
from securegrid.words import say as name


@dataclass(frozen=True, slots=True)
class Result:
    """What was found, and what was not looked over."""

    score: Score
    events_listed: int
    vanished: int = 0
    complete: bool = True
    bad_lines: int = 0


def show(result: Result, language: Language) -> None:
    """The score with its arithmetic, then each rule with reason, mend and examples."""
    score = result.score
    if score.deductions:
        print_table(_columns(language), [_row(one, language) for one in score.deductions])
        write("\n".join(_details(score.deductions, language)) + "\n")
    write("\n".join(_summary(result, language)) + "\n")


def show_json(result: Result, language: Language) -> None:
    """The same for programs."""
    score = result.score
    document = {
        "points": score.points,
        "events": score.events,
        "attributes": score.attributes,
        "errors": score.errors,
        "warnings": score.warnings,
        "complete": result.complete,
        "events_listed": result.events_listed,
        "vanished": result.vanished,
        "bad_lines": result.bad_lines,
        "rules": [_entry(one, language) for one in score.deductions],
    }
    write(msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n")


def _entry(one: Deduction, language: Language) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "severity": one.severity,
        "subject": one.subject,
        "name": name(one.rule, language.value),
        "reason": why(one.rule, language.value),
        "mend": advice(one.rule, language.value),
        "found": one.found,
        "of": one.of,
        "weight": one.weight,
        "points": one.points,
        "examples": [
            {"event": each.event, "attribute": each.attribute, "example": each.example}
            for each in one.examples
        ],
    }


def _columns(language: Language) -> list[str]:
    columns = (Says.RULE, Says.SEVERITY, Says.FOUND, Says.OF, Says.POINTS)
    return [say(column, language) for column in columns]


def _row(one: Deduction, language: Language) -> list[str]:
    of = f"{one.of:,} {name(one.subject, language.value)} ({one.share:.1%})"
    found = f"{one.found:,}"
    return [one.rule.value, name(one.severity, language.value), found, of, f"-{one.points:.1f}"]


def _details(deductions: Sequence[Deduction], language: Language) -> Iterator[str]:
    for one in deductions:
        yield f"{one.rule.value}: {name(one.rule, language.value)}"
        yield f"  {say(Says.WHY, language)}: {why(one.rule, language.value)}"
        yield f"  {say(Says.MEND, language)}: {advice(one.rule, language.value)}"
        yield f"  {say(Says.EXAMPLES, language)}:"
        yield from (f"    {printable(each.example)}" for each in one.examples)
        yield ""


def _summary(result: Result, language: Language) -> Iterator[str]:
    score = result.score
    yield say(
        Says.LOOKED, language,
        events=f"{score.events:,}", attributes=f"{score.attributes:,}", points=score.points,
        errors=f"{score.errors:,}", warnings=f"{score.warnings:,}",
    )  # fmt: skip
    if score.deductions:
        terms = " - ".join(f"{one.points:.1f} ({one.rule.value})" for one in score.deductions)
        says = Says.ARITHMETIC if score.points > 0 else Says.AT_LEAST_0
        yield say(says, language, points=score.points, terms=terms)
    else:
        yield say(Says.CLEAN, language)
    if not result.complete:
        looked = f"{score.events:,}"
        yield say(Says.PARTIAL, language, events=looked, listed=f"{result.events_listed:,}")
    if result.vanished:
        yield say(Says.VANISHED, language, count=f"{result.vanished:,}")
    if result.bad_lines:
        yield say(Says.BAD_LINES, language, count=f"{result.bad_lines:,}")
