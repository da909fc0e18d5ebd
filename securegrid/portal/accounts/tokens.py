"""API tokens: made once, kept as hashes, with scopes and an end date."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q

from securegrid.portal.accounts.models import ApiToken, User
from securegrid.portal.accounts.names import checked_name
from securegrid.portal.accounts.roles import Scope
from securegrid.portal.refusals import Problem, Refused

PREFIX = "sg_"
LONGEST_LIFETIME = timedelta(days=366)
SHORTEST_LIFETIME = timedelta(days=1)
USE_NOTED_EVERY = timedelta(minutes=1)
"""A busy token is not written to the database on each request."""


def issue_token(
    user: User, name: str, scopes: Iterable[Scope], lifetime: timedelta, now: datetime
) -> tuple[str, ApiToken]:
    """A new token: its text (``sg_`` and 43 characters), shown only now, and its row.

    ``lifetime``: 1 to 366 days. Raises ``Refused``.
    """
    granted = _checked_scopes(scopes)
    if not SHORTEST_LIFETIME <= lifetime <= LONGEST_LIFETIME:
        raise Refused(Problem.LIFETIME_INVALID, "days")
    raw = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=checked_name(name, longest=100),
        digest=_digest(raw),
        hint=raw[:7],
        scopes=granted,
        created_at=now,
        expires_at=now + lifetime,
    )
    return raw, token


def token_user(raw: str, now: datetime) -> ApiToken | None:
    """The living token behind ``raw`` (its ``user`` loaded with member and roles), else None.

    Unknown, revoked, expired and suspended cannot be told apart.
    """
    if not raw.startswith(PREFIX) or len(raw) > 100:
        return None
    tokens = ApiToken.objects.select_related("user__member").prefetch_related("user__grants")
    living = tokens.filter(digest=_digest(raw), revoked_at=None, expires_at__gt=now)
    token = living.first()
    if token is None or token.user.is_suspended:
        return None
    _note_use(token, now)
    return token


def revoke_token(token: ApiToken, now: datetime) -> None:
    """End ``token`` now; ending it twice keeps the first moment."""
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now)
    token.refresh_from_db()


def _digest(raw: str) -> str:
    return hashlib.sha256(raw.encode()).hexdigest()


def _checked_scopes(scopes: Iterable[Scope]) -> list[str]:
    try:
        granted = sorted({Scope(scope).value for scope in scopes})
    except ValueError:
        granted = []
    if not granted:
        raise Refused(Problem.SCOPES_INVALID, "scopes")
    return granted


def _note_use(token: ApiToken, now: datetime) -> None:
    # Asked here first: even an UPDATE that changes nothing waits for SQLite's one writer.
    if token.last_used_at is not None and token.last_used_at >= now - USE_NOTED_EVERY:
        return
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_NOTED_EVERY)
    ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)
