"""Whatever goes wrong has one shape, in the caller's language, and quotes nothing."""

import json
import logging
from typing import Any

import pytest
from django.conf import settings

from securegrid.portal.accounts.models import User
from securegrid.portal.alliance.models import Misp
from securegrid.portal.api import errors, searching
from securegrid.portal.api.errors import Code
from securegrid.portal.searches import refusals
from tests.unit.portal.api.conftest import Answer, CallAs

pytestmark = pytest.mark.django_db(transaction=True)


def told(answer: Answer, status: int, code: str, field: str | None = None) -> None:
    assert answer.status == status, answer.content
    assert answer.headers["Cache-Control"] == "no-store"
    error = answer.body["error"]
    assert (error["code"], error.get("field")) == (code, field)
    assert set(error) <= {"code", "message", "field"}
    assert error["message"]


def test_addresses_that_are_none(stranger: User, call_as: CallAs) -> None:
    for path in ("/nothing", "/", "", "/searches/no-uuid", "/searches/../..", "/%00", "/%0a"):
        told(call_as(stranger)("GET", path), 404, "not_found")


def test_methods_that_are_none(stranger: User, call_as: CallAs) -> None:
    answer = call_as(stranger)("PUT", "/searches")
    told(answer, 405, "method_not_allowed")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "POST"}


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        (b"{", 400, "malformed", None),
        (b"\xff\xfe\x00", 400, "malformed", None),
        (b'{"text": "\xff"}', 400, "malformed", None),
        (b'{"text": "\\ud800"}', 400, "malformed", None),
        (b"[]", 422, "invalid", None),
        (b"null", 422, "invalid", None),
        ({"text": 7}, 422, "invalid", "text"),
        ({"text": "a.example", "wait": "yes"}, 422, "invalid", "wait"),
        ({"text": "a.example", "deadline_s": "5"}, 422, "invalid", "deadline_s"),
        ({"text": "a.example", "deadline_s": 0}, 422, "deadline_invalid", "deadline_s"),
        ({"text": "a.example", "deadline_s": 121}, 422, "deadline_invalid", "deadline_s"),
        ({"text": "a.example", "misps": ["Nobody's"]}, 422, "unknown_misp", "misps"),
        ({"text": "a.example", "typo": 1}, 422, "unknown_field", "typo"),
        ({"values": [{"note": "x"}]}, 422, "invalid", "values.0.str"),
        ({"text": "a\0.example"}, 400, "not_text", "text"),
        ({"values": ["a\0.example"]}, 400, "not_text", "values"),
        ({"values": [{"value": "a.example", "note": "\0"}]}, 400, "not_text", "values"),
        ({"text": "a.example", "label": "\0"}, 400, "not_text", None),
        ({"text": "a.example", "label": "x" * 201}, 422, "label_invalid", "label"),
        ({}, 422, "no_values", None),
        ({"text": ""}, 422, "no_values", None),
        ({"text": "nothing to find"}, 422, "no_values", None),
        ({"text": "<script>alert(1)</script>"}, 422, "no_values", None),
    ],
)
def test_bad_questions(
    stranger: User,
    misp: Misp,
    call_as: CallAs,
    body: Any,
    status: int,
    code: str,
    field: str | None,
) -> None:
    told(call_as(stranger)("POST", "/searches", body), status, code, field)


def test_too_many_values_are_refused_whole(stranger: User, misp: Misp, call_as: CallAs) -> None:
    text = "\n".join(f"h{i}.example.com" for i in range(10_001))
    answer = call_as(stranger)("POST", "/searches", {"text": text})
    told(answer, 422, "too_many_values")
    assert "10,000" in answer.body["error"]["message"]


def test_a_text_that_is_too_long(
    stranger: User, misp: Misp, call_as: CallAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    from securegrid.portal.api import questions

    small = questions.config().model_copy(update={"max_text_bytes": 10})
    monkeypatch.setattr(questions, "config", lambda: small)
    told(call_as(stranger)("POST", "/extract", {"text": "あ" * 4}), 413, "text_too_long", "text")


def test_a_body_that_is_too_large(stranger: User, call_as: CallAs) -> None:
    body = b'{"text": "' + b"x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE + b'"}'
    told(call_as(stranger)("POST", "/extract", body), 413, "too_large")


@pytest.mark.parametrize("language", ["ja", "ja-JP,en;q=0.5"])
def test_messages_follow_the_callers_language(
    stranger: User, call_as: CallAs, language: str
) -> None:
    call = call_as(stranger, language=language)
    assert "見つかりません" in call("GET", "/nothing").body["error"]["message"]
    assert "検索" in call("POST", "/searches", {"text": ""}).body["error"]["message"]
    assert "トークン" in call_as(None, language=language)("GET", "/misps").body["error"]["message"]


def test_an_unexpected_error_tells_nothing(
    stranger: User,
    call_as: CallAs,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret-value.example")

    monkeypatch.setattr(searching, "understand", broken)
    with caplog.at_level(logging.DEBUG):
        answer = call_as(stranger)("POST", "/extract", {"text": "secret-value.example"})
    told(answer, 500, "internal")
    assert b"secret-value" not in answer.content
    assert "secret-value" not in capsys.readouterr().err


@pytest.mark.parametrize("wrong", ["sg_" + "x" * 43, "sg_", "", "not a token", "sg_" + "x" * 5000])
def test_unknown_tokens(call_as: CallAs, wrong: str) -> None:
    call = call_as(None)
    told(call("GET", "/misps", Authorization=f"Bearer {wrong}"), 401, "unauthenticated")
    told(call("GET", "/misps", Authorization=wrong), 401, "unauthenticated")


def test_every_error_has_words_in_both_languages() -> None:
    assert set(errors.WORDS) == set(errors.STATUS) == set(Code)
    assert set(refusals.WORDS) == set(refusals.Problem)
    for english, japanese in (*errors.WORDS.values(), *refusals.WORDS.values()):
        assert english.isascii()
        assert not japanese.isascii()


def test_the_description_is_open_and_has_no_page(call_as: CallAs) -> None:
    answer = call_as(None)("GET", "/openapi.json")
    assert answer.status == 200
    assert json.loads(answer.content)["openapi"].startswith("3.")
    assert call_as(None)("GET", "/docs").status == 404


@pytest.mark.parametrize(
    ("method", "path", "field"),
    [
        ("GET", "/searches?pgae=2", "pgae"),
        ("GET", "/owner/hits?misp=One&sicne=2026-01-01", "sicne"),
        ("GET", "/tokens?x=1", "x"),
        ("POST", "/extract?wait=1", "wait"),
    ],
)
def test_a_mistyped_parameter_is_told(
    stranger: User, call_as: CallAs, method: str, path: str, field: str
) -> None:
    told(call_as(stranger)(method, path), 422, "unknown_field", field)
