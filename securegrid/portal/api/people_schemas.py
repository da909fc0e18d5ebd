"""The shapes of the administering half of the API, as OpenAPI documents them."""

from datetime import datetime
from typing import Literal

from ninja import Schema
from pydantic import Field

from securegrid.portal.api.schemas import Page, Strict

RoleName = Literal["analyst", "owner", "member_admin", "operator"]
ScopeName = Literal["search", "owner", "admin"]
TlsName = Literal["verify", "own_ca", "insecure"]
VisibilityName = Literal["exists", "count", "title", "full"]
ModeName = Literal["live", "indexed"]
StateName = Literal["on", "resting", "off", "suspended", "no_key"]


class LedgerEventOut(Schema):
    """An event of the owner that hit, and how many of its attributes did."""

    uuid: str
    info: str
    attributes: int


class LedgerLineOut(Schema):
    """A hit value of one search; ``member`` is null when the alliance does not show it."""

    at: datetime
    value: str
    kind: str
    misp: str
    misp_id: str
    member: str | None
    search: str
    events: list[LedgerEventOut]
    basis: Literal["checked", "last_sync"]


class LedgerOut(Page):
    """A page of the searches that hit the caller's own MISPs, newest first."""

    hits: list[LedgerLineOut]


class MemberOut(Schema):
    """An organisation of the alliance."""

    id: str
    name: str
    suspended: bool
    created_at: datetime


class MembersOut(Schema):
    """The members that the caller manages."""

    members: list[MemberOut]


class MemberIn(Strict):
    """A new member."""

    name: str


class MemberChange(Strict):
    """What is to change; what is absent stays."""

    name: str | None = None
    suspended: bool | None = None


class UserOut(Schema):
    """A person; ``member`` is null for an operator outside all members."""

    id: str
    email: str
    name: str
    member: str | None
    roles: list[RoleName]
    suspended: bool


class UsersOut(Schema):
    """The people that the caller manages."""

    users: list[UserOut]


class UserIn(Strict):
    """A new person. Without a password the answer holds an invitation link, told once.

    ``member``: an id or a name, the caller's own when absent.
    """

    email: str
    name: str = ""
    password: str | None = None
    member: str | None = None
    roles: list[RoleName]


class UserMade(UserOut):
    """The person, and the path of the invitation (null when a password was given)."""

    invitation: str | None


class UserChange(Strict):
    """What is to change; what is absent stays."""

    name: str | None = None
    roles: list[RoleName] | None = None
    suspended: bool | None = None


class TokenOut(Schema):
    """A token without its text; ``hint`` is its beginning."""

    id: str
    name: str
    user: str
    hint: str
    scopes: list[ScopeName]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class TokensOut(Schema):
    """The caller's tokens, and those of the people that the caller manages."""

    tokens: list[TokenOut]


class TokenIn(Strict):
    """A new token of the caller, for ``days`` (1 to 366) and at most the caller's own scopes."""

    name: str
    scopes: list[ScopeName]
    days: int = 90


class TokenMade(TokenOut):
    """The token with its text, told once."""

    token: str


class MispSettingsOut(Schema):
    """How a MISP is reached and what it offers; the key never comes out."""

    url: str
    tls: TlsName
    visibility: VisibilityName
    published_only: bool
    left_out_tags: list[str]
    left_out_types: list[str]
    concurrency: int
    pause_ms: int
    has_key: bool
    has_client_certificate: bool
    version: str
    tested_at: datetime | None


class MispOut(Schema):
    """A MISP of the alliance; ``settings`` only for those who manage it.

    ``index_age_s``: seconds since the last complete sync of an indexed one, null before.
    """

    id: str
    name: str
    member: str
    own: bool
    state: StateName
    mode: ModeName
    index_age_s: float | None
    resting_until: datetime | None
    resting_reason: str | None
    settings: MispSettingsOut | None


class MispsOut(Schema):
    """The MISPs of the alliance."""

    misps: list[MispOut]


class MispRules(Strict):
    """What can be set and changed of a MISP; what is absent stays (or takes its default)."""

    tls: TlsName | None = None
    ca_pem: str | None = None
    client_pem: str | None = None
    mode: ModeName | None = None
    visibility: VisibilityName | None = None
    published_only: bool | None = None
    left_out_tags: list[str] | None = None
    left_out_types: list[str] | None = None
    concurrency: int | None = Field(None, ge=-(2**31), lt=2**31)
    pause_ms: int | None = Field(None, ge=-(2**31), lt=2**31)


class MispIn(MispRules):
    """A MISP to connect. ``member``: an id or a name, the caller's own when absent."""

    name: str
    url: str
    key: str
    member: str | None = None


class MispChange(MispRules):
    """What is to change; another address or certificate rule needs the key again."""

    name: str | None = None
    url: str | None = None
    key: str | None = None
    enabled: bool | None = None


class MispTestOut(Schema):
    """What a test found: ``reason`` says why it failed, and is null when it did not."""

    ok: bool
    reason: str | None
    version: str
    round_trip_ms: float | None
    organisation: str
    role: str
    may_read: bool
    may_add: bool
    may_tag: bool
    may_sight: bool
    is_mighty: bool


class HealthLineOut(Schema):
    """How one MISP served: milliseconds, null where nothing answered; ``reasons`` of failures."""

    id: str
    name: str
    member: str
    state: StateName
    resting_until: datetime | None
    resting_reason: str | None
    answered: int
    failed: int
    error_rate: float | None
    requests: int
    p50_ms: float | None
    p95_ms: float | None
    reasons: dict[str, int]
    last_at: datetime | None
    last_answered_at: datetime | None


class HealthOut(Schema):
    """The health of the MISPs that the caller may see, over the last ``hours``."""

    hours: int
    misps: list[HealthLineOut]
