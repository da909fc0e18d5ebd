"""Members' MISPs: connect, change, switch off, forget; the key goes in and never comes out."""

from collections.abc import Iterable
from typing import Any, TypedDict

from django.db import IntegrityError, transaction
from typing_extensions import Unpack

from securegrid.misp.connection import AddressPolicy
from securegrid.portal.accounts.names import checked_name
from securegrid.portal.alliance import checks
from securegrid.portal.alliance.changes import misp_changed
from securegrid.portal.alliance.models import (
    LONGEST_NAME,
    Member,
    Misp,
    MispMode,
    TlsMode,
    Visibility,
)
from securegrid.portal.config import Mode, config
from securegrid.portal.refusals import Problem, Refused
from securegrid.portal.sealing import seal, unseal


class MispChanges(TypedDict, total=False):
    """What may be changed of a MISP, each as ``add_misp`` takes it."""

    name: str
    url: str
    tls: str
    ca_pem: str
    mode: str
    visibility: str
    published_only: bool
    left_out_tags: Iterable[str]
    left_out_types: Iterable[str]
    concurrency: int
    pause_ms: int


def add_misp(
    member: Member,
    name: str,
    url: str,
    key: str,
    *,
    tls: str = TlsMode.VERIFY,
    ca_pem: str = "",
    client_pem: str = "",
    mode: str = MispMode.LIVE,
    visibility: str = Visibility.FULL,
    published_only: bool = False,
    left_out_tags: Iterable[str] = (),
    left_out_types: Iterable[str] = (),
    concurrency: int = 4,
    pause_ms: int = 0,
) -> Misp:
    """Connect a member's MISP. Nothing is sent to it (see ``test_misp``).

    ``concurrency``: requests at once, 1 to 8; ``pause_ms``: 0 to 10,000 between two requests.
    Raises ``Refused``.
    """
    misp = Misp(member=member, published_only=published_only)
    misp.name = checked_name(name, longest=LONGEST_NAME)
    misp.tls, misp.ca_pem = checks.checked_tls(tls, ca_pem)
    misp.url = _checked_url(url, misp.tls)
    misp.mode = checks.checked_mode(mode)
    misp.visibility = checks.checked_visibility(visibility)
    misp.left_out_tags = checks.checked_left_out(left_out_tags, "left_out_tags")
    misp.left_out_types = checks.checked_left_out(left_out_types, "left_out_types")
    misp.concurrency = checks.checked_concurrency(concurrency)
    misp.pause_ms = checks.checked_pause_ms(pause_ms)
    _put_key(misp, key)
    _put_client_pem(misp, client_pem)
    _save(misp, before=None)
    return misp


def change_misp(
    misp: Misp,
    *,
    key: str | None = None,
    client_pem: str | None = None,
    **changes: Unpack[MispChanges],
) -> None:
    """Change what is given; the rest stays. Raises ``Refused`` and then changes nothing.

    Another server, another CA or less verification needs the key again: who may edit a MISP
    must not thereby get hold of its key.
    """
    fresh, before = (Misp.objects.get(pk=misp.pk) for _ in range(2))
    old_key = b"" if key is not None else _open_key(fresh)
    needs_key = _apply(fresh, changes)
    if key is None and needs_key:
        raise Refused(Problem.KEY_NEEDED_AGAIN, "key")
    _put_key(fresh, old_key.decode() if key is None else key, may_be_missing=key is None)
    if client_pem is not None:
        _put_client_pem(fresh, client_pem)
    if key is not None or changes.keys() & {"url", "tls", "ca_pem"}:
        _wake(fresh)
    _save(fresh, before)
    misp.refresh_from_db()


def replace_key(misp: Misp, key: str) -> None:
    """Store another auth key and let a resting MISP be asked again. Raises ``Refused``."""
    change_misp(misp, key=key)


def set_enabled(misp: Misp, enabled: bool) -> None:
    """Switch a MISP on (it needs a key) or off. Raises ``Refused``."""
    if enabled and not misp.sealed_key:
        raise Refused(Problem.KEY_MISSING, "key")
    Misp.objects.filter(pk=misp.pk).update(enabled=enabled)
    misp.refresh_from_db()


def disconnect(misp: Misp) -> None:
    """Switch a MISP off and forget its key and client certificate; its history stays."""
    before = Misp.objects.get(pk=misp.pk)
    with transaction.atomic():
        Misp.objects.filter(pk=misp.pk).update(
            enabled=False, sealed_key=b"", sealed_client_pem=None, version="", tested_at=None
        )
        misp.refresh_from_db()
        misp_changed.send(Misp, before=before, after=misp)


def address_policy() -> AddressPolicy:
    """Which addresses MISPs may have, by the portal's settings."""
    settings = config()
    return AddressPolicy(
        allow_private=settings.allow_private_misps, allow_loopback=settings.allow_loopback_misps
    )


def key_context(misp: Misp) -> str:
    """What a key is sealed for: this MISP, this server, this verification.

    So a changed address in the database does not send the key to another server.
    """
    return f"misp-key:{misp.public_id}:{checks.origin_of(misp.url)}:{misp.tls}"


def client_context(misp: Misp) -> str:
    """What a client certificate is sealed for."""
    return f"misp-client:{misp.public_id}"


def _apply(misp: Misp, changes: MispChanges) -> bool:
    """Set the checked ``changes``; whether they call for the key again."""
    before = (checks.origin_of(misp.url), misp.tls, misp.ca_pem)
    _apply_way(misp, changes)
    _apply_rules(misp, changes)
    after = (checks.origin_of(misp.url), misp.tls, misp.ca_pem)
    same_server = before[0] == after[0]
    return before != after and not (same_server and misp.tls == TlsMode.VERIFY)


def _apply_way(misp: Misp, changes: MispChanges) -> None:
    if "name" in changes:
        misp.name = checked_name(changes["name"], longest=LONGEST_NAME)
    if changes.keys() & {"tls", "ca_pem"}:
        misp.tls, misp.ca_pem = checks.checked_tls(
            changes.get("tls", misp.tls), changes.get("ca_pem", misp.ca_pem)
        )
    if changes.keys() & {"url", "tls"}:
        misp.url = _checked_url(changes.get("url", misp.url), misp.tls)


def _apply_rules(misp: Misp, changes: MispChanges) -> None:
    checked: dict[str, Any] = {
        "mode": checks.checked_mode,
        "visibility": checks.checked_visibility,
        "published_only": bool,
        "left_out_tags": lambda given: checks.checked_left_out(given, "left_out_tags"),
        "left_out_types": lambda given: checks.checked_left_out(given, "left_out_types"),
        "concurrency": checks.checked_concurrency,
        "pause_ms": checks.checked_pause_ms,
    }
    for name, given in changes.items():
        if name in checked:
            setattr(misp, name, checked[name](given))


def _checked_url(url: str, tls: str) -> str:
    strict = config().mode is Mode.PRODUCTION and tls != TlsMode.INSECURE
    return checks.checked_url(url, https_needed=strict, policy=address_policy())


def _open_key(misp: Misp) -> bytes:
    return unseal(misp.sealed_key, key_context(misp)) if misp.sealed_key else b""


def _put_key(misp: Misp, key: str, *, may_be_missing: bool = False) -> None:
    if not key and may_be_missing:
        return
    misp.sealed_key = seal(checks.checked_key(key).encode(), key_context(misp))


def _put_client_pem(misp: Misp, client_pem: str) -> None:
    pem = checks.checked_client_pem(client_pem)
    misp.sealed_client_pem = seal(pem.encode(), client_context(misp)) if pem else None


def _wake(misp: Misp) -> None:
    misp.failures_in_a_row = 0
    misp.resting_until = None
    misp.resting_reason = ""
    misp.probe_claimed_until = None


def _save(misp: Misp, before: Misp | None) -> None:
    with transaction.atomic():
        try:
            with transaction.atomic():
                misp.save()
        except IntegrityError:
            raise Refused(Problem.NAME_TAKEN, "name") from None
        misp_changed.send(Misp, before=before, after=misp)
