"""The pages of imports, used by owner, colleague, operator and stranger."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from securegrid.misp.failures import Case, failure
from securegrid.portal.accounts.models import User
from securegrid.portal.alliance.models import Misp
from securegrid.portal.imports import files, sealed, services
from securegrid.portal.imports.models import Import, State
from securegrid.portal.imports.preview import BadExample, BadPreview, Preview
from securegrid.portal.imports.records import Fault, Progress, Reading
from tests.unit.portal.alliance.test_misp_pages import signed_in
from tests.unit.portal.imports.conftest import Upload, fresh

pytestmark = pytest.mark.django_db

FORM = {"format": "honeypot", "source": "IPAlert", "zone": "Asia/Tokyo", "tlp": "tlp:green"}
SECRET = "secretKey0123456789abcdefghijklmnopqrstu"


def address(imported: Import, end: str = "") -> str:
    return f"/imports/{imported.public_id}/{end}"


def read(imported: Import, fault: Fault | None = None, errors: int = 0) -> Import:
    """As if a worker had read it."""
    bad = BadPreview("not_the_format", 1, (BadExample(3, "<b>broken</b>"),))
    told = Reading(fault, "honeypot", 10, 1, 2, 1, 5, errors, 0, Preview((), (), (bad,)))
    claim = services.claim(imported, timezone.now())
    assert claim is not None
    services.finish_reading(claim, timezone.now(), told)
    return fresh(imported)


def test_a_file_is_uploaded_on_the_page(owner: User, folder: Path) -> None:
    file = SimpleUploadedFile("C:\\logs\\sensor.csv", b"content", "text/csv")
    answer = signed_in(owner).post("/imports/new", FORM | {"file": file})
    imported = Import.objects.get()
    assert answer.headers["Location"] == address(imported)
    assert files.upload_of(imported.public_id).read_bytes() == b"content"
    assert sealed.name_of(imported) == "sensor.csv"
    assert (imported.options["zone"], imported.options["tlp"]) == ("Asia/Tokyo", "tlp:green")
    assert (imported.person, imported.member) == (owner, owner.member)


@pytest.mark.parametrize(("changes", "field"), [
    ({"file": SimpleUploadedFile("a", b"")}, "file"), ({}, "file"),
    ({"file": SimpleUploadedFile("a", b"x"), "zone": "Mars"}, "zone"),
    ({"file": SimpleUploadedFile("a", b"x"), "format": "exe"}, "format"),
    ({"file": SimpleUploadedFile("a", b"x"), "columns": "?"}, "columns"),
])  # fmt: skip
def test_what_is_wrong_is_said_beside_its_field(
    owner: User, folder: Path, changes: dict[str, object], field: str
) -> None:
    answer = signed_in(owner).post("/imports/new", FORM | changes)
    assert answer.status_code == 422
    assert field in answer.context["page"].form.errors
    assert not Import.objects.exists()


def test_the_history_is_the_members_own(owner: User, stranger: User, upload: Upload) -> None:
    upload(name="ours.log")
    assert "ours.log" in signed_in(owner).get("/imports/").content.decode()
    assert "ours.log" not in signed_in(stranger).get("/imports/").content.decode()


def test_colleague_operator_and_stranger_find_nothing(
    analyst: User, operator: User, stranger: User, upload: Upload, misp: Misp
) -> None:
    imported = read(upload())
    for user in (analyst, operator, stranger):
        client = signed_in(user)
        assert client.get(address(imported)).status_code == 404
        for end in ("publish", "undo", "again", "stop", "discard"):
            given = {"misp": str(misp.public_id)} | FORM
            assert client.post(address(imported, end), given).status_code == 404
    assert fresh(imported).state == State.READY


def test_a_preview_shows_what_was_understood_and_escapes_it(owner: User, upload: Upload) -> None:
    text = signed_in(owner).get(address(read(upload(name="<i>x</i>")))).content.decode()
    assert "&lt;b&gt;broken" in text
    assert "&lt;i&gt;x" not in text, "the name is what stands behind the last slash"
    assert "<b>broken" not in text


def test_an_import_is_published_to_an_own_misp_only(
    owner: User, upload: Upload, misp: Misp, stranger: User, make_misp: object
) -> None:
    imported = read(upload(), errors=1)
    foreign = make_misp(member=stranger.member)  # type: ignore[operator]
    client = signed_in(owner)
    refused = client.post(address(imported, "publish"), {"misp": str(foreign.public_id)})
    assert refused.status_code == 422
    assert fresh(imported).state == State.READY
    client.post(address(imported, "publish"), {"misp": str(misp.public_id), "key": SECRET})
    begun = fresh(imported)
    assert (begun.state, begun.misp, begun.is_forced) == (State.PUBLISHING, misp, False)
    assert sealed.key_of(begun) == SECRET
    assert SECRET not in client.get(address(imported)).content.decode()


def test_a_wrong_key_is_refused_without_being_shown(
    owner: User, upload: Upload, misp: Misp
) -> None:
    imported = read(upload())
    given = {"misp": str(misp.public_id), "key": "not a key!"}
    answer = signed_in(owner).post(address(imported, "publish"), given)
    assert answer.status_code == 422
    assert "not a key!" not in answer.content.decode()


def test_without_a_misp_the_page_leads_to_connecting_one(owner: User, upload: Upload) -> None:
    page = signed_in(owner).get(address(read(upload())))
    assert "/misps/connect" in page.content.decode()


def test_work_at_hand_is_shown_and_the_page_follows_it(owner: User, upload: Upload) -> None:
    imported = upload()
    claim = services.claim(imported, timezone.now())
    assert claim is not None
    services.note(claim, timezone.now(), Progress(30, 40))
    answer = signed_in(owner).get(address(imported))
    assert (answer.context["page"].work.done, answer.context["page"].work.total) == (30, 40)
    assert 'hx-trigger="every 1s"' in answer.content.decode()


def test_who_follows_the_work_gets_the_whole_page_when_it_has_ended(
    owner: User, upload: Upload
) -> None:
    imported, client = upload(), signed_in(owner)
    following = {"HX-Request": "true"}
    assert "HX-Refresh" not in client.get(address(imported), headers=following).headers
    read(imported)
    assert client.get(address(imported), headers=following).headers["HX-Refresh"] == "true"


def test_known_sources_are_offered(owner: User, folder: Path) -> None:
    text = signed_in(owner).get("/imports/new").content.decode()
    assert '<option value="docodoco.jp">' in text


def test_a_failure_is_said_in_the_readers_language(owner: User, upload: Upload, misp: Misp) -> None:
    imported = read(upload())
    services.publish(imported, misp)
    claim = services.claim(fresh(imported), timezone.now())
    assert claim is not None
    services.fail(claim, timezone.now(), failure(Case.BAD_KEY))
    page = signed_in(owner).get(address(imported), headers={"accept-language": "ja"})
    assert page.context["page"].error
    assert "認証キー" in page.content.decode()


def test_a_file_is_read_again_as_something_else(owner: User, upload: Upload) -> None:
    imported = read(upload(), Fault.NOTHING_UNDERSTOOD)
    given = {f"again-{name}": text for name, text in (FORM | {"format": "auto"}).items()}
    signed_in(owner).post(address(imported, "again"), given)
    again = fresh(imported)
    assert (again.state, again.format, again.last_error) == (State.READING, "auto", "")


def test_an_undo_is_asked_for_and_stopped(owner: User, upload: Upload, misp: Misp) -> None:
    imported = upload()
    Import.objects.update(
        state=State.PUBLISHED, misp=misp, has_written=True, published_at=timezone.now()
    )
    client = signed_in(owner)
    client.post(address(imported, "undo"), {"undo-key": SECRET})
    assert fresh(imported).state == State.UNDOING
    client.post(address(imported, "stop"))
    stopped = fresh(imported)
    assert (stopped.state, bytes(stopped.sealed_key)) == (State.PUBLISHED, b"")


def test_discarding_on_the_page(owner: User, upload: Upload, folder: Path) -> None:
    imported = read(upload())
    answer = signed_in(owner).post(address(imported, "discard"), follow=True)
    assert answer.status_code == 200
    assert fresh(imported).state == State.DISCARDED
    assert list(folder.iterdir()) == []


def test_the_anonymous_sign_in(upload: Upload) -> None:
    imported = upload()
    for path in ("/imports/", "/imports/new", address(imported)):
        assert Client().get(path).headers["Location"].startswith("/accounts/login/")
