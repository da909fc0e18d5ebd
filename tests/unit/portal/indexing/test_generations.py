"""Keys and rows of generations: exchanged in one step, destroyed for good, useless in a backup."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.db import connection

from securegrid.index.sqlite import SqliteStore
from securegrid.portal.alliance import services as alliance
from securegrid.portal.alliance.models import Misp
from securegrid.portal.config import UnsafeSettings, config
from securegrid.portal.indexing import services
from securegrid.portal.indexing.keys import key_of
from securegrid.portal.indexing.models import Generation, MispIndex
from securegrid.portal.indexing.services import Ready
from securegrid.portal.refusals import Refused
from securegrid.portal.resealing import refuse_wrong_key, rotate
from securegrid.portal.sealing import Sealer, SealError, sealer
from securegrid.values.fingerprints import fingerprints
from tests.conftest import MakeMisp
from tests.faults.traces import read_apart
from tests.unit.portal.indexing.conftest import NOW, SIZE, claimed, synced

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = timedelta(hours=1)


def ready(misp: Misp) -> Ready:
    """The index that answers; there must be one."""
    found = services.indexed_misps([misp], NOW)[str(misp.public_id)]
    assert isinstance(found, Ready)
    return found


def finds(misp: Misp, value: str) -> bool:
    """Whether a search finds ``value`` in the index."""
    index = ready(misp)
    (wanted,) = fingerprints(index.key, [value])
    return bool(services.store().look_up({index.generation: [wanted]}).get(index.generation))


def test_the_first_sync_makes_the_index_answer(indexed: Misp) -> None:
    assert services.indexed_misps([indexed], NOW) == {str(indexed.public_id): "index_missing"}
    claim = synced(indexed)
    assert claim.filling
    assert ready(indexed).generation == claim.generation
    assert finds(indexed, "evil.example")
    assert not finds(indexed, "good.example")


def test_a_rotation_answers_all_the_time_and_destroys_the_old_key(indexed: Misp) -> None:
    old = synced(indexed)
    services.begin_rotation(indexed, NOW)
    services.begin_rotation(indexed, NOW)  # a second click goes on with the first
    assert Generation.objects.filter(retired_at=None).count() == 2
    assert finds(indexed, "evil.example")
    new = synced(indexed, form="new.example")
    assert new.key != old.key
    assert new.generation != old.generation
    assert ready(indexed).generation == new.generation
    assert finds(indexed, "new.example")
    told = services.overview(indexed, NOW)
    assert (told.epoch, told.rotating) == (2, False)
    with pytest.raises(SealError):
        key_of(Generation.objects.get(name=old.generation))


def test_rows_stay_for_the_searches_that_began_before_the_exchange(indexed: Misp) -> None:
    old = synced(indexed)
    services.begin_rotation(indexed, NOW)
    new = synced(indexed)
    both = {old.generation, new.generation}
    services.drop_retired(NOW + timedelta(seconds=110))
    assert services.store().generations() & both == both
    services.drop_retired(NOW + timedelta(seconds=120))
    assert services.store().generations() & both == {new.generation}


def test_rows_do_not_stay_after_a_destruction(indexed: Misp) -> None:
    old = synced(indexed)
    services.begin_rotation(indexed, NOW)
    new = synced(indexed)
    services.destroy(indexed, NOW)
    assert not services.store().generations() & {old.generation, new.generation}


def test_a_finished_sync_of_the_next_epoch_exchanges_the_two(indexed: Misp) -> None:
    old = synced(indexed)
    services.begin_rotation(indexed, NOW)
    claim = claimed(indexed)
    services.store().create(claim.generation)
    services.finish_sync(claim, NOW, SIZE, services.Changes())
    index = MispIndex.objects.select_related("current").get(misp=indexed)
    assert index.current is not None
    assert (index.current.name, index.next) == (claim.generation, None)
    assert Generation.objects.get(name=old.generation).retired_at == NOW


def test_a_rebuild_throws_the_half_filled_away_and_keeps_the_answering(indexed: Misp) -> None:
    current = synced(indexed)
    services.begin_rotation(indexed, NOW)
    half = claimed(indexed)
    services.store().create(half.generation)
    services.rebuild(indexed, NOW)
    with pytest.raises(services.ClaimLost):
        services.note_progress(half, NOW, services.Progress())
    held = services.store().generations()
    assert current.generation in held
    assert half.generation not in held
    assert finds(indexed, "evil.example")
    again = claimed(indexed)
    assert again.generation not in {current.generation, half.generation}


def test_destroying_leaves_neither_key_nor_rows_and_never_asks_live(indexed: Misp) -> None:
    claim = synced(indexed)
    services.destroy(indexed, NOW)
    assert claim.generation not in services.store().generations()
    assert {bytes(one.sealed_secret) for one in Generation.objects.all()} == {b""}
    assert services.indexed_misps([indexed], NOW) == {str(indexed.public_id): "index_missing"}
    assert services.claim_sync(indexed, NOW) is None
    assert services.due(NOW) == []
    services.resume(indexed, NOW)
    assert services.due(NOW) == [indexed]
    fresh = synced(indexed)
    assert fresh.key != claim.key


@pytest.mark.parametrize("way", ["live", "changed to live", "disconnected", "destroyed"])
def test_a_backup_of_the_index_is_useless_afterwards(
    indexed: Misp, tmp_path: Path, way: str
) -> None:
    claim = synced(indexed, form="secret.example")
    folder = Path(unquote(config().index.removeprefix("sqlite:///")))
    shutil.copytree(folder, tmp_path / "backup")
    if way == "live":
        services.set_mode(indexed, "live", NOW)
    elif way == "changed to live":
        alliance.change_misp(indexed, mode="live")
    elif way == "disconnected":
        alliance.disconnect(indexed)
    else:
        services.destroy(indexed, NOW)
    backup = SqliteStore(tmp_path / "backup")
    try:
        # The rows are all there, but nobody can make the fingerprint that would find them.
        assert claim.generation in backup.generations()
        generation = Generation.objects.get(name=claim.generation)
        with pytest.raises(SealError):
            key_of(generation)
        guesses = [sealer().derive(str(n)) for n in range(3)] + [claim.generation.bytes * 2]
        for guess in guesses:
            wanted = fingerprints(guess, ["secret.example"])
            assert not backup.look_up({claim.generation: wanted}).get(claim.generation)
        kept = fingerprints(claim.key, ["secret.example"])
        assert backup.look_up({claim.generation: kept})[claim.generation]
        assert b"secret.example" not in b"".join(
            path.read_bytes() for path in (tmp_path / "backup").rglob("*") if path.is_file()
        )
    finally:
        backup.close()
    assert claim.generation not in services.store().generations()


def test_a_destroyed_secret_is_in_the_database_no_more(indexed: Misp) -> None:
    synced(indexed)
    sealed = bytes(Generation.objects.get().sealed_secret)
    assert sealed in _stored()
    services.destroy(indexed, NOW)
    assert sealed not in _stored()


def _stored() -> bytes:
    """What the database holds: SQLite's whole file with its free pages, or PostgreSQL's rows."""
    if connection.vendor != "sqlite":
        return b"".join(bytes(one.sealed_secret) for one in Generation.objects.all())
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return read_apart([Path(connection.settings_dict["NAME"])])


def test_a_destroyed_index_is_rebuilt_without_further_ado(indexed: Misp) -> None:
    synced(indexed)
    services.destroy(indexed, NOW)
    services.rebuild(indexed, NOW)
    assert services.due(NOW) == [indexed]
    synced(indexed)
    assert finds(indexed, "evil.example")


def test_many_clicks_at_once_begin_one_generation(indexed: Misp) -> None:
    synced(indexed)

    def click(_: int) -> None:
        try:
            services.begin_rotation(indexed, NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as many:
        list(many.map(click, range(6)))
    assert Generation.objects.filter(retired_at=None).count() == 2
    assert MispIndex.objects.get(misp=indexed).epoch == 2


def test_leaving_out_more_ends_the_index_at_once(indexed: Misp) -> None:
    old = synced(indexed)
    alliance.change_misp(indexed, left_out_tags=["tlp:red"])
    assert services.indexed_misps([indexed], NOW) == {str(indexed.public_id): "index_missing"}
    assert old.generation not in services.store().generations()
    assert services.rules_of(indexed).left_out_tags == ("tlp:red",)
    assert claimed(indexed).filling


def test_leaving_out_less_answers_while_all_is_read_anew(make_misp: MakeMisp) -> None:
    misp = make_misp(mode="indexed", left_out_types=["comment"], published_only=True)
    old = synced(misp)
    alliance.change_misp(misp, published_only=False)
    assert ready(misp).generation == old.generation
    assert services.overview(misp, NOW).rotating
    assert claimed(misp).filling


def test_another_server_ends_the_index_and_other_changes_do_not(indexed: Misp) -> None:
    old = synced(indexed)
    alliance.change_misp(indexed, name="Other name", pause_ms=10)
    assert ready(indexed).generation == old.generation
    alliance.change_misp(indexed, url="https://moved.example.org", key="k" * 40)
    assert services.indexed_misps([indexed], NOW) == {str(indexed.public_id): "index_missing"}


def test_a_new_key_of_a_disconnected_misp_begins_its_index_anew(indexed: Misp) -> None:
    synced(indexed)
    alliance.disconnect(indexed)
    with pytest.raises(Refused):
        services.rebuild(indexed, NOW)
    alliance.replace_key(indexed, "k" * 40)
    alliance.set_enabled(indexed, True)
    assert services.due(NOW) == [indexed]


def test_a_change_that_is_undone_leaves_the_index_alone(indexed: Misp, make_misp: MakeMisp) -> None:
    claim = synced(indexed)
    taken = make_misp()
    with pytest.raises(Refused):
        alliance.change_misp(indexed, name=taken.name, mode="live")
    assert ready(indexed).generation == claim.generation


def test_a_store_that_is_away_loses_its_leftovers_later(
    indexed: Misp, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = synced(indexed)

    class Away:
        def drop(self, generation: object) -> None:
            raise OSError

    with monkeypatch.context() as patched:
        patched.setattr("securegrid.portal.indexing.generations.store", Away)
        services.destroy(indexed, NOW)
    assert claim.generation in services.store().generations()
    with pytest.raises(SealError):
        key_of(Generation.objects.get(name=claim.generation))
    assert services.drop_retired(NOW) == 0
    assert claim.generation not in services.store().generations()
    assert Generation.objects.count() == 1
    services.drop_retired(NOW + timedelta(days=2))
    assert Generation.objects.count() == 0


def test_the_master_key_is_rotated_without_touching_fingerprints(
    indexed: Misp, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced(indexed)
    before = ready(indexed)
    generation = Generation.objects.get()
    sealed = bytes(generation.sealed_secret)
    both = Sealer([b"n" * 32, *sealer()._keys])
    monkeypatch.setattr("securegrid.portal.resealing.sealer", lambda: both)
    assert rotate()["index secrets"] == 1
    monkeypatch.setattr("securegrid.portal.sealing.sealer", lambda: Sealer([b"n" * 32]))
    assert bytes(Generation.objects.get().sealed_secret) != sealed
    assert ready(indexed).key == before.key
    assert finds(indexed, "evil.example")


def test_a_wrong_master_key_stops_the_start_and_damages_nothing(
    indexed: Misp, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced(indexed)
    refuse_wrong_key()
    before = _everything()
    with monkeypatch.context() as wrong:
        wrong.setattr("securegrid.portal.resealing.sealer", lambda: Sealer([b"w" * 32]))
        with pytest.raises(UnsafeSettings) as refused:
            refuse_wrong_key()
    assert "SECUREGRID_MASTER_KEY_FILE" in str(refused.value)
    assert _everything() == before
    refuse_wrong_key()
    assert finds(indexed, "evil.example")


def test_an_index_secret_of_a_missing_older_key_stops_the_start_too(
    indexed: Misp, monkeypatch: pytest.MonkeyPatch
) -> None:
    generation = Generation.objects.get()
    lost = Sealer([b"l" * 32]).seal(b"s" * 32, f"index-secret:{generation.name}")
    Generation.objects.update(sealed_secret=lost)
    with pytest.raises(UnsafeSettings, match="index secrets"):
        refuse_wrong_key()
    services.destroy(indexed, NOW)
    refuse_wrong_key()


def _everything() -> list[object]:
    return [*Misp.objects.values(), *MispIndex.objects.values(), *Generation.objects.values()]


def test_a_secret_moved_to_another_generation_opens_nothing(make_misp: MakeMisp) -> None:
    one, two = (make_misp(mode="indexed") for _ in range(2))
    synced(one)
    synced(two)
    assert ready(one).key != ready(two).key
    moved = Generation.objects.get(index__misp=one).sealed_secret
    Generation.objects.filter(index__misp=two).update(sealed_secret=moved)
    assert services.indexed_misps([two], NOW) == {str(two.public_id): "index_missing"}


def test_keys_are_in_no_repr_and_no_plain_column(indexed: Misp) -> None:
    claim = synced(indexed)
    assert claim.key.hex() not in repr(ready(indexed)) + repr(claim)
    assert repr(claim.key) not in repr(ready(indexed))
    columns = repr([bytes(v) if isinstance(v, memoryview) else v for v in _everything()])
    assert claim.key.hex() not in columns
    assert repr(claim.key)[2:-1] not in columns
