"""People and programs: users, the roles granted to them, and API tokens."""

import uuid
from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models

from securegrid.portal.accounts.managers import UserManager
from securegrid.portal.accounts.roles import May, Role, permissions


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

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.email

    @property
    def roles(self) -> frozenset[Role]:
        """The roles granted to this person (one query, unless prefetched)."""
        return frozenset(Role(grant.role) for grant in self.grants.all())

    def may(self, permission: May) -> bool:
        """Whether the table grants it; a suspended person or member may nothing."""
        if not self.is_active or (self.member is not None and self.member.suspended_at is not None):
            return False
        return permission in permissions(self.roles)


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


class Scope(models.TextChoices):
    """What an API token may be used for; the person's roles limit it further."""

    SEARCH = "search", "search"
    OWNER = "owner", "owner"
    ADMIN = "admin", "admin"


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
