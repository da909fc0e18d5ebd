"""What only the SQLite store promises: its files, what is left in them, builds that were killed."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from securegrid.index import sqlite_build, sqlite_files
from securegrid.index.port import EventRows, GenerationMissing, Row
from securegrid.index.sqlite import SqliteStore
from securegrid.index.sqlite_build import BeingBuiltError
from securegrid.values.fingerprints import Mark
from tests.contract.index.samples import (
    event,
    event_id,
    events,
    fingerprints,
    found,
    holding,
    rows_of,
    sixteen,
    stamps_of,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def store(folder: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(folder)
    yield store
    store.close()


@pytest.fixture
def generation(store: SqliteStore) -> UUID:
    name = uuid4()
    store.create(name)
    return name


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are written, sorted and inserted a few at a time."""
    monkeypatch.setattr(sqlite_build, "SPOOLED_BYTES", 3_000)
    monkeypatch.setattr(sqlite_build, "PIECE_BYTES", 500)
    monkeypatch.setattr(sqlite_build, "PIECE_AT_MOST", 900)


class Killed(BaseException):
    """Stands for kill -9: nothing is tidied up after it."""


def _until_killed(held: list[EventRows]) -> Iterator[EventRows]:
    yield from held
    raise Killed


def _kill_a_build(store: SqliteStore, generation: UUID, held: list[EventRows]) -> None:
    with pytest.raises(Killed):
        store.build(generation, _until_killed(held))


def _bytes_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


def test_files_are_for_this_user_alone(
    store: SqliteStore, generation: UUID, folder: Path, small_parts: None
) -> None:
    _kill_a_build(store, generation, events(100))
    store.look_up({generation: [sixteen("any")]})
    names = {path.name.removeprefix(str(generation)) for path in folder.iterdir()}
    assert names == {".sqlite3", ".sqlite3-wal", ".sqlite3-shm", ".parts"}
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_dropping_leaves_no_file(
    store: SqliteStore, generation: UUID, folder: Path, small_parts: None
) -> None:
    (folder / f"{generation}.77.0011.draft").write_bytes(b"of a process that was killed")
    _kill_a_build(store, generation, events(100))
    store.drop(generation)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("way", ["remove", "replace"])
def test_removed_rows_leave_no_byte(
    store: SqliteStore, generation: UUID, folder: Path, way: str
) -> None:
    store.build(generation, events(50, rows=20))
    gone = event(7, rows=20)
    assert all(row.fingerprint in _bytes_in(folder) for row in gone.rows)
    if way == "remove":
        store.remove(generation, [gone.event])
    else:
        store.replace(generation, [holding(7, [])])
    left = _bytes_in(folder)
    assert not any(row.fingerprint[:6] in left or row.attribute in left for row in gone.rows)


def test_a_closed_store_leaves_one_file(store: SqliteStore, generation: UUID, folder: Path) -> None:
    store.build(generation, events(50))
    store.replace(generation, [event(3, version=1)])
    store.close()
    assert (folder / f"{generation}.parts").stat().st_size == 0
    assert {path.suffix for path in folder.iterdir()} == {".sqlite3", ".parts"}


def test_fingerprints_that_begin_alike(store: SqliteStore, generation: UUID) -> None:
    alike = [b"samesame" + bytes([number]) * 8 for number in range(9)]
    rows = [Row(one, sixteen(one), Mark.WHOLE) for one in alike]
    store.build(generation, [holding(1, rows[:6]), holding(2, rows[3:])])
    store.replace(generation, [holding(1, rows[4:5])])
    assert found(store, generation, alike) == set(rows[3:])
    store.remove(generation, [event_id(2)])
    assert found(store, generation, alike) == {rows[4]}
    store.remove(generation, [event_id(1)])
    assert found(store, generation, alike) == set()


def test_a_killed_build_is_finished_later(
    store: SqliteStore, generation: UUID, folder: Path, small_parts: None
) -> None:
    _kill_a_build(store, generation, events(100))
    wanted = fingerprints(events(100))
    assert found(store, generation, wanted) == set()
    assert store.size(generation).rows == 0
    other = SqliteStore(folder)
    held = [one for one in events(100) if one.event in other.stamps(generation)]
    assert len(held) > 80
    assert found(store, generation, wanted) == rows_of(held)
    assert store.size(generation).rows == 4 * len(held)
    other.build(generation, events(100)[len(held) :])
    assert found(other, generation, wanted) == rows_of(events(100))
    other.close()


@pytest.mark.parametrize("way", ["replace", "remove", "build"])
def test_any_writer_finishes_a_killed_build(
    store: SqliteStore, generation: UUID, small_parts: None, way: str
) -> None:
    _kill_a_build(store, generation, events(100))
    getattr(store, way)(generation, [])
    assert found(store, generation, fingerprints(events(80))) == rows_of(events(80))


def test_killed_while_sorting_in(
    store: SqliteStore, generation: UUID, small_parts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert, times = sqlite_build.insert_rows, iter(range(10))

    def insert_some(connection: sqlite3.Connection, keys: bytes) -> None:
        if next(times, None) is None:
            raise Killed
        insert(connection, keys)

    monkeypatch.setattr(sqlite_build, "insert_rows", insert_some)
    with pytest.raises(Killed):
        store.build(generation, events(100))
    assert found(store, generation, fingerprints(events(100))) == set()
    monkeypatch.undo()
    assert store.stamps(generation) == stamps_of(events(100))
    assert found(store, generation, fingerprints(events(100))) == rows_of(events(100))
    assert store.size(generation).rows == 400


def test_waiting_rows_that_were_lost(
    store: SqliteStore, generation: UUID, folder: Path, small_parts: None
) -> None:
    store.build(generation, events(3))
    _kill_a_build(store, generation, events(100)[3:])
    (folder / f"{generation}.parts").unlink()
    assert store.stamps(generation) == stamps_of(events(3))
    store.replace(generation, events(100))
    assert found(store, generation, fingerprints(events(100))) == rows_of(events(100))


def test_a_build_goes_on_while_others_look(
    store: SqliteStore, generation: UUID, folder: Path, small_parts: None
) -> None:
    other = SqliteStore(folder)
    seen: list[int] = []

    def watched() -> Iterator[EventRows]:
        for one in events(100):
            yield one
            seen.append(len(other.stamps(generation)))
            with pytest.raises(BeingBuiltError):
                other.build(generation, [event(200)])
        with pytest.raises(BeingBuiltError):
            other.replace(generation, [event(200)])

    store.build(generation, watched())
    assert set(seen) == {0}
    assert other.stamps(generation) == stamps_of(events(100))
    other.close()


def test_an_event_that_is_held_is_not_built_again(store: SqliteStore, generation: UUID) -> None:
    store.build(generation, events(3))
    with pytest.raises(ValueError, match="held already"):
        store.build(generation, [event(5), event(1, version=1)])
    assert found(store, generation, fingerprints(events(3))) == rows_of(events(3))
    store.replace(generation, [event(5)])
    assert store.stamps(generation) == stamps_of([*events(3), event(5)])


def test_one_fingerprint_fills_more_than_a_piece(
    store: SqliteStore, generation: UUID, small_parts: None
) -> None:
    same = sixteen("same")
    rows = [[Row(same, sixteen(e, a), Mark.HALF) for a in range(30)] for e in range(30)]
    held = [holding(number, its) for number, its in enumerate(rows)]
    store.build(generation, held)
    assert found(store, generation, [same]) == rows_of(held)


def test_connections_are_not_kept_without_end(
    store: SqliteStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_files, "KEPT_IDLE", 3)
    names = [uuid4() for _ in range(10)]
    for name in names:
        store.create(name)
    wanted = {name: fingerprints(events(100)) for name in names}
    assert store.look_up(wanted) == {name: [] for name in names}
    open_files = [path for path in Path("/proc/self/fd").iterdir() if _leads_to(path, folder)]
    assert len({path.resolve() for path in open_files if path.resolve().suffix == ".sqlite3"}) <= 3


def _leads_to(path: Path, folder: Path) -> bool:
    return path.exists() and folder in path.resolve().parents


def test_files_of_others_are_left_alone(store: SqliteStore, generation: UUID, folder: Path) -> None:
    (folder / "notes.sqlite3").write_text("not ours")
    assert store.generations() == {generation}


def test_a_file_of_another_version_is_refused(
    store: SqliteStore, generation: UUID, folder: Path
) -> None:
    with closing(sqlite3.connect(folder / f"{generation}.sqlite3")) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(ValueError, match="version 99"):
        store.stamps(generation)


def test_a_draft_is_no_generation(store: SqliteStore, folder: Path) -> None:
    name = uuid4()
    (folder / f"{name}.77.0011.draft").write_bytes(b"")
    assert store.generations() == frozenset()
    with pytest.raises(GenerationMissing):
        store.size(name)
