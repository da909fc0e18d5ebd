"""Whole imports, from a file to what PyMISP reads back: two parts of a day, rules, undo."""

from pathlib import Path

import pytest

from securegrid.ingest.model import Drafts
from securegrid.ingest.pipeline import (
    Imported,
    Job,
    Rules,
    Told,
    journal_of,
    look,
    run_import,
    undo_import,
)
from securegrid.ingest.publishing.outcomes import Stopped
from securegrid.ingest.quality.findings import RuleId
from securegrid.ingest.quality.profile import Profile
from securegrid.ingest.quality.warning_lists import WarningLists
from securegrid.ingest.readers.format import ReadOptions
from securegrid.ingest.readers.honeypot import HONEYPOT
from securegrid.ingest.runs.reports import BadLines
from securegrid.ingest.runs.run import Run
from securegrid.ingest.shapes.options import ShapeOptions
from securegrid.node.app import app_of
from tests.contract.publishing import Events, connection, expected, held, node_store
from tests.contract.serving import served

NOW = 1_623_500_000
SHAPE = HONEYPOT.shape(ShapeOptions(alliance="Alliance", source="IPAlert"))
RULES = Rules(Profile.load(), WarningLists.none())


class Place:
    """A log and the state of reading it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.log = folder / "honeypot.json"
        self.state = folder / "state"

    def seen(self, *lines: tuple[str, str, int]) -> None:
        """More lines in the log: a time, a source and a port."""
        with self.log.open("a") as out:
            for clock, source, port in lines:
                time = f"2021-06-11T{clock}:00Z"
                out.write(f'{{"time":"{time}","source":"{source}","port":{port}}}\n')

    @property
    def job(self) -> Job:
        return Job("IPAlert", (str(self.log),), HONEYPOT, ReadOptions(now=NOW), SHAPE, workers=1)

    def imported(self, node: str, *, rules: Rules = RULES, force: bool = False) -> Imported:
        with journal_of(self.state) as journal:
            return run_import(self.job, self.state, rules, connection(node), journal, force=force)

    def undone(self, node: str, name: str) -> None:
        with journal_of(self.state) as journal:
            undo_import(name, self.state, connection(node), journal)

    def drafts(self) -> Events:
        """What the whole log becomes, read anew."""
        events = Events()
        with Run.open(self.state.with_name("anew"), "IPAlert") as run:
            run.forget()
            run.read(self.job.files, HONEYPOT, self.job.options, workers=1)
            drafts: Drafts = run.drafts(SHAPE)
            for draft in drafts.events():
                events.add(draft, drafts.contents(draft.uuid))
        return events


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "place")


def test_a_day_in_two_parts_is_the_whole_day(node: str, place: Place) -> None:
    place.seen(("03:10", "219.167.13.11", 445), ("04:20", "1.0.16.9", 22))
    first = place.imported(node)
    place.seen(("05:30", "219.167.13.11", 445), ("06:40", "1.0.64.3", 23))
    second = place.imported(node)
    assert held(node) == expected(place.drafts())
    assert first.published is not None
    assert second.published is not None
    assert (second.preview.events, second.published.counts.events_extended) == (2, 1)
    assert first.preview.by_template == {"network-connection": 2}


def test_the_same_log_again_is_no_import(node: str, place: Place) -> None:
    place.seen(("03:10", "219.167.13.11", 445))
    place.imported(node)
    again = place.imported(node)
    assert (again.read.lines, again.preview.events, again.published) == (0, 0, None)
    with journal_of(place.state) as journal:
        assert len(journal.imports()) == 1


def test_looking_writes_and_remembers_nothing(node: str, place: Place) -> None:
    place.seen(("03:10", "219.167.13.11", 445))
    bad: list[int] = []

    def note(lines: BadLines) -> None:
        bad.extend(one.number for one in lines.kept)

    place.log.write_text(place.log.read_text() + "no line\n")
    looked = look(place.job, place.state, RULES, told=Told(bad=note))
    assert (looked.preview.events, looked.preview.attributes, bad) == (1, 12, [2])
    assert not place.state.exists()
    assert held(node) == {}
    place.imported(node)
    place.seen(("05:30", "219.167.13.11", 445))
    (event,) = look(place.job, place.state, RULES).preview.samples
    assert [one.value for one in event.contents if one.type == "counter"] == ["2"]
    assert look(place.job, place.state, RULES).preview.events == 1


def test_another_misp_gets_everything_too(node: str, place: Place, tmp_path: Path) -> None:
    place.seen(("03:10", "219.167.13.11", 445))
    place.imported(node)
    with served(app_of(node_store(tmp_path / "other.sqlite3"))) as other:
        place.imported(other)
        assert held(other) == held(node) == expected(place.drafts())


def test_errors_are_refused_unless_forced(node: str, place: Place) -> None:
    strict = Rules(
        Profile.of_text('[rules]\ntlp-unclear = "error"\n[tags]\ntlp = ["tlp:red"]', ""),
        RULES.lists,
    )
    place.seen(("03:10", "219.167.13.11", 445))
    refused = place.imported(node, rules=strict)
    assert held(node) == {}
    assert refused.published is not None
    assert refused.published.counts.events_refused == 1
    assert RuleId.TLP_UNCLEAR in {one.rule for one in refused.score.deductions}
    forced = place.imported(node, rules=strict, force=True)
    assert held(node) == expected(place.drafts())
    assert forced.published is not None
    with journal_of(place.state) as journal:
        assert journal.find(forced.published.name).forced


def test_what_was_refused_comes_once_the_rules_are_mended(node: str, place: Place) -> None:
    strict = Rules(
        Profile.of_text('[sizes]\nevent = 3\n[rules]\nevent-too-large = "error"', ""), RULES.lists
    )
    place.seen(("03:10", "219.167.13.11", 445))
    place.imported(node, rules=strict)
    assert held(node) == {}
    place.imported(node)
    assert held(node) == expected(place.drafts())


def test_an_undone_import_does_not_come_back_with_the_rest_of_the_day(
    node: str, place: Place
) -> None:
    place.seen(("03:10", "219.167.13.11", 445))
    place.imported(node)
    good = held(node)
    place.seen(("05:30", "219.167.13.11", 445), ("06:40", "1.0.64.3", 23))
    wrong = place.imported(node)
    assert wrong.published is not None
    place.undone(node, wrong.published.name)
    assert held(node) == good
    place.log.unlink()
    place.seen(("09:00", "1.0.16.9", 22))
    place.imported(node)
    assert {one["info"] for one in held(node).values()} == {
        "[IPAlert] 2021-06-11 port:445 access from 219.167.13.11",
        "[IPAlert] 2021-06-11 port:22 access from 1.0.16.9",
    }


def test_stopped_while_checking_it_goes_on(node: str, place: Place) -> None:
    place.seen(("03:10", "219.167.13.11", 445))
    asked = iter([False, False, True])
    with pytest.raises(Stopped), journal_of(place.state) as journal:
        run_import(
            place.job, place.state, RULES, connection(node), journal,
            told=Told(stop=lambda: next(asked, True)),
        )  # fmt: skip
    place.imported(node)
    assert held(node) == expected(place.drafts())
