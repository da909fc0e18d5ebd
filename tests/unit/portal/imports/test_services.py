"""What people may do with imports, how uploads are kept, and that nothing of them is plain."""

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from securegrid.ingest.readers.registry import registry
from securegrid.portal.accounts.models import User
from securegrid.portal.alliance.models import Misp
from securegrid.portal.config import config
from securegrid.portal.imports import files, sealed, services
from securegrid.portal.imports.formats import Told, checked, shown_name
from securegrid.portal.imports.labels import FAULTS, FORMATS, STATES
from securegrid.portal.imports.models import Import, State
from securegrid.portal.imports.records import Fault
from securegrid.portal.refusals import Problem, Refused
from securegrid.portal.resealing import registered_columns
from tests.conftest import MakeMisp, MakeUser
from tests.unit.portal.imports.conftest import Upload

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)


def problem_of(work: object) -> Problem:
    """Why something is refused."""
    with pytest.raises(Refused) as refused:
        work()  # type: ignore[operator]
    return refused.value.problem


def test_an_upload_lies_where_only_the_portal_reads_it(upload: Upload, folder: Path) -> None:
    imported = upload(name="../../etc/passwd")
    path = files.upload_of(imported.public_id)
    assert path == folder / str(imported.public_id) / "upload"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert sealed.name_of(imported) == "passwd"


@pytest.mark.parametrize(("given", "shown"), [
    ("../../../etc/cron.d/x", "x"), (r"C:\logs\a.log", "a.log"), ("a\x1b[2J\n.log", "a[2J.log"),
    ("evil\u202egpj.exe", "evilgpj.exe"), ("", "file"), ("..", ".."), ("x" * 900, "x" * 200),
    ("アクセス.log", "アクセス.log"), ("<script>", "<script>"),
])  # fmt: skip
def test_a_name_is_only_shown(given: str, shown: str) -> None:
    assert shown_name(given) == shown


def test_neither_name_nor_key_nor_content_is_plain_in_the_database(
    upload: Upload, misp: Misp
) -> None:
    imported = upload("secret-line", name="secret-name.log")
    Import.objects.filter(pk=imported.pk).update(state=State.READY)
    services.publish(imported, misp, key="secretKey0123456789abcdefghijklmnopqrstu")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM imports_import")
        row = b"|".join(
            bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode()
            for cell in cursor.fetchall()[0]
        )
    assert b"secret" not in row


def test_everything_sealed_is_part_of_a_key_rotation() -> None:
    named = {(each.model, each.field) for each in registered_columns()}
    assert {(Import, name) for name in ("sealed_name", "sealed_preview", "sealed_key")} <= named


def test_nothing_is_left_of_what_is_too_large_or_empty(
    owner: User, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECUREGRID_MAX_UPLOAD_BYTES", "1000")
    config.cache_clear()

    def upload(*chunks: bytes) -> Import:
        told = Told(source="S")
        return services.upload(owner, "a", chunks, now=timezone.now(), told=told)

    assert problem_of(lambda: upload(b"x" * 600, b"x" * 600)) is Problem.UPLOAD_TOO_LARGE
    assert problem_of(lambda: upload()) is Problem.UPLOAD_EMPTY
    assert list(folder.iterdir()) == []
    assert not Import.objects.exists()


def test_who_may_upload(
    owner: User, member_admin: User, analyst: User, operator: User, folder: Path
) -> None:
    def upload(user: User) -> Import:
        return services.upload(user, "a", [b"x"], now=timezone.now(), told=Told(source="S"))

    for user in (owner, member_admin):
        assert upload(user).member == user.member
    for user in (analyst, operator):
        assert problem_of(lambda user=user: upload(user)) is Problem.NOT_ALLOWED


def test_only_the_own_member_sees_an_import(
    upload: Upload, owner: User, member_admin: User, analyst: User, operator: User, stranger: User
) -> None:
    imported = upload()
    for user in (owner, member_admin):
        assert list(services.imports_of(user)) == [imported]
    for user in (analyst, operator, stranger):
        assert not services.imports_of(user).exists()


def test_it_goes_only_into_an_own_misp_with_a_key(
    upload: Upload, misp: Misp, make_misp: MakeMisp, stranger: User
) -> None:
    imported = upload()
    Import.objects.filter(pk=imported.pk).update(state=State.READY)
    foreign = make_misp(member=stranger.member)
    assert problem_of(lambda: services.publish(imported, foreign)) is Problem.MISP_NOT_OWN
    Misp.objects.filter(pk=misp.pk).update(sealed_key=b"")
    misp.refresh_from_db()
    assert problem_of(lambda: services.publish(imported, misp)) is Problem.MISP_NOT_OWN


def test_one_import_of_a_source_is_half_done_at_a_misp(upload: Upload, misp: Misp) -> None:
    first, second = upload(), upload()
    Import.objects.update(state=State.READY)
    Import.objects.filter(pk=first.pk).update(misp=misp, has_written=True)
    assert problem_of(lambda: services.publish(second, misp)) is Problem.IMPORT_HALF_DONE
    services.publish(first, misp)


def test_what_is_partly_written_goes_on_at_the_same_misp_and_is_not_discarded(
    upload: Upload, misp: Misp, make_misp: MakeMisp
) -> None:
    imported = upload()
    Import.objects.update(state=State.READY, misp=misp, has_written=True)
    other = make_misp()
    assert problem_of(lambda: services.publish(imported, other)) is Problem.IMPORT_ELSEWHERE
    assert problem_of(lambda: services.discard(imported, timezone.now())) is Problem.IMPORT_BUSY
    told = Told(source="S")
    assert problem_of(lambda: services.read_again(imported, told)) is Problem.IMPORT_BUSY


def test_what_was_never_written_cannot_be_undone(upload: Upload) -> None:
    imported = upload()
    Import.objects.update(state=State.READY)
    assert problem_of(lambda: services.undo(imported)) is Problem.IMPORT_BUSY


def test_discarding_deletes_the_file(upload: Upload, folder: Path) -> None:
    imported = upload()
    services.discard(imported, timezone.now())
    imported.refresh_from_db()
    assert imported.state == State.DISCARDED
    assert list(folder.iterdir()) == []


def test_a_member_has_room_for_so_many(upload: Upload, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST_WAITING", 2)
    upload()
    upload()
    assert problem_of(upload) is Problem.TOO_MANY_IMPORTS


@pytest.mark.parametrize(("words", "problem"), [
    ({"format": "exe"}, Problem.FORMAT_UNKNOWN), ({"zone": "Mars"}, Problem.ZONE_UNKNOWN),
    ({"tlp": "tlp:blue"}, Problem.TLP_UNKNOWN), ({"source": " \x00"}, Problem.SOURCE_INVALID),
    ({"source": "x" * 101}, Problem.SOURCE_INVALID),
    ({"columns": "value"}, Problem.COLUMNS_INVALID),
    ({"columns": "nonsense=a"}, Problem.COLUMNS_INVALID),
    ({"columns": "value=" + "x" * 201}, Problem.COLUMNS_INVALID),
    ({"columns": "tags=a\n" * 41}, Problem.COLUMNS_INVALID),
    ({"proxies": "nowhere"}, Problem.PROXIES_INVALID),
    ({"proxies": "10.0.0.1\n" * 41}, Problem.PROXIES_INVALID),
])  # fmt: skip
def test_what_is_said_of_an_upload_is_checked(words: dict[str, str], problem: Problem) -> None:
    assert problem_of(lambda: checked(Told(**({"source": "S"} | words)), NOW)) is problem


def test_what_is_said_is_kept_as_readers_understand_it() -> None:
    told = Told(source="S", columns=" value = IOC \n\ntags=a\ntags=2", proxies="10.0.0.0/8\n")
    options = checked(told, NOW)["options"]
    assert options["columns"] == [("value", "IOC"), ("tags", "a"), ("tags", "2")]
    assert options["proxies"] == ["10.0.0.0/8"]
    assert checked(Told(source="S", zone="Asia/Tokyo"), NOW)["options"]["date"] == "2026-11-24"


def test_every_format_has_a_name_for_people() -> None:
    assert set(registry) <= set(FORMATS)


def test_a_source_stands_on_one_line() -> None:
    assert checked(Told(source=" a\n\tb\u202e "), NOW)["source"] == "a b"


def test_every_state_and_fault_has_its_words() -> None:
    assert set(STATES) == set(State)
    assert set(FAULTS) == set(Fault)


def test_the_likely_misp_is_the_only_one_or_the_last_of_the_source(
    upload: Upload, misp: Misp, make_misp: MakeMisp, make_user: MakeUser
) -> None:
    assert services.likely_misp(upload()) == misp
    other = make_misp()
    assert services.likely_misp(upload()) is None
    before = upload()
    Import.objects.filter(pk=before.pk).update(
        state=State.PUBLISHED, misp=other, published_at=timezone.now()
    )
    assert services.likely_misp(upload()) == other
