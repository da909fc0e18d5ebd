"""Every address opens through a guard; what is not granted is not found."""

from collections.abc import Iterator

import pytest
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

from securegrid.portal.accounts.access import requires
from securegrid.portal.accounts.models import User
from securegrid.portal.accounts.roles import May

OPEN_TO_ALL = {
    "home",  # leads to the sign-in
    "theme",
    "language",
    "metrics",  # guards itself: this machine or a token
}
OWN_GUARD = ("allauth.", "ninja.", "securegrid.portal.api.")
"""Pages about signing in are allauth's own; the API asks for its token."""


def _views(
    patterns: list[URLPattern | URLResolver], prefix: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _views(pattern.url_patterns, address)
        else:
            yield address, pattern


ALL = list(_views(get_resolver().url_patterns))


@pytest.mark.parametrize(("address", "pattern"), ALL, ids=[address for address, _ in ALL])
def test_every_address_has_a_guard(address: str, pattern: URLPattern) -> None:
    module = pattern.callback.__module__
    guarded = getattr(pattern.callback, "access", None)
    assert guarded or pattern.name in OPEN_TO_ALL or module.startswith(OWN_GUARD), module


@requires(May.MANAGE_MEMBERS)
def _page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("inside")


def test_whoever_is_granted_it_comes_in(operator: User) -> None:
    request = RequestFactory().get("/")
    request.user = operator
    assert _page(request).content == b"inside"


def test_nothing_listed_means_nobody(operator: User) -> None:
    request = RequestFactory().get("/")
    request.user = operator
    with pytest.raises(Http404):
        requires()(lambda request: HttpResponse())(request)


@pytest.mark.parametrize("address", ["/members/", "/alliance/"])
def test_forbidden_looks_like_absent(owner: User, address: str) -> None:
    client = Client()
    client.force_login(owner)
    forbidden, absent = client.get(address), client.get("/nothing-like-this/")
    assert forbidden.status_code == absent.status_code == 404
    assert _without_tokens(forbidden) == _without_tokens(absent)


def _without_tokens(answer: HttpResponse) -> list[str]:
    lines = answer.content.decode().splitlines()
    return [line for line in lines if "csrf" not in line.lower() and 'name="next"' not in line]


@pytest.mark.parametrize(
    "address",
    [
        "/accounts/signup/",
        "/accounts/email/",
        "/accounts/confirm-email/",
        "/accounts/confirm-email/abc/",
        "/accounts/password/reset/done/",
        "/accounts/password/reset/key/1-abc/",
        "/accounts/login/code/confirm/",
    ],
)
def test_what_this_portal_does_not_offer_is_absent(owner: User, address: str) -> None:
    client = Client()
    assert client.get(address).status_code == 404
    client.force_login(owner)
    assert client.get(address).status_code == 404
    assert client.post(address).status_code == 404
