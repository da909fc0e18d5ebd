"""Before the start: what makes these settings unsafe, each refusal naming its setting."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core import checks

from securegrid.ingest.quality.profile import Profile, ProfileRefused
from securegrid.portal.config import Config, Mode, UnsafeSettings, config, unknown_settings
from securegrid.portal.sealing import keys_of

SHORTEST_SECRET = 50
_SAMPLES = ("change-me", "changeme", "django-insecure", "only-for-demo", "secret", "example")


@dataclass(frozen=True, slots=True)
class Unsafe:
    """One setting, by its full name, and what is wrong with it. Never holds what was given."""

    setting: str
    fault: str

    def __str__(self) -> str:
        return f"{self.setting}: {self.fault}"


def refuse_unsafe() -> None:
    """Raise ``UnsafeSettings`` unless this process may start; called before anything listens."""
    found = unsafe(config(), os.environ)
    if found:
        raise UnsafeSettings("\n".join(str(each) for each in found))


def unsafe(settings: Config, names: Iterable[str]) -> tuple[Unsafe, ...]:
    """Everything that keeps the portal from starting; ``names``: those in the environment.

    Demo and test make their own secrets and are refused for an unusable master key or quality
    profile only.
    """
    found = [*_key_faults(settings), *_profile_faults(settings)]
    if settings.mode is Mode.PRODUCTION:
        found += _secret_faults(settings.secret_key.get_secret_value())
        found += _host_faults(settings)
        found += [Unsafe(name, "is no setting of the portal") for name in unknown_settings(names)]
        if settings.debug:
            found.append(Unsafe("SECUREGRID_DEBUG", "must be off in production"))
    return tuple(found)


def _key_faults(settings: Config) -> list[Unsafe]:
    try:
        keys_of(settings)
    except UnsafeSettings as refused:
        setting, _, fault = str(refused).partition(": ")
        return [Unsafe(setting, fault)]
    return []


def _profile_faults(settings: Config) -> list[Unsafe]:
    if settings.quality_profile is None:
        return []
    try:
        Profile.load(settings.quality_profile)
    except ProfileRefused as refused:
        # Its detail could quote what the file holds.
        return [Unsafe("SECUREGRID_QUALITY_PROFILE", f"cannot be used: {refused.why.value}")]
    return []


def _secret_faults(secret: str) -> list[Unsafe]:
    name = "SECUREGRID_SECRET_KEY"
    if not secret:
        return [Unsafe(name, "must be set in production")]
    if len(secret) < SHORTEST_SECRET or len(set(secret)) < 10:
        return [Unsafe(name, f"must have {SHORTEST_SECRET} random characters or more")]
    if any(sample in secret.lower() for sample in _SAMPLES):
        return [Unsafe(name, "must not be a sample or a default")]
    return []


def _host_faults(settings: Config) -> list[Unsafe]:
    found = []
    if not settings.hosts:
        found.append(Unsafe("SECUREGRID_ALLOWED_HOSTS", "must name the portal's hosts"))
    if any(host == "*" for host in settings.hosts):
        found.append(Unsafe("SECUREGRID_ALLOWED_HOSTS", "must not allow every host"))
    if settings.public_url and not settings.public_url.startswith(("https://", "http://")):
        found.append(Unsafe("SECUREGRID_PUBLIC_URL", "must begin with https://"))
    return found


def check(**_: Any) -> list[checks.CheckMessage]:
    """Django's system check: the same refusals, and what is merely unwise."""
    settings = config()
    errors = [
        checks.Error(str(each), id="securegrid.E001", obj=each.setting)
        for each in unsafe(settings, os.environ)
    ]
    warnings = [
        checks.Warning(str(each), id="securegrid.W001", obj=each.setting)
        for each in unwise(settings)
    ]
    return [*errors, *warnings]


def unwise(settings: Config) -> tuple[Unsafe, ...]:
    """What deserves a word but does not stop the start."""
    found = []
    if settings.mode is Mode.PRODUCTION and settings.public_url.startswith("http://"):
        found.append(
            Unsafe("SECUREGRID_PUBLIC_URL", "passwords and cookies travel without encryption")
        )
    path = settings.master_key_file
    if path is not None and path.exists() and path.stat().st_mode & 0o007:
        found.append(
            Unsafe("SECUREGRID_MASTER_KEY_FILE", "can be read by every user of the machine")
        )
    return tuple(found)
