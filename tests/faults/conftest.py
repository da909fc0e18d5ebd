"""The portal on a stage: an alliance with faulty MISPs, and everything that is logged."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import structlog

from securegrid.portal import logs
from tests.faults.stage import Stage


@dataclass
class Told:
    """All that went to the logs, at DEBUG: as it was said, and as it was written."""

    said: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)

    def everything(self) -> str:
        """All in one text."""
        return "\n".join((*self.said, *self.written))


class _Keeping(logging.Handler):
    """Keeps every line as the portal's own formatter writes it."""

    def __init__(self, told: Told) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(logs.formatter("json"))
        self._told = told

    def emit(self, record: logging.LogRecord) -> None:
        self._told.written.append(self.format(record))


LOUD = ("", "securegrid", "django.request", "django.security", "aiohttp", "asyncio", "allauth")


@pytest.fixture
def told() -> Iterator[Told]:
    """Everything logged during the test, structured events also before they are redacted."""
    kept = Told()

    def keep(_logger: Any, _name: str, event: Any) -> Any:
        kept.said.append(repr(event))
        return event

    before = structlog.get_config()["processors"]
    handler = _Keeping(kept)
    levels = {name: logging.getLogger(name).level for name in LOUD}
    structlog.configure(processors=[keep, *before])
    for name in LOUD:
        logging.getLogger(name).setLevel(logging.DEBUG)
    logging.getLogger().addHandler(handler)
    yield kept
    logging.getLogger().removeHandler(handler)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    structlog.configure(processors=before)


@pytest.fixture
def stage(db: None, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """An alliance whose MISPs are added by the test; a request may take ``REQUEST_S``."""
    return Stage.built(monkeypatch)
