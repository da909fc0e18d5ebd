"""The portal's settings from the environment, typed; unsafe or unknown ones stop the start."""

import os
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

from django.core.exceptions import ImproperlyConfigured
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "SECUREGRID_"

# The command line's own client reads these; the portal knows them only to let them pass.
CLIENT_SETTINGS = frozenset({"SECUREGRID_PORTAL", "SECUREGRID_TOKEN"})


class UnsafeSettings(ImproperlyConfigured):
    """The portal must not start; each line names one setting and what is wrong with it."""


class Mode(StrEnum):
    """How the portal runs: ``demo`` and ``test`` make their own secrets, ``production`` never."""

    DEMO = "demo"
    TEST = "test"
    PRODUCTION = "production"


class Config(BaseSettings):
    """Every setting, each named ``SECUREGRID_<FIELD>`` in the environment."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True
    )

    mode: Mode = Mode.PRODUCTION
    debug: bool = False
    secret_key: SecretStr = SecretStr("")
    """Signs cookies and links; at least 50 characters in production."""
    master_key_file: Path | None = None
    """File with the master key, one base64 line of 32 bytes per key, the current one first."""
    master_key: SecretStr = SecretStr("")
    """The same, separated by commas, where no file is given."""
    database_url: str = "sqlite:///var/portal.sqlite3"
    """``sqlite:///PATH`` or ``postgresql://USER:PASSWORD@HOST:PORT/NAME``."""
    index_url: str = ""
    """Where fingerprints are kept: ``sqlite:///FOLDER`` or ``postgresql://…``; see ``index``."""
    allowed_hosts: str = ""
    """Host names, separated by commas."""
    public_url: str = ""
    """Address under which people reach the portal, e.g. ``https://portal.example``."""
    trusted_proxies: int = Field(default=0, ge=0, le=5)
    """Reverse proxies in front whose ``X-Forwarded-For`` and ``-Proto`` may be believed."""
    allow_private_misps: bool = True
    """Members' MISPs often have private (RFC 1918) addresses."""
    allow_loopback_misps: bool = False
    """Only for the demo, tests and development."""
    deadline_s: float = Field(default=30.0, ge=1.0, le=120.0)
    max_values: int = Field(default=10_000, ge=1, le=200_000)
    max_text_bytes: int = Field(default=10_000_000, ge=1_000)
    imports_dir: Path | None = None
    """Private folder of uploaded files and of the journals of what was published."""
    max_upload_bytes: int = Field(default=100_000_000, ge=1_000, le=10_000_000_000)
    """Largest file that may be uploaded for an import."""
    upload_days: int = Field(default=7, ge=1, le=90)
    """Days after which an uploaded file that was not published is deleted."""
    quality_profile: Path | None = None
    """The alliance's quality rules, a TOML file; without one the defaults."""
    quality_hours: int = Field(default=24, ge=1, le=720)
    """Hours between two looks at the data quality of a MISP."""
    metrics_token: SecretStr = SecretStr("")
    """Bearer token for ``/metrics``; without one only this machine may read it."""
    log_format: str = "json"

    @field_validator("log_format")
    @classmethod
    def _known_log_format(cls, given: str) -> str:
        if given not in {"json", "console"}:
            raise ValueError("must be json or console")
        return given

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, given: str) -> str:
        if not given.startswith(("sqlite:///", "postgresql://")):
            raise ValueError("must begin with sqlite:/// or postgresql://")
        return given

    @field_validator("index_url")
    @classmethod
    def _known_index(cls, given: str) -> str:
        if given and not given.startswith(("sqlite:///", "postgresql://")):
            raise ValueError("must begin with sqlite:/// or postgresql://")
        return given

    @property
    def index(self) -> str:
        """Where the fingerprints are kept: beside the database, unless told otherwise.

        That is the folder ``index`` beside an SQLite file, or the same PostgreSQL database.
        """
        if self.index_url or not self.database_url.startswith("sqlite:///"):
            return self.index_url or self.database_url
        return f"{self.database_url.rpartition('/')[0]}/index"

    @property
    def imports(self) -> Path:
        """Where uploads lie: beside an SQLite database, or in ``var``, unless told otherwise."""
        if self.imports_dir is not None:
            return self.imports_dir
        if self.database_url.startswith("sqlite:///"):
            return Path(unquote(self.database_url.removeprefix("sqlite:///"))).parent / "imports"
        return Path("var") / "imports"

    @property
    def hosts(self) -> list[str]:
        """The allowed hosts, one each."""
        return [host.strip() for host in self.allowed_hosts.split(",") if host.strip()]

    @property
    def serves_https(self) -> bool:
        """Whether cookies may be marked secure: in production, unless told otherwise."""
        if self.public_url:
            return self.public_url.startswith("https://")
        return self.mode is Mode.PRODUCTION

    @property
    def own_key_file(self) -> Path:
        """Where demo and test keep the master key they make: beside the database file."""
        if self.database_url.startswith("sqlite:///"):
            return Path(unquote(self.database_url.removeprefix("sqlite:///"))).parent / "master.key"
        return Path("var") / "master.key"


@lru_cache(maxsize=1)
def config() -> Config:
    """The settings of this process, read once from the environment.

    Raises ``UnsafeSettings`` naming each setting that cannot be understood; its text never
    holds what was given.
    """
    try:
        return Config()  # the environment is read by pydantic-settings
    except ValidationError as refused:
        raise UnsafeSettings("\n".join(_lines(refused))) from None


def _lines(refused: ValidationError) -> Iterable[str]:
    for error in refused.errors(include_input=False, include_url=False):
        name = PREFIX + "_".join(str(part) for part in error["loc"]).upper()
        yield f"{name}: {error['msg']}"


def unknown_settings(names: Iterable[str] | None = None) -> list[str]:
    """Names that look like settings of the portal but are none (default: the environment's)."""
    known = {PREFIX + name.upper() for name in Config.model_fields} | CLIENT_SETTINGS
    given = os.environ if names is None else names
    return sorted(name for name in given if name.startswith(PREFIX) and name not in known)
