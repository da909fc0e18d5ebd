"""The table of failures: complete, consistent, and read from the outside of an answer."""

import pytest

from securegrid.misp.answers import case_of_answer, retry_after_s
from securegrid.misp.failures import TABLE, Case, MispFailure, Reason, failure

JSON = {"Content-Type": "application/json; charset=UTF-8"}
HTML = {"Content-Type": "text/html; charset=UTF-8"}
NOW = 1_800_000_000.0


def _told(message: str) -> bytes:
    return f'{{"name":"{message}","message":"{message}","url":"\\/x"}}'.encode()


def test_every_case_has_a_row_and_every_reason_a_case() -> None:
    assert set(TABLE) == set(Case)
    assert {row.reason for row in TABLE.values()} == set(Reason)


def test_no_pause_is_told_for_what_a_person_must_mend() -> None:
    assert not [case for case, row in TABLE.items() if row.permanent and row.retry_after_s]


@pytest.mark.parametrize(
    ("status", "headers", "body", "case"),
    [
        (200, JSON, b"", None),
        (201, {"Content-Type": "application/vnd.x+json"}, b"", None),
        (200, HTML, b"<html>", Case.HTML_INSTEAD),
        (200, {}, b"{}", Case.HTML_INSTEAD),
        (204, {}, b"", Case.HTML_INSTEAD),
        (302, HTML | {"Location": "http://10.0.0.1:8081/users/login"}, b"", Case.LOGIN_PAGE),
        (302, HTML | {"Location": "/misp/users/login"}, b"", Case.LOGIN_PAGE),
        (301, HTML | {"Location": "https://10.0.0.1/"}, b"", Case.OTHER_REDIRECT),
        (302, HTML | {"Location": "//[x"}, b"", Case.OTHER_REDIRECT),
        (308, HTML, b"", Case.OTHER_REDIRECT),
        (304, JSON, b"", Case.OTHER_REDIRECT),
        (400, JSON, b"{}", Case.INVALID_REQUEST),
        (401, HTML, b"", Case.STATUS_401),
        (403, JSON, _told("Authentication failed. Please make sure …"), Case.BAD_KEY),
        (
            403,
            JSON,
            _told("Authentication failed. Your user account has been disabled."),
            Case.USER_DISABLED,
        ),
        (
            403,
            JSON,
            _told("It is not possible to use this Auth key from your IP address"),
            Case.KEY_BOUND_TO_ADDRESS,
        ),
        (403, JSON, _told("You do not have permission to do that."), Case.NOT_ALLOWED),
        (403, JSON, b'{"saved": false, "message": "Could not add", "errors": {}}', Case.NOT_SAVED),
        (403, JSON, _told("something new"), Case.OTHER_403),
        (403, JSON, b'{"message": ["Authentication"]}', Case.OTHER_403),
        (403, JSON, b"[" * 100_000, Case.OTHER_403),
        (403, JSON, b"[]", Case.OTHER_403),
        (403, JSON, b"\xff", Case.OTHER_403),
        (403, HTML, b"<html>", Case.FORBIDDEN_BY_ANOTHER),
        (404, JSON, _told("Not Found"), Case.NOT_FOUND),
        (404, HTML, b"<html>", Case.NO_MISP_HERE),
        (405, JSON, b"{}", Case.INVALID_REQUEST),
        (408, HTML, b"", Case.STATUS_408),
        (413, HTML, b"", Case.INVALID_REQUEST),
        (429, JSON, b"{}", Case.TOO_MANY_REQUESTS),
        (500, JSON, b"{}", Case.INTERNAL_ERROR),
        (502, HTML, b"", Case.GATEWAY_ERROR),
        (503, HTML, b"", Case.GATEWAY_ERROR),
        (504, HTML, b"", Case.GATEWAY_ERROR),
        (507, HTML, b"", Case.ODD_STATUS),
        (999, HTML, b"", Case.ODD_STATUS),
    ],
)
def test_reading_an_answer(
    status: int, headers: dict[str, str], body: bytes, case: Case | None
) -> None:
    assert case_of_answer(status, headers, body) is case


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"X-Rate-Limit-Reset": "899"}, 899.0),
        ({"X-Rate-Limit-Reset": "0"}, 0.0),
        ({"X-Rate-Limit-Reset": "1800000120"}, 120.0),
        ({"X-Rate-Limit-Reset": "1700000000"}, None),
        ({"X-Rate-Limit-Reset": "9" * 400}, None),
        ({"X-Rate-Limit-Reset": "-5"}, None),
        ({"X-Rate-Limit-Reset": "soon"}, None),
        ({"X-Rate-Limit-Reset": "٣"}, None),
        ({"Retry-After": "30"}, 30.0),
        ({"Retry-After": "Fri, 15 Jan 2027 08:01:00 GMT"}, 60.0),
        ({"Retry-After": "Fri, 15 Jan 2020 08:01:00 GMT"}, 0.0),
        ({"Retry-After": "tomorrow"}, None),
        ({"X-Rate-Limit-Reset": "10", "Retry-After": "30"}, 10.0),
    ],
)
def test_when_to_ask_again(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_s(headers, NOW) == seconds


def test_a_failure_carries_its_row() -> None:
    made = failure(Case.LOGIN_PAGE, detail="status 302")
    assert (made.reason, made.permanent, made.retry_after_s) == (Reason.MAINTENANCE, False, 60.0)
    assert made.detail == "login_page status 302"


def test_what_the_answer_told_goes_before_the_row() -> None:
    assert failure(Case.TOO_MANY_REQUESTS, retry_after_s=7.0).retry_after_s == 7.0
    assert failure(Case.TOO_MANY_REQUESTS).retry_after_s == 900.0


def test_the_text_of_a_failure_is_its_reason_alone() -> None:
    made = MispFailure(Reason.NOT_JSON, permanent=False, detail="for the log")
    assert str(made) == "not_json"
    assert repr(made) == "MispFailure('not_json')"
