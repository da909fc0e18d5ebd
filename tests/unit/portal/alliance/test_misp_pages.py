"""Pages about MISPs, tried by owner, colleague, operator, stranger and nobody."""

from http import HTTPStatus

import pytest
from django.test import Client

from securegrid.federation.breaker import Rest
from securegrid.misp.failures import Reason
from securegrid.portal.accounts.models import User
from securegrid.portal.alliance import services
from securegrid.portal.alliance.models import Member, Misp
from securegrid.portal.alliance.words import Standing
from tests.conftest import KEY, MakeMisp
from tests.unit.portal.alliance.test_checks import ONE, certificate, private

OTHER_KEY = "anotherKeyOfTheTests456789abcdefghijKLMN"
FORM = {
    "name": "NEW-MISP",
    "url": "https://new.misp.example.org",
    "key": OTHER_KEY,
    "tls": "verify",
    "mode": "live",
    "visibility": "count",
    "published_only": "on",
    "left_out_tags": "tlp:red\n\ninternal",
    "left_out_types": "comment",
    "concurrency": "3",
    "pause_ms": "50",
}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def addresses(misp: Misp) -> list[tuple[str, str]]:
    """Every address about one MISP, with the method that it takes."""
    base = f"/misps/{misp.public_id}/"
    posts = [("post", base + end) for end in ("test", "switch", "disconnect")]
    return [("get", base), ("get", base + "edit"), ("post", base + "edit"), *posts]


def test_an_owner_sees_the_own_ones_only(owner: User, misp: Misp, stranger: User) -> None:
    assert misp.name in signed_in(owner).get("/misps/").content.decode()
    assert misp.name not in signed_in(stranger).get("/misps/").content.decode()


def test_an_operator_sees_all_with_their_members(operator: User, misp: Misp) -> None:
    page = signed_in(operator).get("/misps/").context["page"]
    assert [(row.name, row.member) for row in page.misps] == [(misp.name, misp.member.name)]
    assert page.shows_members


def test_strangers_and_analysts_find_nothing(misp: Misp, stranger: User, analyst: User) -> None:
    for user in (stranger, analyst):
        for method, address in addresses(misp):
            assert getattr(signed_in(user), method)(address).status_code == 404, address
    misp.refresh_from_db()
    assert misp.enabled
    assert misp.sealed_key


def test_the_anonymous_are_led_to_the_sign_in(misp: Misp) -> None:
    for method, address in [("get", "/misps/"), ("get", "/misps/connect"), *addresses(misp)]:
        answer = getattr(Client(), method)(address)
        assert answer.status_code == HTTPStatus.FOUND
        assert answer.headers["Location"].startswith("/accounts/login/")


def test_analysts_may_not_connect(analyst: User) -> None:
    assert signed_in(analyst).get("/misps/connect").status_code == 404
    assert signed_in(analyst).post("/misps/connect", FORM).status_code == 404
    assert not Misp.objects.exists()


def test_changes_need_post(owner: User, misp: Misp) -> None:
    for end in ("test", "switch", "disconnect"):
        assert signed_in(owner).get(f"/misps/{misp.public_id}/{end}").status_code == 405


def test_an_owner_connects_a_misp_of_the_own_member(owner: User, stranger: User) -> None:
    other = stranger.member
    assert other is not None
    given = FORM | {"member": str(other.public_id)}
    answer = signed_in(owner).post("/misps/connect", given)
    made = Misp.objects.get()
    assert answer.headers["Location"] == f"/misps/{made.public_id}/"
    assert made.member == owner.member
    assert services.connection_of(made).key == OTHER_KEY
    assert (made.visibility, made.published_only) == ("count", True)
    assert (made.left_out_tags, made.left_out_types) == (["internal", "tlp:red"], ["comment"])
    assert (made.concurrency, made.pause_ms) == (3, 50)


def test_an_operator_chooses_the_member(operator: User, member: Member, stranger: User) -> None:
    client = signed_in(operator)
    assert client.post("/misps/connect", FORM).status_code == 422
    assert client.post("/misps/connect", FORM | {"member": "nobody"}).status_code == 422
    client.post("/misps/connect", FORM | {"member": str(member.public_id)})
    assert Misp.objects.get().member == member


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("key", "too short"),
        ("url", "ftp://misp.example.org"),
        ("url", "https://user:secret@misp.example.org"),
        ("url", "https://169.254.169.254"),
        ("name", "two\nlines"),
        ("tls", "whatever"),
        ("visibility", "all"),
        ("concurrency", "9"),
        ("pause_ms", "10001"),
        ("left_out_tags", "!red"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(owner: User, field: str, wrong: str) -> None:
    answer = signed_in(owner).post("/misps/connect", FORM | {field: wrong})
    assert answer.status_code == 422
    assert field in answer.context["page"].form.errors
    assert not Misp.objects.exists()


def test_an_own_ca_is_needed_and_kept(owner: User) -> None:
    client = signed_in(owner)
    answer = client.post("/misps/connect", FORM | {"tls": "own_ca"})
    assert answer.context["page"].form.errors.keys() == {"ca_pem"}
    client.post("/misps/connect", FORM | {"tls": "own_ca", "ca_pem": certificate(ONE)})
    assert "BEGIN CERTIFICATE" in Misp.objects.get().ca_pem


def test_a_refusal_is_said_in_japanese(owner: User) -> None:
    client = signed_in(owner)
    client.cookies["django_language"] = "ja"
    answer = client.post("/misps/connect", FORM | {"key": "too short"})
    assert "認証キーは40文字の英数字です" in answer.content.decode()


def test_secrets_never_come_back(owner: User, make_misp: MakeMisp) -> None:
    pem = certificate(ONE) + private(ONE)
    misp = make_misp(client_pem=pem)
    client = signed_in(owner)
    wrong = FORM | {"name": "", "key": OTHER_KEY, "client_pem": pem}
    pages = [
        client.get(f"/misps/{misp.public_id}/"),
        client.get(f"/misps/{misp.public_id}/edit"),
        client.post(f"/misps/{misp.public_id}/edit", wrong),
        client.post("/misps/connect", wrong),
    ]
    for page in pages:
        text = page.content.decode()
        assert KEY not in text
        assert OTHER_KEY not in text
        assert "PRIVATE KEY" not in text


def edited(client: Client, misp: Misp, **changes: str) -> int:
    """Send the edit page back with some fields changed."""
    form = client.get(f"/misps/{misp.public_id}/edit").context["page"].form
    given = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    given = {name: value for name, value in given.items() if value is not False}
    answer = client.post(f"/misps/{misp.public_id}/edit", given | changes)
    misp.refresh_from_db()
    return answer.status_code


def test_an_edit_keeps_what_is_left_alone(owner: User, misp: Misp) -> None:
    assert edited(signed_in(owner), misp, visibility="exists") == 302
    assert misp.visibility == "exists"
    assert services.connection_of(misp).key == KEY


def test_an_unchanged_edit_does_not_wake_a_resting_misp(owner: User, misp: Misp) -> None:
    services.store_rest(misp, Rest(3, None, Reason.TIMED_OUT))
    assert edited(signed_in(owner), misp) == 302
    assert misp.failures_in_a_row == 3


def test_a_new_key_replaces_the_old(owner: User, misp: Misp) -> None:
    assert edited(signed_in(owner), misp, key=OTHER_KEY) == 302
    assert services.connection_of(misp).key == OTHER_KEY


def test_another_address_needs_the_key_again(owner: User, misp: Misp) -> None:
    client = signed_in(owner)
    assert edited(client, misp, url="https://evil.example.org") == 422
    assert misp.url != "https://evil.example.org"
    assert edited(client, misp, url="https://other.example.org", key=OTHER_KEY) == 302
    assert misp.url == "https://other.example.org"


def test_a_client_certificate_can_be_forgotten(owner: User, make_misp: MakeMisp) -> None:
    misp = make_misp(client_pem=certificate(ONE) + private(ONE))
    assert edited(signed_in(owner), misp, visibility="exists") == 302
    assert misp.sealed_client_pem
    assert edited(signed_in(owner), misp, forget_client_pem="on") == 302
    assert not misp.sealed_client_pem


def test_switching_off_and_on(owner: User, misp: Misp) -> None:
    client, address = signed_in(owner), f"/misps/{misp.public_id}/switch"
    client.post(address, {"enabled": "no"})
    misp.refresh_from_db()
    assert not misp.enabled
    client.post(address, {"enabled": "yes"})
    misp.refresh_from_db()
    assert misp.enabled


def test_disconnecting_forgets_the_key_and_says_so(owner: User, misp: Misp) -> None:
    client = signed_in(owner)
    client.post(f"/misps/{misp.public_id}/disconnect")
    page = client.get(f"/misps/{misp.public_id}/")
    assert page.context["page"].state.standing is Standing.NO_KEY
    client.post(f"/misps/{misp.public_id}/switch", {"enabled": "yes"})
    misp.refresh_from_db()
    assert not misp.enabled
    assert "auth key" in client.get(f"/misps/{misp.public_id}/").content.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_test_that_fails_says_why_and_what_to_do(
    owner: User, make_misp: MakeMisp, language: str
) -> None:
    misp = make_misp(url="http://127.0.0.1:9")
    client = signed_in(owner)
    client.cookies["django_language"] = language
    result = client.post(f"/misps/{misp.public_id}/test").context["page"].result
    words = {"en": "the MISP could not be reached", "ja": "MISPに接続できませんでした"}
    assert result.failure == words[language]
    assert result.advice


@pytest.mark.django_db(transaction=True)
def test_a_test_without_a_key_says_so(owner: User, misp: Misp) -> None:
    services.disconnect(misp)
    result = signed_in(owner).post(f"/misps/{misp.public_id}/test").context["page"].result
    assert "no auth key" in result.failure
