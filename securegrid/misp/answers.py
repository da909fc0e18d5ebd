"""Reading the outside of an HTTP answer: which row of the table of failures it is, if any."""

import email.utils
import json
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from securegrid.misp.failures import Case

_EPOCH_FROM = 1_000_000_000.0
"""A reset above this is a moment (seconds since 1970), below it a number of seconds."""
_LONGEST_PAUSE_S = 86_400.0
_MOST_WORDS, _LONGEST_WORDS = 20, 300
_BAD_KEY_WORDS = (
    ("your user account has been disabled", Case.USER_DISABLED),
    ("use this auth key from your ip", Case.KEY_BOUND_TO_ADDRESS),
    ("authentication failed", Case.BAD_KEY),
    ("you do not have permission", Case.NOT_ALLOWED),
)
_BY_STATUS = {
    401: Case.STATUS_401,
    408: Case.STATUS_408,
    429: Case.TOO_MANY_REQUESTS,
    500: Case.INTERNAL_ERROR,
    502: Case.GATEWAY_ERROR,
    503: Case.GATEWAY_ERROR,
    504: Case.GATEWAY_ERROR,
}


def case_of_answer(status: int, headers: Mapping[str, str], body: bytes = b"") -> Case | None:
    """The case of an answer, or ``None`` when it is JSON that is worth decoding.

    ``body`` may be cut short; only the words of a JSON error in it are looked at.
    """
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if 200 <= status < 300:
        return None if is_json(headers) else Case.HTML_INSTEAD
    if 300 <= status < 400:
        return _redirect(headers.get("Location", ""))
    if 400 <= status < 500:
        return _refusal(status, is_json(headers), body)
    return Case.ODD_STATUS


def is_json(headers: Mapping[str, str]) -> bool:
    """Whether the content type says JSON; anything else did not come from MISP's API (trap 9)."""
    kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


def retry_after_s(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds until asking again makes sense, as the answer says; 0 to a day, else ``None``.

    ``X-Rate-Limit-Reset`` was recorded as seconds (trap 10); a value too large for that is read
    as a moment. ``Retry-After`` comes from proxies (RFC 9110 10.2.3). ``now``: seconds since 1970.
    """
    told = _number(headers.get("X-Rate-Limit-Reset"))
    if told is not None and told >= _EPOCH_FROM:
        told -= now
    if told is None:
        told = _retry_after(headers.get("Retry-After"), now)
    if told is None or not 0.0 <= told <= _LONGEST_PAUSE_S:
        return None
    return told


def words_of(body: bytes) -> tuple[str, ...]:
    """What a MISP says is wrong (``errors`` of trap 8), each as ``field: words``; at most 20."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return ()
    return tuple(_flat(told.get("errors")))[:_MOST_WORDS] if isinstance(told, dict) else ()


def _flat(errors: object, field: str = "") -> Iterator[str]:
    if isinstance(errors, dict):
        for name, inner in errors.items():
            yield from _flat(inner, str(name))
    elif isinstance(errors, list):
        for inner in errors:
            yield from _flat(inner, field)
    elif errors:
        yield f"{field}: {errors}"[:_LONGEST_WORDS] if field else str(errors)[:_LONGEST_WORDS]


def _redirect(location: str) -> Case:
    try:
        path = urlsplit(location).path
    except ValueError:
        path = ""
    return Case.LOGIN_PAGE if path.rstrip("/").endswith("/users/login") else Case.OTHER_REDIRECT


def _refusal(status: int, told_in_json: bool, body: bytes) -> Case:
    if status == 403:
        return _forbidden(body) if told_in_json else Case.FORBIDDEN_BY_ANOTHER
    if status in {404, 410}:
        return Case.NOT_FOUND if told_in_json else Case.NO_MISP_HERE
    return Case.INVALID_REQUEST


def _forbidden(body: bytes) -> Case:
    """Which of the many meanings of 403 this is (trap 8): MISP tells them apart by words only."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return Case.OTHER_403
    if not isinstance(told, dict):
        return Case.OTHER_403
    if told.get("saved") is False:
        return Case.NOT_SAVED
    words = str(told.get("message", "")).lower()
    return next((case for part, case in _BAD_KEY_WORDS if part in words), Case.OTHER_403)


def _retry_after(written: str | None, now: float) -> float | None:
    seconds = _number(written)
    if seconds is not None or written is None:
        return seconds
    try:
        return max(0.0, email.utils.parsedate_to_datetime(written).timestamp() - now)
    except ValueError:
        return None


def _number(written: str | None) -> float | None:
    if written is None or not written.strip().isdecimal() or not written.isascii():
        return None
    return float(written[:20])
