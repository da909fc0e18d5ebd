"""Reading the composed log gives the events that are composed: the demo's IPA-MISP."""

from pathlib import Path

from securegrid.demo import ipa, ipa_log
from securegrid.demo.records import ComposedAttribute
from securegrid.ingest.model import AttributeDraft
from securegrid.ingest.readers.honeypot import HONEYPOT, make_reader
from tests.unit.ingest.readers.blocks import OPTIONS, block, flat, shape_options, shaped

LOG = "".join(ipa_log.lines())
READER = make_reader(LOG.encode()[:65_536], OPTIONS)
SHAPE = HONEYPOT.shape(shape_options("IPAlert"))


def composed(one: ComposedAttribute) -> tuple[str, str, str, bool]:
    return one.type, one.category, one.value, one.to_ids


def drafted(one: AttributeDraft) -> tuple[str, str, str, bool]:
    return one.type, one.category, one.value, one.to_ids


def test_reading_the_log_gives_exactly_the_composed_events() -> None:
    batch = READER.read(block(LOG))
    assert (batch.bad, batch.passed_over) == ((), 1)
    events = {event.info: event for event in ipa.events()}
    drafts = shaped(SHAPE, batch)
    assert drafts.keys() == events.keys()
    for info, (head, contents) in drafts.items():
        assert (head.date, head.tags) == (events[info].date, events[info].tags)
        written = sorted(drafted(one) for one in flat(contents))
        assert written == sorted(composed(one) for one in events[info].attributes)


def test_the_log_cut_anywhere_gives_the_same_uuids() -> None:
    lines = LOG.splitlines(keepends=True)
    halves = [READER.read(block("".join(part))) for part in (lines[:700], lines[700:])]
    assert shaped(SHAPE, *halves) == shaped(SHAPE, READER.read(block(LOG)))


def test_the_log_is_written_the_same_every_time(tmp_path: Path) -> None:
    ipa_log.write(tmp_path / "log")
    assert (tmp_path / "log").read_text(encoding="utf-8") == LOG
    assert len(LOG.splitlines()) > 1_000
