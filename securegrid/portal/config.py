"""The portal's settings from the environment, typed; unsafe or unknown ones stop the start."""

import os
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "SECUREGRID_"


class Mode(StrEnum):
    """How the portal runs: ``demo`` and ``test`` make their own secrets, ``production`` never."""

    DEMO = "demo"
    TEST = "test"
    PRODUCTION = "production"


class Config(BaseSettings):
    """Every setting, each named ``SECUREGRID_<FIELD>`` in the environment."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    mode: Mode = Mode.PRODUCTION
    debug: bool = False
    secret_key: SecretStr = SecretStr("")
    master_key_file: Path | None = None
    master_key: SecretStr = SecretStr("")
    database_url: str = "sqlite:///var/portal.sqlite3"
    """``sqlite:///PATH`` or ``postgresql://USER:PASSWORD@HOST:PORT/NAME``."""
    allowed_hosts: str = ""
    """Host names, separated by commas."""
    public_url: str = ""
    """Address under which people reach the portal, e.g. ``https://portal.example``."""
    allow_private_misps: bool = True
    """Members' MISPs often have private (RFC 1918) addresses."""
    allow_loopback_misps: bool = False
    """Only for the demo, tests and development."""
    deadline_s: float = Field(default=30.0, ge=1.0, le=120.0)
    max_values: int = Field(default=10_000, ge=1, le=200_000)
    max_text_bytes: int = Field(default=10_000_000, ge=1_000)
    log_format: str = "json"

    @field_validator("log_format")
    @classmethod
    def _known_log_format(cls, given: str) -> str:
        if given not in {"json", "console"}:
            raise ValueError("must be json or console")
        return given


@lru_cache(maxsize=1)
def config() -> Config:
    """The settings of this process, read once from the environment."""
    return Config(**{})  # the environment is read by pydantic-settings


def unknown_settings() -> list[str]:
    """Names in the environment that look like settings of the portal but are none."""
    known = {PREFIX + name.upper() for name in Config.model_fields}
    return sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
