"""Who may open a page: one decorator, by the table of roles; what is not granted is not found."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse

from securegrid.portal.accounts.models import User
from securegrid.portal.accounts.roles import May

View = Callable[..., HttpResponse]


def requires(*any_of: May) -> Callable[[View], View]:
    """Open a view to people to whom at least one of these permissions is granted.

    The anonymous are led to the sign-in; everybody else gets the same 404 as for an
    absent page. Which rows a person may see is up to the view.
    """
    return _guard(lambda user: any(user.may(permission) for permission in any_of), any_of)


def signed_in(view: View) -> View:
    """Open a view to everybody who is signed in: pages about one's own account."""
    return _guard(lambda user: True, ())(view)


def public(view: View) -> View:
    """Open a view to the whole world; said explicitly, so that a test finds what is not."""
    view.access = "public"  # type: ignore[attr-defined]
    return view


def person(request: HttpRequest) -> User:
    """The signed-in person; a stranger is not found."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def _guard(allowed: Callable[[User], bool], listed: tuple[May, ...]) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not allowed(person(request)):
                raise Http404
            return view(request, *args, **kwargs)

        guarded.access = listed or "signed_in"  # type: ignore[attr-defined]
        return guarded

    return decorate
