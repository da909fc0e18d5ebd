"""Logs that may be shipped anywhere: no key, token, password, searched value or path in them."""

import logging
import logging.config
import re
import sys
import traceback
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

MASK = "[redacted]"

# Fields that hold secrets or what somebody searched for, whatever is in them.
_SECRET_FIELDS = re.compile(
    r"key|token|secret|password|passwd|authorization|cookie|credential|pem$|session"
    r"|^values?$|^texts?$|written|question|label|purpose|^body$|^query|^url$|^path$",
    re.IGNORECASE,
)
_HARMLESS_FIELDS = frozenset({"key_number", "values_count", "token_id"})

# Texts that are secrets or may be indicators, wherever they stand.
_SECRET_TEXTS = re.compile(
    r"sg_[A-Za-z0-9_-]{20,}"
    r"|\b[A-Za-z0-9]{40,}\b"
    r"|(?i:authorization|bearer|cookie|authkey)\b\s*[:=]?\s*\S+"
    r"|\b[a-z][a-z0-9+.-]*://\S+"
)

# Messages of others that quote what a stranger sent; only what happened is kept.
_FIXED_EVENTS = {
    "django.request": "request failed",
    "django.security": "suspicious request",
    "asyncio": "error in a background task",
}


def set_up(settings: dict[str, Any]) -> None:
    """Django's ``LOGGING_CONFIG``: ``settings["log_format"]`` is ``json`` or ``console``."""
    structlog.configure(
        processors=[*_shared(), redact, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    logging.config.dictConfig(_standard(str(settings["log_format"])))


def _shared() -> list[Processor]:
    return [
        structlog.stdlib.filter_by_level,
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
    ]


def _standard(log_format: str) -> dict[str, Any]:
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"portal": {"()": formatter, "log_format": log_format}},
        "handlers": {
            "out": {
                "class": "logging.StreamHandler",
                "stream": "ext://sys.stderr",
                "formatter": "portal",
            }
        },
        "root": {"handlers": ["out"], "level": "INFO"},
        "loggers": {
            # SQL and 4xx lines quote values and paths.
            "django.db.backends": {"level": "WARNING"},
            "django.request": {"level": "ERROR"},
            "django.server": {"level": "ERROR"},
            # Any scanner can make these by the thousand; the access log counts them.
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            "uvicorn.access": {"level": "CRITICAL"},
            "aiohttp": {"level": "CRITICAL"},
        },
    }


def formatter(log_format: str) -> logging.Formatter:
    """The formatter that every line passes, from whatever library."""
    renderer: Processor = structlog.processors.JSONRenderer(ensure_ascii=False)
    if log_format == "console":
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*_shared()[1:], fix_foreign],
        processors=[
            frames_only,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            redact,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
    )


def fix_foreign(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Replace messages of libraries that quote their input."""
    name = str(event.get("logger", ""))
    for prefix, fixed in _FIXED_EVENTS.items():
        if name == prefix or name.startswith(prefix + "."):
            event["event"] = fixed
    return event


def frames_only(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Of an exception keep the types and the places: messages and locals may hold values."""
    found = _exception(event.pop("exc_info", None))
    event.pop("exception", None)
    event.pop("stack", None)
    if found is not None:
        event["error"] = _causes(found)
    return event


def redact(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Mask secret fields, and in all other texts whatever looks like a secret or an address."""
    return {name: _clean(name, given) for name, given in event.items()}


def _clean(name: str, given: Any) -> Any:
    if name not in _HARMLESS_FIELDS and _SECRET_FIELDS.search(name):
        return MASK
    if isinstance(given, str):
        return _SECRET_TEXTS.sub(MASK, given)
    if isinstance(given, dict):
        return {str(key): _clean(str(key), inner) for key, inner in given.items()}
    if isinstance(given, list | tuple | set | frozenset):
        return [_clean("", inner) for inner in given]
    if given is None or isinstance(given, bool | int | float):
        return given
    return _SECRET_TEXTS.sub(MASK, str(given))


def _exception(given: Any) -> BaseException | None:
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple):
        found: BaseException | None = given[1]
        return found
    return sys.exc_info()[1] if given else None


def _causes(error: BaseException | None) -> list[str]:
    """One line per exception of the chain: its type and its frames, the innermost last."""
    lines: list[str] = []
    while error is not None and len(lines) < 5:
        frames = traceback.extract_tb(error.__traceback__)[-12:]
        places = " > ".join(f"{frame.filename}:{frame.lineno}:{frame.name}" for frame in frames)
        lines.append(f"{type(error).__module__}.{type(error).__qualname__} at {places}")
        error = error.__cause__ or error.__context__
    return lines
