"""Fills an empty portal with a small alliance that has something to show on every page.

``python -m scripts.sample`` prints, as JSON, the ids that the addresses of pages need.
"""

import json
import sys
from datetime import timedelta
from random import Random
from typing import Any

import django

django.setup()

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes  # noqa: E402
from allauth.mfa.totp.internal.auth import TOTP  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402

from scripts.pages import ANALYST, CAREFUL, OPERATOR, OWNER, PASSWORD  # noqa: E402
from scripts.sample_imports import fill_imports  # noqa: E402
from scripts.sample_indexes import fill_indexes  # noqa: E402
from scripts.sample_searches import fill_searches  # noqa: E402
from securegrid.federation.breaker import Rest  # noqa: E402
from securegrid.misp.failures import Reason  # noqa: E402
from securegrid.portal.accounts import invitations  # noqa: E402
from securegrid.portal.accounts import services as accounts  # noqa: E402
from securegrid.portal.accounts.roles import Role, Scope  # noqa: E402
from securegrid.portal.alliance import services as alliance  # noqa: E402
from securegrid.portal.alliance.models import HealthSample, Misp  # noqa: E402


def fill() -> dict[str, str]:
    """Make the sample; what the addresses of pages need."""
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    alliance.change_alliance(
        name="SecureGRID Alliance",
        notice="This is a demonstration: all of its data was composed, none of it is real.",
    )
    lac, geo, ipa = map(alliance.add_member, ("LAC", "Geolocation Technology", "IPA"))
    accounts.create_user(OPERATOR, PASSWORD, "事務局 太郎", None, [Role.OPERATOR])
    owner = accounts.create_user(
        OWNER, PASSWORD, "Hanako Yamada", lac, [Role.OWNER, Role.MEMBER_ADMIN]
    )
    analyst = accounts.create_user(ANALYST, PASSWORD, "鈴木 一郎", lac, [Role.ANALYST])
    for email, member in (("analyst@geo.example.jp", geo), ("analyst@ipa.example.jp", ipa)):
        other = accounts.create_user(email, PASSWORD, "", member, [Role.ANALYST, Role.OWNER])
    left = accounts.create_user("left@ipa.example.jp", PASSWORD, "佐藤", ipa, [Role.OWNER])
    accounts.suspend_user(left)
    invitations.invite("soon@lac.example.jp", "", lac, [Role.ANALYST], timezone.now())
    _tokens(owner)
    _factors(lac)
    misps = _misps(lac, geo, ipa)
    _samples(misps)
    return (
        fill_searches(analyst, other, misps)
        | fill_imports(owner, misps)
        | fill_indexes(lac)
        | {
            "misp": str(misps[0].public_id),
            "member": str(lac.public_id),
            "person": str(owner.public_id),
        }
    )


def _factors(lac: Any) -> None:
    careful = accounts.create_user(CAREFUL, PASSWORD, "高橋", lac, [Role.ANALYST])
    TOTP.activate(careful, "JBSWY3DPEHPK3PXP")
    analyst = accounts.user_by_email(ANALYST)
    RecoveryCodes.activate(analyst)


def _tokens(owner: Any) -> None:
    now = timezone.now()
    for name, scopes, days in (
        ("SOAR playbook “lookup”", [Scope.SEARCH], 90),
        ("Nightly report", [Scope.OWNER], 30),
        ("Old script", [Scope.SEARCH, Scope.OWNER, Scope.ADMIN], 366),
    ):
        _, token = accounts.issue_token(owner, name, scopes, timedelta(days=days), now)
    accounts.revoke_token(token, now)


def _misps(lac: Any, geo: Any, ipa: Any) -> list[Misp]:
    key = "sampleKey0123456789abcdefghijklmnopqrstu"
    made = [
        alliance.add_misp(lac, "GRID-MISP (OSINT)", "http://127.0.0.1:9", key),
        alliance.add_misp(lac, "GRID-MISP (LAB)", "https://lab.misp.example.jp", key,
                          visibility="title", left_out_tags=["tlp:red", "internal"]),
        alliance.add_misp(geo, "GEO-MISP", "https://geo.misp.example.jp", key, visibility="count"),
        alliance.add_misp(ipa, "IPA-MISP", "https://ipa.misp.example.jp/misp", key,
                          visibility="exists", published_only=True),
    ]  # fmt: skip
    until = timezone.now() + timedelta(minutes=4)
    alliance.store_rest(made[2], Rest(4, until, Reason.TIMED_OUT))
    alliance.set_enabled(made[3], False)
    Misp.objects.filter(pk=made[1].pk).update(version="2.5.1", tested_at=timezone.now())
    return made


def _samples(misps: list[Misp]) -> None:
    random, now = Random(7), timezone.now()  # noqa: S311 - no secret
    reasons = [Reason.TIMED_OUT, Reason.UNAVAILABLE, Reason.KEY_REJECTED]
    HealthSample.objects.bulk_create(
        HealthSample(
            misp=misp,
            at=now - timedelta(days=7 * random.random() ** 1.3),
            elapsed_ms=random.lognormvariate(5 + number / 3, 0.4),
            requests=random.randint(1, 5),
            reason=random.choice(reasons) if random.random() < 0.04 * number else "",
        )
        for number, misp in enumerate(misps)
        for _ in range(220)
    )


if __name__ == "__main__":
    json.dump(fill(), sys.stdout)
