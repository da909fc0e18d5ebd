"""What an import did, in words for people or as JSON for programs."""

from collections.abc import Iterator
from dataclasses import asdict

import msgspec

from securegrid.cli.clean import printable
from securegrid.cli.ingest.words import Says, say
from securegrid.cli.words import Language
from securegrid.ingest.pipeline import Imported
from securegrid.ingest.preview import Preview
from securegrid.ingest.publishing.outcomes import Published, TakenBack
from securegrid.ingest.quality.scoring import Deduction, Score
from securegrid.ingest.runs.reports import FileState, ReadReport
from securegrid.words import say as say_code

_EXAMPLES = 3
_DROPPED = 20


def as_json(imported: Imported) -> str:
    """The whole import as one JSON document."""
    document = {
        "read": {
            "lines": imported.read.lines,
            "counted": imported.read.counted,
            "seconds": round(imported.read.seconds, 3),
            "bad": dict(imported.read.bad),
            "files": imported.read.files,
        },
        "would_write" if imported.published is None else "to_write": imported.preview,
        "quality": _score_document(imported.score),
        "published": imported.published,
    }
    return pretty(document)


def pretty(document: object) -> str:
    """A document as JSON on several lines."""
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()


def _score_document(score: Score) -> dict[str, object]:
    return {
        "points": score.points,
        "errors": score.errors,
        "warnings": score.warnings,
        "rules": [asdict(one) | {"share": round(one.share, 6)} for one in score.deductions],
    }


def in_words(imported: Imported, language: Language, *, dry_run: bool) -> Iterator[str]:
    """The import, line by line."""
    for line in _lines(imported, language, dry_run=dry_run):
        # What logs hold could otherwise command the terminal.
        yield printable(line)


def _lines(imported: Imported, language: Language, *, dry_run: bool) -> Iterator[str]:
    yield from _read(imported.read, language)
    if imported.preview.events == 0:
        yield say(Says.NOTHING_TO_WRITE, language)
        return
    yield from _preview(imported.preview, language, dry_run=dry_run)
    yield from _score(imported.score, language)
    if imported.published is not None:
        yield from _published(imported.published, language)


def _read(read: ReadReport, language: Language) -> Iterator[str]:
    bad = read.bad
    yield say(
        Says.READ,
        language,
        lines=read.lines,
        counted=read.counted,
        passed=sum(one.passed_over for one in read.files),
        bad=sum(bad.values()),
    )
    for reason, count in bad.items():
        said = say_code(reason, language.value)
        yield say(Says.BAD_LINES, language, count=count, reason=said)
    for file in read.files:
        if file.state is not FileState.READ:
            state = say_code(file.state, language.value)
            detail = f" ({file.detail})" if file.detail else ""
            yield say(Says.FILE_STATE, language, file=file.name, state=state, detail=detail)


def _preview(preview: Preview, language: Language, *, dry_run: bool) -> Iterator[str]:
    yield say(
        Says.WOULD_WRITE if dry_run else Says.TO_WRITE,
        language,
        events=preview.events,
        attributes=preview.attributes,
        objects=preview.objects,
        first=preview.first_day,
        last=preview.last_day,
    )
    if not dry_run:
        return
    for name, count in preview.by_type.items():
        yield say(Says.OF_TYPE, language, count=count, name=name)
    for name, count in preview.by_template.items():
        yield say(Says.OF_TEMPLATE, language, count=count, name=name)
    for event in preview.samples:
        yield say(
            Says.SAMPLE,
            language,
            date=event.date,
            info=event.info,
            tags=", ".join(event.tags),
            attributes=event.attributes,
        )
        for one in event.contents:
            yield say(
                Says.SAMPLE_MORE, language, type=one.type, value=one.value, comment=one.comment
            )


def _score(score: Score, language: Language) -> Iterator[str]:
    yield say(
        Says.QUALITY,
        language,
        points=score.points,
        errors=score.errors,
        warnings=score.warnings,
    )
    for one in score.deductions:
        yield from _finding(one, language)


def _finding(one: Deduction, language: Language) -> Iterator[str]:
    yield say(
        Says.FINDING,
        language,
        severity=say_code(one.severity, language.value),
        rule=one.rule.value,
        found=one.found,
        of=one.of,
        said=say_code(one.rule, language.value),
    )
    for finding in one.examples[:_EXAMPLES]:
        yield say(Says.EXAMPLE, language, example=finding.example)


def _published(published: Published, language: Language) -> Iterator[str]:
    counts = published.counts
    yield say(
        Says.WROTE,
        language,
        name=published.name,
        misp=published.misp,
        made=counts.events_made,
        extended=counts.events_extended,
        unchanged=counts.events_unchanged,
    )
    yield say(
        Says.WROTE_CONTENTS,
        language,
        added=counts.attributes_added,
        changed=counts.attributes_changed,
    )
    yield from _held_back(published, language)
    for number, says in (
        (counts.altered, Says.ALTERED),
        (counts.deleted_there, Says.DELETED_THERE),
        (counts.rewritten, Says.REWRITTEN),
        (counts.events_unpublished, Says.UNPUBLISHED),
    ):
        if number:
            yield say(says, language, count=number)
    yield say(Says.HOW_TO_UNDO, language, name=published.name)


def _held_back(published: Published, language: Language) -> Iterator[str]:
    counts = published.counts
    if counts.refused or counts.events_refused:
        yield say(Says.REFUSED, language, attributes=counts.refused, events=counts.events_refused)
    if published.forced:
        yield say(Says.FORCED, language)
    if counts.dropped:
        yield say(Says.DROPPED, language, count=counts.dropped)
    for one in published.dropped[:_DROPPED]:
        told = "; ".join(one.told) or "?"
        yield say(Says.DROPPED_ONE, language, type=one.type, value=one.value, told=told)
    if published.tags_missing:
        yield say(Says.TAGS_MISSING, language, tags=", ".join(published.tags_missing))
    for failed in published.failed:
        reason = say_code(failed.reason, language.value)
        told = "; ".join(failed.told)
        yield say(Says.FAILED_EVENT, language, info=failed.info, reason=reason, told=told)


def undone_in_words(taken: TakenBack, language: Language) -> Iterator[str]:
    """What undoing an import did."""
    yield say(
        Says.UNDONE,
        language,
        name=taken.name,
        events=taken.events_deleted,
        kept=taken.events_kept,
        attributes=taken.attributes_deleted,
        objects=taken.objects_deleted,
        restored=taken.attributes_restored,
    )
    if taken.left_to_later:
        yield say(Says.LEFT_TO_LATER, language, count=taken.left_to_later)
