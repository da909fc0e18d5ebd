"""API tokens over the API: list, make, revoke."""

from datetime import timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router, Status

from securegrid.portal.accounts import services as accounts
from securegrid.portal.accounts.models import ApiToken, User
from securegrid.portal.accounts.roles import May, Scope
from securegrid.portal.alliance.scope import people_seen_by
from securegrid.portal.api.answers import answers
from securegrid.portal.api.auth import caller
from securegrid.portal.api.errors import ApiError, Code
from securegrid.portal.api.finding import by_id
from securegrid.portal.api.people_schemas import TokenIn, TokenMade, TokenOut, TokensOut
from securegrid.portal.api.wire import text
from securegrid.portal.refusals import Problem, Refused

router = Router(tags=["tokens"])


@router.get("/tokens", response=answers({200: TokensOut}), summary="Tokens")
def tokens(request: HttpRequest) -> TokensOut:
    """The caller's own tokens; with the scope ``admin`` also those of the people it manages."""
    seen = _seen_by(caller(request)).order_by("-created_at")
    return TokensOut(tokens=[_token(token) for token in seen])


@router.post("/tokens", response=answers({201: TokenMade}), summary="Make a token")
def make_token(request: HttpRequest, given: TokenIn) -> Status[TokenMade]:
    """A new token of the caller, told once. It needs, and can give, the caller's own scopes."""
    token = caller(request)
    own = frozenset(token.scopes)
    # A stolen token of less scope must not be able to outlive its own end.
    if Scope.ADMIN not in own or not own.issuperset(given.scopes):
        raise ApiError(Code.FORBIDDEN)
    if abs(given.days) > 10_000:
        raise Refused(Problem.LIFETIME_INVALID, "days")
    scopes = [Scope(scope) for scope in given.scopes]
    lifetime = timedelta(days=given.days)
    raw, made = accounts.issue_token(token.user, text(given.name), scopes, lifetime, timezone.now())
    return Status(201, TokenMade(**_token(made).model_dump(), token=raw))


@router.delete("/tokens/{token_id}", response=answers({204: None}), summary="Revoke a token")
def revoke_token(request: HttpRequest, token_id: UUID) -> HttpResponse:
    """End a token now: an own one, or one of a person that the caller manages."""
    token = caller(request)
    target = by_id(_seen_by(token), token_id)
    if target.user_id != token.user_id and not accounts.may_manage(token.user, target.user):
        raise ApiError(Code.NOT_FOUND)
    accounts.revoke_token(target, timezone.now())
    return HttpResponse(status=204)


def _seen_by(token: ApiToken) -> QuerySet[ApiToken]:
    seen = Q(user=token.user)
    if token.may(May.MANAGE_OWN_USERS) or token.may(May.MANAGE_ANY_USERS):
        seen |= Q(user__in=people_seen_by(token.user).values("pk"))
    return ApiToken.objects.filter(seen).select_related("user__member")


def _token(token: ApiToken) -> TokenOut:
    owner: User = token.user
    return TokenOut(
        id=str(token.public_id),
        name=token.name,
        user=owner.email,
        hint=token.hint,
        scopes=token.scopes,
        created_at=token.created_at,
        expires_at=token.expires_at,
        last_used_at=token.last_used_at,
        revoked_at=token.revoked_at,
    )
