"""The file: whole events or nothing, ids given once, keys as hashes, other files refused."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from securegrid.node.accounts import PERMISSIONS, Permission, Role, caller_of
from securegrid.node.records import NewAttribute, NewEvent, NewObject, NewOrg, NewTag
from securegrid.node.store import RandomUuids, Store
from tests.unit.node.conftest import NOW, Clock

ADDRESS = NewAttribute("ip-src", "203.0.113.1")


def test_a_load_takes_everything_over_and_counts_what_it_drops(store: Store) -> None:
    loaded = store.load(
        [
            NewEvent(
                info="One",
                attributes=(ADDRESS, ADDRESS, NewAttribute("ip-src", "banana")),
                objects=(NewObject("file", (NewAttribute("md5", "ab" * 16),)),),
                tags=(NewTag("tlp:green"),),
            ),
            NewEvent(info="Two", orgc=NewOrg("ESET"), attributes=(ADDRESS,)),
        ]
    )
    assert loaded == (2, 3, 2)
    with store.reading() as connection:
        rows = connection.execute(
            "SELECT e.info, e.attribute_count, o.name FROM event e JOIN org o ON o.id = e.orgc_id"
        ).fetchall()
    assert rows == [("One", 2, "Owner"), ("Two", 1, "ESET")]


def test_a_load_that_fails_leaves_nothing_behind(store: Store) -> None:
    def events() -> Iterator[NewEvent]:
        yield NewEvent(info="One", attributes=(ADDRESS,))
        raise RuntimeError("the source broke off")

    with pytest.raises(RuntimeError):
        store.load(events())
    assert _count(store, "event") == _count(store, "attribute") == 0
    store.load([NewEvent(info="Two", attributes=(ADDRESS,))])
    with store.reading() as connection:
        plan = connection.execute("EXPLAIN QUERY PLAN SELECT 1 FROM attribute WHERE key1 = 'x'")
        assert "attribute_key1" in str(plan.fetchall())


def test_two_attributes_with_one_uuid_are_not_loaded(store: Store) -> None:
    twice = NewAttribute("ip-src", "203.0.113.1", uuid=RandomUuids()())
    with pytest.raises(sqlite3.IntegrityError):
        store.load([NewEvent("One", attributes=(twice,)), NewEvent("Two", attributes=(twice,))])
    assert _count(store, "event") == 0


def test_a_second_load_drops_a_uuid_that_is_taken(store: Store) -> None:
    known = NewAttribute("ip-src", "203.0.113.1", uuid=RandomUuids()())
    store.load([NewEvent("One", attributes=(known,))])
    assert store.load([NewEvent("Two", attributes=(known,))]).dropped == 1


def test_an_id_is_never_given_twice(store: Store) -> None:
    store.load([NewEvent("One"), NewEvent("Two")])
    with store.writing() as connection:
        connection.execute("DELETE FROM event WHERE info = 'Two'")
    store.load([NewEvent("Three")])
    with store.reading() as connection:
        ids = connection.execute("SELECT info, id FROM event ORDER BY id").fetchall()
    assert ids == [("One", 1), ("Three", 3)]


def test_readers_go_on_and_see_whole_events_while_one_writes(store: Store) -> None:
    seen: list[int] = []
    with store.writing() as connection:
        connection.execute("INSERT INTO sequence VALUES ('x', 1)")
        reader = threading.Thread(target=lambda: seen.append(_count(store, "sequence")))
        reader.start()
        reader.join(5)
    assert seen == [0]
    assert _count(store, "sequence") == 1


def test_a_reader_cannot_write(store: Store) -> None:
    with store.reading() as connection, pytest.raises(sqlite3.OperationalError):
        connection.execute("DELETE FROM event")


def test_what_was_written_is_there_when_the_file_is_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "again.sqlite3"
    first = Store(path, host_org="First name")
    first.load([NewEvent("One")])
    key = first.add_key(Role.READ_ONLY)
    first.close()
    again = Store(path, host_org="Another name")
    assert _count(again, "event") == 1
    with again.reading() as connection:
        assert again.host_org(connection) == "First name"
        assert caller_of(connection, key, again.now) is not None
    again.close()


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite3"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE notes (text)")
    other.commit()
    other.close()
    with pytest.raises(ValueError, match="not made by this version"):
        Store(path)
    assert sqlite3.connect(path).execute("SELECT count(*) FROM sqlite_master").fetchone() == (1,)


def test_a_key_is_stored_as_a_hash_only(tmp_path: Path) -> None:
    path = tmp_path / "node.sqlite3"
    store = Store(path)
    key = store.add_key(Role.ADMIN, "Somebody", comment="for the test")
    store.close()
    assert len(key) == 40
    assert key.encode() not in path.read_bytes()


def test_a_key_can_end_and_be_revoked(store: Store, clock: Clock) -> None:
    ending = store.add_key(Role.READ_ONLY, expires=NOW + 10)
    lasting = store.add_key(Role.READ_ONLY, comment="lasting")
    with store.reading() as connection:
        assert caller_of(connection, ending, NOW + 9)
        assert not caller_of(connection, ending, NOW + 10)
        assert not caller_of(connection, ending[:-1], NOW)
    number = next(k.id for k in store.list_keys() if k.comment == "lasting")
    assert store.revoke_key(number)
    assert not store.revoke_key(999)
    with store.reading() as connection:
        assert not caller_of(connection, lasting, NOW)


@pytest.mark.parametrize("raw", ["short", "x" * 41, "é" * 40, "-" * 40])
def test_a_given_key_has_forty_letters_and_digits(store: Store, raw: str) -> None:
    with pytest.raises(ValueError, match="40 letters and digits"):
        store.add_key(Role.ADMIN, raw=raw)


def test_each_role_may_no_more_than_the_next() -> None:
    reads, writes, all_of_it = (PERMISSIONS[role] for role in Role)
    assert reads == {Permission.READ}
    assert reads < writes < all_of_it == frozenset(Permission)


def test_uuids_are_version_four_and_different() -> None:
    make = RandomUuids()
    made = [make() for _ in range(1000)]
    assert len(set(made)) == 1000
    assert all(uuid[14] == "4" and uuid[19] in "89ab" and len(uuid) == 36 for uuid in made)


def _count(store: Store, table: str) -> int:
    with store.reading() as connection:
        row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0])
