"""How allauth is bent to the alliance: by invitation only, nobody suspended, secrets sealed."""

import base64
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.stagekit import clear_login
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from securegrid.portal.accounts.models import User
from securegrid.portal.sealing import Sealer, seal, unseal

MFA_CONTEXT = "mfa:secret"


class AllianceBackend(AuthenticationBackend):  # type: ignore[misc]
    """Knows a session's person on every request, and forgets whoever is suspended."""

    def user_can_authenticate(self, user: AbstractBaseUser | None) -> bool:
        """Whether neither the person nor the member is suspended."""
        return isinstance(user, User) and not user.is_suspended

    def get_user(self, user_id: int) -> User | None:
        """The person of a session, with member and roles; None ends the session."""
        people = User.objects.select_related("member").prefetch_related("grants")
        user = people.filter(pk=user_id).first()
        return user if self.user_can_authenticate(user) else None


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """No open sign-up, no mail, and no way in for the suspended, by whatever factor."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are made by invitation only."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """No mail server is assumed: links are shown to the inviter instead."""

    def pre_login(
        self, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any
    ) -> HttpResponse | None:
        """Stop the suspended here too: a passkey does not pass through the backend."""
        if isinstance(user, User) and user.is_suspended:
            clear_login(request)  # as allauth itself does for the inactive
            return redirect("account_inactive")
        answer: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return answer


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Keeps TOTP secrets and recovery seeds sealed."""

    def encrypt(self, text: str) -> str:
        """Sealed, in base64."""
        return base64.b64encode(seal(text.encode(), MFA_CONTEXT)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The secret; raises ``SealError``."""
        return unseal(base64.b64decode(encrypted_text), MFA_CONTEXT).decode()


def reseal_authenticators(sealer: Sealer) -> int:
    """Seal second factors anew under the current master key; rows changed."""
    with transaction.atomic():
        rows = Authenticator.objects.select_for_update().exclude(type=Authenticator.Type.WEBAUTHN)
        return sum(_reseal_authenticator(row, sealer) for row in rows)


def _reseal_authenticator(row: Authenticator, sealer: Sealer) -> int:
    old = row.data
    row.data = {name: _resealed(part, sealer) for name, part in old.items()}
    if row.data == old:
        return 0
    row.save(update_fields=["data"])
    return 1


def _resealed(part: object, sealer: Sealer) -> object:
    """``part`` of an authenticator's data; only its sealed texts change."""
    if isinstance(part, list):
        return [_resealed(piece, sealer) for piece in part]
    if not isinstance(part, str):
        return part
    sealed = base64.b64decode(part)
    if sealer.is_current(sealed, MFA_CONTEXT):
        return part
    plain = sealer.unseal(sealed, MFA_CONTEXT)
    return base64.b64encode(sealer.seal(plain, MFA_CONTEXT)).decode()
