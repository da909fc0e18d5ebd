"""A run counts every line once, whatever becomes of its files and of itself."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard

from securegrid.ingest.inputs import blocks
from securegrid.ingest.model import BadLine
from securegrid.ingest.runs import ledger, work
from securegrid.ingest.runs.crew import ReaderFault
from securegrid.ingest.runs.database import BusyError, OtherVersionError, open_database, path_of
from securegrid.ingest.runs.reports import FileState, Progress, ReadReport, Stage
from securegrid.ingest.runs.run import OtherFormatError, Run
from securegrid.ingest.shapes.options import ShapeOptions
from tests.unit.ingest.runs.composing import (
    OPTIONS,
    SHAPE_OPTIONS,
    WHOLE,
    WORDS,
    WordShape,
    counts,
    expected,
    lines,
    put,
)

LOG = lines(5_000)
NEXT = lines(800, words=90, day="2021-05-14")


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a small file is many tasks."""
    monkeypatch.setattr(blocks, "BLOCK", 4_000)
    monkeypatch.setattr(blocks.open_blocks, "__defaults__", ("utf-8", 4_000))
    monkeypatch.setattr("securegrid.ingest.runs.reading.TASK_BYTES", 10_000)
    assert work.TASK_BYTES > 10_000


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    with Run.open(tmp_path / "state", "source") as opened:
        yield opened


def read(run: Run, *files: str, workers: int = 1) -> ReadReport:
    return run.read(files, WORDS, OPTIONS, workers=workers)


def states(report: ReadReport) -> list[FileState]:
    return [file.state for file in report.files]


@pytest.mark.parametrize("workers", [1, 2])
def test_every_line_is_counted_once(run: Run, tmp_path: Path, workers: int) -> None:
    report = read(run, put(tmp_path, "log", LOG), workers=workers)
    assert (report.lines, report.counted, report.bad) == (5_000, 5_000, {})
    assert counts(run) == expected(LOG)


def test_the_same_log_twice_is_the_same_log(run: Run, tmp_path: Path) -> None:
    path = put(tmp_path, "log", LOG)
    copy = put(tmp_path, "copy.zst", zstandard.compress(LOG))
    assert states(read(run, path)) == [FileState.READ]
    again = read(run, path, copy, put(tmp_path, "copy.gz", gzip.compress(LOG)))
    assert states(again) == [FileState.NOTHING_NEW] * 3
    assert again.lines == 0
    assert counts(run) == expected(LOG)


def test_a_rotated_log_goes_on_under_its_new_name(run: Run, tmp_path: Path) -> None:
    path = put(tmp_path, "log", LOG)
    read(run, path)
    # The server writes on, the log is rotated and packed, and a new one begins.
    rotated = put(tmp_path, "log.1.gz", gzip.compress(LOG + b"2021-05-13 late 9\n"))
    path = put(tmp_path, "log", NEXT)
    report = read(run, rotated, path)
    assert [file.lines for file in report.files] == [1, 800]
    assert counts(run) == expected(LOG + b"2021-05-13 late 9\n" + NEXT)


def test_a_file_known_by_its_first_line_grows(run: Run, tmp_path: Path) -> None:
    for end in (1, 2, 50, 4_999, 5_000):
        path = put(tmp_path, "log", b"\n".join(LOG.split(b"\n")[:end]) + b"\n")
        read(run, path)
    assert counts(run) == expected(LOG)


def test_a_line_that_is_being_written_is_read_when_it_is_whole(run: Run, tmp_path: Path) -> None:
    half = read(run, put(tmp_path, "log", LOG + b"2021-05-13 wo"))
    assert half.bad == {BadLine.NOT_THE_FORMAT: 1}
    assert [bad.count for bad in run.bad_lines()] == [1]
    whole = read(run, put(tmp_path, "log", LOG + b"2021-05-13 word1 3\nnot good\n"))
    assert (whole.lines, whole.bad) == (2, {BadLine.NOT_THE_FORMAT: 1})
    (bad,) = run.bad_lines()
    assert [(one.number, one.head) for one in bad.kept] == [(5_002, "not good")]
    assert counts(run) == expected(LOG + b"2021-05-13 word1 3\n")


def test_a_last_line_without_an_end_is_counted(run: Run, tmp_path: Path) -> None:
    read(run, put(tmp_path, "log", LOG.rstrip(b"\n")))
    assert counts(run) == expected(LOG)
    assert read(run, put(tmp_path, "log", LOG)).lines == 0
    assert counts(run) == expected(LOG)


def test_a_log_cut_short_is_nothing_new_and_another_log_is(run: Run, tmp_path: Path) -> None:
    long = lines(9_000)
    read(run, put(tmp_path, "log", long))
    assert states(read(run, put(tmp_path, "log", long[:100_000]))) == [FileState.NOTHING_NEW]
    other = long[:70_000] + lines(9_000, words=7)
    assert states(read(run, put(tmp_path, "other", other))) == [FileState.READ]
    assert counts(run) == expected(long + other)


def test_stopped_after_any_piece_it_goes_on(run: Run, tmp_path: Path) -> None:
    path = put(tmp_path, "log", LOG)
    readings = 0
    while True:
        asked = iter([False, True])
        report = run.read([path], WORDS, OPTIONS, workers=1, stop=lambda a=asked: next(a, True))  # type: ignore[misc]
        readings += 1
        if report.lines == 0:
            break
        assert report.interrupted
        assert states(report) == [FileState.INTERRUPTED]
    assert readings > 5
    assert counts(run) == expected(LOG)


def test_a_state_is_in_one_process_at_a_time(run: Run, tmp_path: Path) -> None:
    with pytest.raises(BusyError):
        Run.open(tmp_path / "state", "source")
    Run.open(tmp_path / "state", "another source").close()


def test_sources_that_look_alike_have_states_of_their_own(tmp_path: Path) -> None:
    sources = ("a b", "a_b", "a/b", "../a", "", ".", "どこどこJP", "x" * 300)
    paths = {path_of(tmp_path, source) for source in sources}
    assert len(paths) == len(sources)
    assert {path.parent for path in paths} == {tmp_path}


def test_a_state_of_another_version_is_left_alone(tmp_path: Path) -> None:
    path = path_of(tmp_path, "source")
    database = open_database(path)
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(OtherVersionError):
        Run.open(tmp_path, "source")


def test_a_source_is_of_one_format(run: Run, tmp_path: Path) -> None:
    read(run, put(tmp_path, "log", LOG))
    with pytest.raises(OtherFormatError) as raised:
        run.read([], WHOLE, OPTIONS)
    assert raised.value.format == "words"


def test_a_file_without_lines_is_read_again_when_it_is_another(run: Run, tmp_path: Path) -> None:
    path = put(tmp_path, "table", b"2021-05-13 a 1\n")
    assert run.read([path], WHOLE, OPTIONS).lines == 1
    assert states(run.read([path], WHOLE, OPTIONS)) == [FileState.NOTHING_NEW]
    put(tmp_path, "table", b"2021-05-13 a 1\n2021-05-13 b 1\n")
    assert run.read([path], WHOLE, OPTIONS).lines == 2


def test_what_cannot_be_read_is_told_and_the_rest_is_read(run: Run, tmp_path: Path) -> None:
    damaged = put(tmp_path, "damaged.gz", gzip.compress(LOG)[:-30])
    report = read(
        run,
        str(tmp_path / "nowhere"),
        str(tmp_path),
        put(tmp_path, "empty", b""),
        put(tmp_path, "zip", b"PK\x03\x04"),
        damaged,
        put(tmp_path, "log", NEXT),
    )
    assert states(report) == [
        FileState.NO_FILE,
        FileState.NOT_READABLE,
        FileState.EMPTY,
        FileState.UNKNOWN_FORMAT,
        FileState.DAMAGED,
        FileState.READ,
    ]
    assert [file.detail for file in report.files if file.state is FileState.UNKNOWN_FORMAT] == [
        "words"
    ]
    assert 0 < report.files[4].lines < 5_000
    (bad,) = run.bad_lines()
    assert [one.reason for one in bad.kept] == [BadLine.DAMAGED]
    # The whole file comes later.
    put(tmp_path, "damaged.gz", gzip.compress(LOG))
    assert states(read(run, damaged)) == [FileState.READ]
    assert list(run.bad_lines()) == []
    assert counts(run) == expected(LOG + NEXT)


def test_bad_lines_are_all_counted_and_the_first_are_kept(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "KEPT", 10)
    report = read(run, put(tmp_path, "log", LOG + b"nonsense\n# comment\n" * 1_000))
    assert report.bad == {BadLine.NOT_THE_FORMAT: 1_000}
    (file,) = report.files
    assert (file.lines, file.counted, file.passed_over) == (7_000, 5_000, 1_000)
    (bad,) = run.bad_lines()
    assert bad.count == 1_000
    assert [one.number for one in bad.kept] == list(range(5_001, 5_021, 2))


@pytest.mark.parametrize("workers", [1, 2])
def test_a_fault_of_a_reader_is_no_data(run: Run, tmp_path: Path, workers: int) -> None:
    path = put(tmp_path, "log", LOG + b"2021-05-13 fault 1\n")
    with pytest.raises((ReaderFault, RuntimeError), match="a fault of the reader"):
        read(run, path, workers=workers)
    # What was read before it stays read.
    assert len(counts(run)) > 0


def test_progress_is_told_with_its_rate(run: Run, tmp_path: Path) -> None:
    told: list[Progress] = []
    seconds = iter(range(1_000))
    path = put(tmp_path, "log", LOG)
    run.read(
        [path], WORDS, OPTIONS, workers=1, tell=told.append, clock=lambda: float(next(seconds))
    )
    assert told[-1].stage is Stage.COUNTING
    *_, last = (one for one in told if one.stage is Stage.READING)
    assert (last.lines, last.file, last.file_number, last.files) == (5_000, path, 1, 1)
    assert last.bytes_read == last.bytes_all == len(LOG)
    assert last.lines_per_s == pytest.approx(5_000 / last.seconds)
    assert [one.lines for one in told] == sorted(one.lines for one in told)


def test_drafts_can_be_those_that_changed(run: Run, tmp_path: Path) -> None:
    shape = WordShape(SHAPE_OPTIONS)
    read(run, put(tmp_path, "log", LOG + NEXT))
    drafts = run.drafts(shape, changed_only=True)
    first, second = drafts.events()
    assert [first.info, second.info] == ["(2021-05-13) words", "(2021-05-14) words"]
    run.acknowledge(first.uuid, drafts.version(first.uuid))
    assert list(run.drafts(shape, changed_only=True).events()) == [second]
    assert list(run.drafts(shape).events()) == [first, second]
    # A later part of the day.
    version = drafts.version(first.uuid)
    read(run, put(tmp_path, "later", b"2021-05-13 later 1\n"))
    run.acknowledge(first.uuid, version)
    assert list(run.drafts(shape, changed_only=True).events()) == [first, second]


def test_another_alliance_has_other_events(run: Run, tmp_path: Path) -> None:
    read(run, put(tmp_path, "log", LOG))
    (mine,) = run.drafts(WordShape(SHAPE_OPTIONS)).events()
    run.acknowledge(mine.uuid, 99)
    other = WordShape(ShapeOptions(alliance="other", source="source"))
    (theirs,) = run.drafts(other, changed_only=True).events()
    assert theirs.uuid != mine.uuid
    assert run.drafts(other).version(mine.uuid) == 0
    assert list(run.drafts(other).contents(mine.uuid)) == []


def test_a_forgotten_source_begins_anew(run: Run, tmp_path: Path) -> None:
    path = put(tmp_path, "log", LOG)
    read(run, path)
    run.forget()
    assert counts(run) == {}
    assert states(read(run, path)) == [FileState.READ]
    assert counts(run) == expected(LOG)
