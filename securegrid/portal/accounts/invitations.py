"""Invitations without mail: a signed link, shown once to the inviter, that sets a password."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from securegrid.portal.accounts.models import User
from securegrid.portal.accounts.roles import Role
from securegrid.portal.accounts.services import (
    Organisation,
    change_password,
    create_user,
    sign_out_everywhere,
)
from securegrid.portal.refusals import Problem, Refused

LIFETIME = timedelta(days=7)
_SALT = "securegrid.portal.accounts.invitation"


@dataclass(frozen=True, slots=True)
class Invitation:
    """``token`` goes into the address of the page named ``set_password``."""

    user: User
    token: str
    expires_at: datetime

    def __repr__(self) -> str:
        return f"Invitation({self.user.public_id}, until {self.expires_at:%Y-%m-%d})"


def invite(
    email: str,
    name: str,
    member: Organisation | None,
    roles: Iterable[Role],
    now: datetime,
) -> Invitation:
    """Make an account that nobody can use yet, and the link that opens it. Raises ``Refused``."""
    return _invitation(create_user(email, None, name, member, roles), now)


def invite_again(user: User, now: datetime) -> Invitation:
    """A fresh link for ``user`` (also for a lost password).

    Earlier links and all sessions end at once; the old password works until the link is used.
    """
    sign_out_everywhere(user)
    return _invitation(user, now)


def invited(token: str, now: datetime) -> User | None:
    """The person whom ``token`` may set a password for, or None when the link is dead."""
    try:
        claim: dict[str, Any] = Signer(salt=_SALT).unsign_object(token)
    except (BadSignature, ValueError):
        return None
    user = User.objects.filter(public_id=claim["user"]).select_related("member").first()
    alive = now.timestamp() < claim["until"]
    if user is None or user.is_suspended or not alive:
        return None
    return user if constant_time_compare(claim["state"], _state(user)) else None


def accept(token: str, password: str, now: datetime) -> User:
    """Set the password; the link dies with its first use. Raises ``Refused``."""
    with transaction.atomic():
        user = invited(token, now)
        # Locked and looked at again: of two uses at the same moment only one may win.
        if user is not None:
            User.objects.select_for_update().get(pk=user.pk)
            user = invited(token, now)
        if user is None:
            raise Refused(Problem.LINK_DEAD, "token")
        change_password(user, password)
    return user


def _invitation(user: User, now: datetime) -> Invitation:
    until = now + LIFETIME
    claim = {"user": str(user.public_id), "state": _state(user), "until": until.timestamp()}
    return Invitation(user, Signer(salt=_SALT).sign_object(claim), until)


def _state(user: User) -> str:
    """Changes whenever a password is set or the sessions are ended, which kills older links."""
    return salted_hmac(_SALT, f"{user.password}:{user.session_epoch}").hexdigest()[:32]
