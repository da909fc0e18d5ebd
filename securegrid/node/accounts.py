"""Who may speak to the node: organisations, keys and what their roles allow."""

import hashlib
import secrets
import sqlite3
import string
from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

_ALPHABET = string.ascii_letters + string.digits
KEY_LENGTH = 40


class Permission(StrEnum):
    """What an endpoint may ask for; what a role does not hold is denied."""

    READ = "read"
    WRITE = "write"
    PUBLISH = "publish"
    TAG = "tag"
    MAKE_TAG = "make_tag"
    SIGHT = "sight"
    ADMIN = "admin"


class Role(StrEnum):
    """The roles of a key; in MISP's words *Read Only*, *Publisher* and *admin*."""

    READ_ONLY = "read-only"
    CONTRIBUTOR = "contributor"
    ADMIN = "admin"


PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.READ_ONLY: frozenset({Permission.READ}),
    Role.CONTRIBUTOR: frozenset(
        {
            Permission.READ,
            Permission.WRITE,
            Permission.PUBLISH,
            Permission.TAG,
            Permission.SIGHT,
        }
    ),
    Role.ADMIN: frozenset(Permission),
}


class Org(NamedTuple):
    """An organisation, as it is stored."""

    id: int
    uuid: str
    name: str
    local: bool
    created: int


class Caller(NamedTuple):
    """The owner of the key that a request carries."""

    key_id: int
    org_id: int
    role: Role
    email: str
    created: int

    def may(self, permission: Permission) -> bool:
        """Whether the role holds the permission."""
        return permission in PERMISSIONS[self.role]

    @property
    def sees_all(self) -> bool:
        """Administrators see every organisation's events (MISP's site admin)."""
        return self.role is Role.ADMIN


class KeyInfo(NamedTuple):
    """A key as it is listed; the key itself is known to its owner only."""

    id: int
    org: str
    role: Role
    comment: str
    created: int
    expires: int | None
    revoked: bool


class Accounts:
    """Organisations and keys, over one connection."""

    def __init__(self, connection: sqlite3.Connection, new_uuid: Callable[[], str]) -> None:
        self._connection = connection
        self._new_uuid = new_uuid

    def org(self, name: str, *, now: int, uuid: str = "", local: bool = True) -> Org:
        """The organisation of this UUID or name; made when there is none."""
        found = self._find_org(name, uuid)
        if found is None:
            self._connection.execute(
                "INSERT INTO org (uuid, name, local, created) VALUES (?, ?, ?, ?)",
                (uuid or self._new_uuid(), name, local, now),
            )
            found = self._find_org(name, uuid)
        assert found is not None  # noqa: S101 - just made
        return found

    def orgs(self) -> list[Org]:
        """Every organisation, by name."""
        rows = self._connection.execute("SELECT * FROM org ORDER BY name").fetchall()
        return [_org(row) for row in rows]

    def add_key(
        self,
        role: Role,
        org: str,
        *,
        now: int,
        raw: str | None = None,
        comment: str = "",
        expires: int | None = None,
    ) -> str:
        """A new key for an organisation (made when it is new); the text is given only here.

        ``raw`` sets a given key of 40 letters and digits; ``expires`` is in epoch seconds.
        Raises ``ValueError`` for a key of another form.
        """
        key = raw or "".join(secrets.choice(_ALPHABET) for _ in range(KEY_LENGTH))
        if len(key) != KEY_LENGTH or not (key.isascii() and key.isalnum()):
            raise ValueError(f"a key has {KEY_LENGTH} letters and digits")
        owner = self.org(org, now=now)
        number = self._connection.execute("SELECT count(*) FROM auth_key").fetchone()[0] + 1
        self._connection.execute(
            "INSERT INTO auth_key VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, 0)"
            " ON CONFLICT (digest) DO UPDATE SET role = excluded.role,"
            " org_id = excluded.org_id, expires = excluded.expires, revoked = 0",
            (
                self._new_uuid(),
                digest(key),
                owner.id,
                role.value,
                f"{role.value}-{number}@node.invalid",
                comment,
                now,
                expires,
            ),
        )
        return key

    def keys(self) -> list[KeyInfo]:
        """Every key, without its text."""
        rows = self._connection.execute(
            "SELECT k.id, o.name, k.role, k.comment, k.created, k.expires, k.revoked"
            " FROM auth_key k JOIN org o ON o.id = k.org_id ORDER BY k.id"
        ).fetchall()
        return [KeyInfo(i, o, Role(r), c, t, e, bool(v)) for i, o, r, c, t, e, v in rows]

    def revoke_key(self, key_id: int) -> bool:
        """Make a key useless at once; ``False`` when there is none of this id."""
        done = self._connection.execute("UPDATE auth_key SET revoked = 1 WHERE id = ?", (key_id,))
        return done.rowcount == 1

    def _find_org(self, name: str, uuid: str) -> Org | None:
        row = self._connection.execute(
            "SELECT * FROM org WHERE uuid = ? OR name = ? ORDER BY uuid = ? DESC LIMIT 1",
            (uuid, name, uuid),
        ).fetchone()
        return _org(row) if row else None


def _org(row: tuple[int, str, str, int, int]) -> Org:
    org_id, uuid, name, local, created = row
    return Org(org_id, uuid, name, bool(local), created)


def caller_of(connection: sqlite3.Connection, raw_key: str, now: int) -> Caller | None:
    """Who holds this key; ``None`` for an unknown, revoked or expired one."""
    row = connection.execute(
        "SELECT id, org_id, role, email, created FROM auth_key"
        " WHERE digest = ? AND revoked = 0 AND (expires IS NULL OR expires > ?)",
        (digest(raw_key.strip()), now),
    ).fetchone()
    if row is None:
        return None
    key_id, org_id, role, email, created = row
    return Caller(key_id, org_id, Role(role), email, created)


def digest(key: str) -> bytes:
    """What is stored of a key: enough for 238 random bits, and without bcrypt's 60 ms floor."""
    return hashlib.sha256(key.encode("utf-8", "replace")).digest()
