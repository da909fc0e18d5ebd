"""Error pages: general words in the user's language, never a detail."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import path

from securegrid.portal import urls as real
from securegrid.portal.accounts.models import User
from securegrid.portal.ui import views

SECRET = "evil.example and a key"


def _broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError(SECRET)


urlpatterns = [*real.urlpatterns, path("broken", _broken)]
handler400, handler403 = real.handler400, real.handler403
handler404, handler500 = real.handler404, real.handler500


@pytest.mark.parametrize(
    ("language", "words"), [("en", "There is nothing here"), ("ja", "ページが見つかりません")]
)
def test_an_absent_page_says_so(db: None, language: str, words: str) -> None:
    answer = Client().get("/nothing", headers={"Accept-Language": language})
    assert answer.status_code == 404
    assert words in answer.content.decode()


def test_an_absent_address_is_not_repeated(db: None) -> None:
    page = Client().get("/nothing-<b>here").content.decode()
    assert "nothing-<b>here" not in page


@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_broken_page_tells_nothing(db: None, language: str) -> None:
    client = Client(raise_request_exception=False, headers={"Accept-Language": language})
    answer = client.get("/broken")
    assert answer.status_code == 500
    assert SECRET not in answer.content.decode()
    assert "Content-Security-Policy" in answer.headers


def test_the_page_for_a_broken_page_needs_no_database() -> None:
    """Without the ``db`` fixture any query would fail the test."""
    assert views.server_error(RequestFactory().get("/")).status_code == 500


def test_a_form_without_its_token_is_refused_in_words(operator: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(operator)
    answer = client.post("/members/", {"name": "X"})
    assert answer.status_code == 403
    assert "nothing was changed" in answer.content.decode()


def test_a_request_that_cannot_be_read_is_refused_in_words(db: None) -> None:
    answer = views.bad_request(_with_session(RequestFactory().get("/")))
    assert answer.status_code == 400
    assert "could not be read" in answer.content.decode()


def _with_session(request: HttpRequest) -> HttpRequest:
    request.COOKIES = {}
    return request
