"""People and programs: users, the roles granted to them, and API tokens."""

import uuid
from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.crypto import salted_hmac

from securegrid.portal.accounts.managers import UserManager
from securegrid.portal.accounts.roles import May, Role, permissions, scope_permissions
from securegrid.portal.accounts.roles import Scope as Scope  # part of ApiToken's own words


class User(AbstractUser):
    """A person. ``member`` is empty only for an operator outside all members."""

    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=150, blank=True)
    member = models.ForeignKey(
        "alliance.Member", null=True, blank=True, on_delete=models.PROTECT, related_name="users"
    )

    session_epoch = models.PositiveIntegerField(default=0)
    """Counts up to end every session and unused link of this person at once."""

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.email

    @property
    def roles(self) -> frozenset[Role]:
        """The roles granted to this person (one query, unless prefetched)."""
        return frozenset(Role(grant.role) for grant in self.grants.all())

    @property
    def is_suspended(self) -> bool:
        """Whether the person or the person's member is suspended: then nothing is permitted."""
        return not self.is_active or (
            self.member is not None and self.member.suspended_at is not None
        )

    def may(self, permission: May) -> bool:
        """Whether the table grants it; a suspended person or member may nothing."""
        return not self.is_suspended and permission in permissions(self.roles)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        # A session lives as long as this hash: until the password or the epoch changes.
        text = f"{self.password}:{self.session_epoch}"
        salt = "securegrid.portal.accounts.session"
        return salted_hmac(salt, text, secret=secret, algorithm="sha256").hexdigest()


class RoleGrant(models.Model):
    """One role of one person."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=16, choices=[(r.value, r.value) for r in Role])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "role"], name="one_grant_per_user_and_role")
        ]

    def __str__(self) -> str:
        return f"{self.user_id}:{self.role}"


class ApiToken(models.Model):
    """A program's key. Only its SHA-256 is kept (256 random bits need no slow hash)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=12)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"

    def may(self, permission: May) -> bool:
        """Whether both the token's scopes and its person's roles permit it."""
        scopes = frozenset(Scope(scope) for scope in self.scopes)
        return permission in scope_permissions(scopes) and self.user.may(permission)
