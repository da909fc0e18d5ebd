"""Log lines: readable, and without anything secret or searched for."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from securegrid.portal import logs

TOKEN = "sg_" + "Ab3-_" * 8 + "xyz"
KEY = "k3yOfTheTests0123456789abcdefghijKLMNOPQ"
VALUE = "evil.example"
SECRET_FIELDS = (
    *("key", "auth_key", "token", "password", "Authorization", "cookie", "secret_key"),
    *("client_pem", "value", "values", "text", "written", "question", "label", "purpose"),
    *("query", "url"),
)

Read = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def read() -> Iterator[Read]:
    """The JSON lines written since the last reading, through the portal's own formatter."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(logs.formatter("json"))
    root = logging.getLogger()
    root.addHandler(handler)

    def lines() -> list[dict[str, Any]]:
        text = out.getvalue()
        for secret in (TOKEN, KEY, VALUE):
            assert secret not in text
        out.truncate(0)
        return [json.loads(line) for line in text.replace("\0", "").splitlines()]

    yield lines
    root.removeHandler(handler)


@pytest.mark.parametrize("field", SECRET_FIELDS)
def test_a_secret_field_is_masked_whatever_it_holds(read: Read, field: str) -> None:
    structlog.get_logger("t").warning("happened", **{field: VALUE})
    structlog.get_logger("t").warning("happened", nested={field: [VALUE]})
    flat, nested = read()
    assert flat[field] == logs.MASK
    assert nested["nested"] == {field: logs.MASK}


@pytest.mark.parametrize(
    "text",
    [TOKEN, KEY, f"Authorization: {KEY}", f"Bearer {TOKEN}", f"https://u:p@{VALUE}/?q={VALUE}"],
)
def test_a_secret_text_is_masked_wherever_it_stands(read: Read, text: str) -> None:
    structlog.get_logger("t").warning(f"before {text} after", note=[text])
    logging.getLogger("other.library").warning("said %s", text)
    own, foreign = read()
    assert own["event"] == f"before {logs.MASK} after"
    assert own["note"] == [logs.MASK]
    assert foreign["event"] == f"said {logs.MASK}"


def test_numbers_ids_and_reasons_stay(read: Read) -> None:
    structlog.get_logger("t").info("served", misp="0b5c", reason="timed_out", values_count=7)
    (line,) = read()
    assert (line["misp"], line["reason"], line["values_count"]) == ("0b5c", "timed_out", 7)
    assert line["level"] == "info"
    assert line["logger"] == "t"
    assert line["timestamp"].endswith("Z")


def test_of_an_exception_only_type_and_place_are_kept(read: Read) -> None:
    try:
        try:
            raise KeyError(VALUE)
        except KeyError as cause:
            raise ValueError(f"cannot read {VALUE}") from cause
    except ValueError:
        structlog.get_logger("t").exception("failed")
        logging.getLogger("other.library").exception("failed")
    for line in read():
        outer, inner = line["error"]
        assert outer.startswith("builtins.ValueError at ")
        assert inner.startswith("builtins.KeyError at ")
        assert "test_of_an_exception" in outer


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("django.request", "request failed"),
        ("django.security.SuspiciousOperation", "suspicious request"),
        ("asyncio", "error in a background task"),
    ],
)
def test_libraries_that_quote_their_input_are_cut_short(read: Read, name: str, event: str) -> None:
    logging.getLogger(name).error("Internal Server Error: /%s", VALUE)
    assert [line["event"] for line in read()] == [event]


def test_a_line_for_people_is_masked_too() -> None:
    record = logging.LogRecord("t", logging.INFO, "", 0, f"key {KEY}", (), None)
    assert KEY not in logs.formatter("console").format(record)


def test_the_loggers_that_quote_values_are_quiet() -> None:
    assert not logging.getLogger("django.db.backends").isEnabledFor(logging.DEBUG)
    assert not logging.getLogger("django.request").isEnabledFor(logging.WARNING)
    assert not logging.getLogger("uvicorn.access").isEnabledFor(logging.INFO)
    assert not logging.getLogger("django.security.DisallowedHost").isEnabledFor(logging.ERROR)
