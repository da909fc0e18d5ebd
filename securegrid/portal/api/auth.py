"""Who calls: a bearer token and nothing else, so that no browser calls without knowing."""

from asgiref.sync import sync_to_async
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from securegrid.portal.accounts import services as accounts
from securegrid.portal.accounts.models import ApiToken, User
from securegrid.portal.accounts.roles import May
from securegrid.portal.alliance.models import Member
from securegrid.portal.api.errors import ApiError, Code


class Token(HttpBearer):
    """``Authorization: Bearer sg_…``; expired, revoked and suspended tokens are unknown alike."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        """The living token."""
        return accounts.token_user(token, timezone.now())


class AsyncToken(HttpBearer):
    """The same for asynchronous operations."""

    async def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        """The living token."""
        return await sync_to_async(accounts.token_user)(token, timezone.now())


def caller(request: HttpRequest, *any_of: May) -> ApiToken:
    """The token of the caller, when scopes and roles grant one of these. Raises ApiError."""
    token: ApiToken = request.auth  # type: ignore[attr-defined]
    if any_of and not any(token.may(permission) for permission in any_of):
        raise ApiError(Code.FORBIDDEN)
    return token


def member_of(user: User) -> Member:
    """The caller's member. Raises ApiError for a person outside all members."""
    if user.member is None:
        raise ApiError(Code.FORBIDDEN)
    return user.member
