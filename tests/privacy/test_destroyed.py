"""When a MISP leaves the index its key goes: a backup of its rows is then worth nothing."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.utils import timezone

from securegrid.index.sqlite import SqliteStore
from securegrid.portal.alliance import services as alliance
from securegrid.portal.config import config
from securegrid.portal.indexing import services as indexing
from securegrid.portal.indexing.models import Generation, MispIndex
from securegrid.portal.jobs.syncing import sync_one
from securegrid.portal.sealing import keys_of, stretch
from securegrid.values.fingerprints import fingerprints
from tests.privacy import footprints
from tests.privacy.finder import Finder
from tests.privacy.indexed import Portal
from tests.privacy.questions import HITS
from tests.privacy.world import HELD

pytestmark = pytest.mark.django_db(transaction=True)
LOOKS_INTO_FILES = True


def _live(portal: Portal) -> None:
    indexing.set_mode(portal.misps["A"], "live", timezone.now())


def _destroyed(portal: Portal) -> None:
    indexing.destroy(portal.misps["A"], timezone.now())


def _disconnected(portal: Portal) -> None:
    alliance.disconnect(portal.misps["A"])


def _rotated(portal: Portal) -> None:
    indexing.begin_rotation(portal.misps["A"], timezone.now())
    sync_one(portal.misps["A"].public_id)
    _two_minutes_pass()


def _rebuilt(portal: Portal) -> None:
    indexing.rebuild(portal.misps["A"], timezone.now())
    sync_one(portal.misps["A"].public_id)
    _two_minutes_pass()


def _two_minutes_pass() -> None:
    """Searches that began before the exchange are over."""
    indexing.drop_retired(timezone.now() + timedelta(minutes=2))


@pytest.mark.parametrize("end", [_live, _destroyed, _disconnected, _rotated, _rebuilt])
def test_a_backup_of_the_rows_is_worth_nothing(
    portal: Portal, tmp_path: Path, end: Callable[[Portal], None]
) -> None:
    generation, key = portal.generation("A"), portal.keys()[0]
    secret = bytes(Generation.objects.get(name=generation).sealed_secret)
    backup = _copied(generation, tmp_path / "backup")
    assert _finds(backup, generation, key)
    end(portal)

    # The rows are gone from the portal, and the secret from every byte of its database.
    assert footprints.index_files(generation) == b""
    assert generation not in indexing.store().generations()
    assert not Generation.objects.exclude(sealed_secret=b"").filter(name=generation).exists()
    database = footprints.database()
    for part in (secret, secret.hex().encode(), secret[13:29], key, key.hex().encode()):
        assert part not in database
    # No key that the portal still has opens the backup, nor does doing without.
    for other in _every_key_left(portal, generation):
        assert not _finds(backup, generation, other)
    assert Finder([value for _, value in HELD["A"][-30:]]).found_in(_bytes_of(backup)) == {}


def _copied(generation: UUID, folder: Path) -> Path:
    """A copy of every file of the generation, as a backup takes it."""
    folder.mkdir()
    for path in Path(config().index.removeprefix("sqlite:///")).glob(f"{generation}*"):
        shutil.copy(path, folder)
    return folder


def _finds(backup: Path, generation: UUID, key: bytes) -> bool:
    """Whether one who holds the backup and this key learns what the MISP held."""
    store = SqliteStore(backup)
    try:
        return bool(store.look_up({generation: fingerprints(key, HITS[:50])})[generation])
    finally:
        store.close()


def _every_key_left(portal: Portal, generation: UUID) -> list[bytes]:
    """Fingerprint keys in use, the master keys, and what could be derived from those alone."""
    masters = keys_of(config())
    derived = [
        stretch(master, purpose, salt=salt)
        for master in masters
        for purpose in ("index-fingerprints", "index-secret")
        for salt in (generation.bytes, b"\0" * 32)
    ]
    return [*portal.keys(), *masters, *derived]


def _bytes_of(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in folder.iterdir())


def test_the_other_indexes_go_on(portal: Portal) -> None:
    _destroyed(portal)
    told, sent = portal.ask_recorded(HITS[:20])
    assert sent["A"] == []
    reasons = {misp["name"]: misp["reason"] for misp in told["misps"]}
    assert reasons["A"] == "index_missing"
    assert {hit["misp"] for hit in told["hits"]} == {"B"}
    assert MispIndex.objects.get(misp=portal.misps["A"]).current is None
