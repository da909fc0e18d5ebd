"""Production starts only with safe settings, and each refusal names its setting."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from securegrid.portal import startup
from securegrid.portal.config import Config, Mode, UnsafeSettings, config, unknown_settings
from securegrid.portal.sealing import new_key
from securegrid.portal.startup import unsafe, unwise

SECRET = "".join(chr(ord("a") + number * 7 % 26) for number in range(50))
KEY = new_key()


def production(**changes: Any) -> Config:
    safe = {"secret_key": SECRET, "master_key": KEY, "allowed_hosts": "portal.example.org"}
    return Config(mode=Mode.PRODUCTION, **(safe | changes))


def settings_refused(settings: Config, names: tuple[str, ...] = ()) -> list[str]:
    return [each.setting for each in unsafe(settings, names)]


def test_safe_settings_start() -> None:
    assert settings_refused(production(), ("SECUREGRID_MODE", "PATH")) == []


@pytest.mark.parametrize(
    ("changes", "setting"),
    [
        ({"master_key": ""}, "SECUREGRID_MASTER_KEY_FILE"),
        ({"master_key": "not-a-key"}, "SECUREGRID_MASTER_KEY"),
        ({"master_key_file": "/nowhere/key"}, "SECUREGRID_MASTER_KEY_FILE"),
        ({"debug": True}, "SECUREGRID_DEBUG"),
        ({"secret_key": ""}, "SECUREGRID_SECRET_KEY"),
        ({"secret_key": SECRET[:49]}, "SECUREGRID_SECRET_KEY"),
        ({"secret_key": "a" * 60}, "SECUREGRID_SECRET_KEY"),
        ({"secret_key": "django-insecure-" + SECRET}, "SECUREGRID_SECRET_KEY"),
        ({"secret_key": "please-change-me-" + SECRET}, "SECUREGRID_SECRET_KEY"),
        ({"allowed_hosts": " , "}, "SECUREGRID_ALLOWED_HOSTS"),
        ({"allowed_hosts": "a.example.org,*"}, "SECUREGRID_ALLOWED_HOSTS"),
        ({"public_url": "portal.example.org"}, "SECUREGRID_PUBLIC_URL"),
        ({"quality_profile": "/nowhere/profile.toml"}, "SECUREGRID_QUALITY_PROFILE"),
    ],
)
def test_production_refuses_one_unsafe_setting(changes: dict[str, Any], setting: str) -> None:
    assert settings_refused(production(**changes)) == [setting]


def test_production_refuses_an_unknown_setting() -> None:
    names = ("SECUREGRID_MASTERKEY", "SECUREGRID_MODE")
    assert settings_refused(production(), names) == ["SECUREGRID_MASTERKEY"]


def test_all_refusals_are_told_at_once() -> None:
    settings = Config(mode=Mode.PRODUCTION, debug=True)
    assert len(settings_refused(settings, ("SECUREGRID_TYPO",))) == 5


def test_a_refusal_never_quotes_what_was_given() -> None:
    settings = production(secret_key="my-short-secret", master_key="my-bad-master-key")
    told = "\n".join(str(each) for each in unsafe(settings, ()))
    assert "my-" not in told


def test_demo_and_test_start_without_any_setting(tmp_path: Path) -> None:
    for mode in (Mode.DEMO, Mode.TEST):
        settings = Config(mode=mode, debug=True, database_url=f"sqlite:///{tmp_path}/p.sqlite3")
        assert settings_refused(settings, ("SECUREGRID_TYPO",)) == []


def test_the_clients_own_settings_are_known() -> None:
    assert unknown_settings(["SECUREGRID_PORTAL", "SECUREGRID_TOKEN", "HOME"]) == []


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("SECUREGRID_MODE", "staging"),
        ("SECUREGRID_DEADLINE_S", "500"),
        ("SECUREGRID_DATABASE_URL", "mysql://u:hunter2@db/p"),
        ("SECUREGRID_LOG_FORMAT", "xml"),
    ],
)
def test_an_unreadable_setting_is_named_without_quoting_it(
    name: str, given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, given)
    config.cache_clear()
    try:
        with pytest.raises(UnsafeSettings, match=name) as refused:
            config()
    finally:
        monkeypatch.undo()
        config.cache_clear()
    assert given not in str(refused.value)


def test_unwise_settings_only_warn(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(KEY)
    path.chmod(0o644)
    settings = production(
        master_key="", master_key_file=path, public_url="http://portal.example.org"
    )
    assert settings_refused(settings) == []
    told = {each.setting for each in unwise(settings)}
    assert told == {"SECUREGRID_PUBLIC_URL", "SECUREGRID_MASTER_KEY_FILE"}
    path.chmod(0o640)
    assert "SECUREGRID_MASTER_KEY_FILE" not in {each.setting for each in unwise(settings)}


def test_cookies_are_secure_in_production_unless_told_otherwise() -> None:
    assert production().serves_https
    assert production(public_url="https://p.example.org").serves_https
    assert not production(public_url="http://p.example.org").serves_https
    assert not Config(mode=Mode.DEMO).serves_https


def test_django_checks_the_same() -> None:
    assert startup.check() == []


def start(**environ: str) -> subprocess.CompletedProcess[str]:
    kept = {name: text for name, text in os.environ.items() if "SECUREGRID" not in name}
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    return subprocess.run(
        [sys.executable, "-c", "import securegrid.portal.asgi"],
        env=kept | environ,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_application_refuses_to_exist_with_unsafe_settings(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/p.sqlite3"
    refused = start(SECUREGRID_DATABASE_URL=database, SECUREGRID_TYPO="1", SECUREGRID_DEBUG="1")
    assert refused.returncode != 0
    for name in ("MASTER_KEY_FILE", "SECRET_KEY", "ALLOWED_HOSTS", "TYPO", "DEBUG"):
        assert f"SECUREGRID_{name}: " in refused.stderr
    started = start(
        SECUREGRID_DATABASE_URL=database,
        SECUREGRID_SECRET_KEY=SECRET,
        SECUREGRID_MASTER_KEY=KEY,
        SECUREGRID_ALLOWED_HOSTS="portal.example.org",
    )
    assert started.returncode == 0, started.stderr
