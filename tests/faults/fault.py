"""Every way in which the fault-injecting MISP goes wrong, and what a search makes of it."""

import json
from dataclasses import dataclass
from enum import StrEnum

from securegrid.misp.failures import Reason


class Fault(StrEnum):
    """What one request meets. ``NONE`` is answered honestly."""

    NONE = "none"
    REFUSES = "refuses"
    """Nothing listens at the port (for all requests; chosen when the MISP is made)."""
    HANGS = "hangs"
    """The request is read and never answered."""
    DRIPS = "drips"
    """A byte of the answer every half second."""
    RESETS = "resets"
    """The connection is reset instead of an answer."""
    RESETS_MID_BODY = "resets_mid_body"
    CUT_SHORT = "cut_short"
    """Closed in the middle of the announced body."""
    TRUNCATED_JSON = "truncated_json"
    """A complete HTTP answer whose JSON stops in the middle."""
    OTHER_JSON = "other_json"
    """JSON without what was asked for; must never look like a miss."""
    HTML = "html"
    LOGIN_PAGE = "login_page"
    REDIRECT = "redirect"
    """302 to another host, which must not be visited."""
    BAD_KEY = "bad_key"
    KEY_BOUND = "key_bound"
    USER_DISABLED = "user_disabled"
    NO_PERMISSION = "no_permission"
    FORBIDDEN_HTML = "forbidden_html"
    """403 from a firewall before the MISP."""
    RATE_LIMITED = "rate_limited"
    """429 with a header that names 20 seconds."""
    RATE_LIMITED_SILENT = "rate_limited_silent"
    ERROR_500 = "error_500"
    """An internal error whose message quotes what was asked."""
    UNAVAILABLE = "unavailable"
    NOT_HTTP = "not_http"
    FLOOD = "flood"
    """A full page of rows that nobody asked for, on every page, with the honest ones among them."""
    FLOOD_REPEATED = "flood_repeated"
    """The same full page again and again: the ``page`` parameter is ignored."""
    HUGE = "huge"
    """500 MB, announced in the header."""
    HUGE_UNANNOUNCED = "huge_unannounced"
    """500 MB in parts, announced by nothing."""


RATE_LIMIT_S = 20

EXPECTED: dict[Fault, Reason | None] = {
    Fault.NONE: None,
    Fault.REFUSES: Reason.UNREACHABLE,
    Fault.HANGS: Reason.TIMED_OUT,
    Fault.DRIPS: Reason.TIMED_OUT,
    Fault.RESETS: Reason.CONNECTION_LOST,
    Fault.RESETS_MID_BODY: Reason.CONNECTION_LOST,
    Fault.CUT_SHORT: Reason.CONNECTION_LOST,
    Fault.TRUNCATED_JSON: Reason.MALFORMED,
    Fault.OTHER_JSON: Reason.MALFORMED,
    Fault.HTML: Reason.NOT_JSON,
    Fault.LOGIN_PAGE: Reason.MAINTENANCE,
    Fault.REDIRECT: Reason.REDIRECTED,
    Fault.BAD_KEY: Reason.KEY_REJECTED,
    Fault.KEY_BOUND: Reason.KEY_REJECTED,
    Fault.USER_DISABLED: Reason.KEY_REJECTED,
    Fault.NO_PERMISSION: Reason.NO_PERMISSION,
    Fault.FORBIDDEN_HTML: Reason.NOT_JSON,
    Fault.RATE_LIMITED: Reason.RATE_LIMITED,
    Fault.RATE_LIMITED_SILENT: Reason.RATE_LIMITED,
    Fault.ERROR_500: Reason.SERVER_ERROR,
    Fault.UNAVAILABLE: Reason.UNAVAILABLE,
    Fault.NOT_HTTP: Reason.MALFORMED,
    Fault.HUGE: Reason.TOO_LARGE,
    Fault.HUGE_UNANNOUNCED: Reason.TOO_LARGE,
}
"""The reason of all cells when every request meets the fault; floods keep their hits instead."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole HTTP answer."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = "application/json; charset=UTF-8"


def reply_of(fault: Fault, asked: list[str]) -> Reply | None:
    """The answer of a fault that is one; ``None`` for those that misbehave on the wire."""
    if fault in _MESSAGES:
        status, message, headers = _MESSAGES[fault]
        return Reply(status, _words(message), headers)
    if fault in _PAGES:
        return _PAGES[fault]
    if fault is Fault.ERROR_500:
        return Reply(500, _words(f"An Internal Error Has Occurred near {asked}"))
    return None


def _words(message: str) -> bytes:
    return json.dumps(
        {"name": message, "message": message, "url": "/attributes/restSearch"}
    ).encode()


_MESSAGES: dict[Fault, tuple[int, str, tuple[tuple[str, str], ...]]] = {
    Fault.BAD_KEY: (
        403,
        "Authentication failed. Please make sure you pass the API key of an API enabled user "
        "along in the Authorization header.",
        (),
    ),
    Fault.KEY_BOUND: (403, "It is not possible to use this Auth key from your IP address", ()),
    Fault.USER_DISABLED: (
        403,
        "Authentication failed. Your user account has been disabled.",
        (),
    ),
    Fault.NO_PERMISSION: (403, "You do not have permission to use this functionality.", ()),
    Fault.RATE_LIMITED: (
        429,
        "Rate limit exceeded.",
        (("X-Rate-Limit-Limit", "3"), ("X-Rate-Limit-Reset", str(RATE_LIMIT_S))),
    ),
    Fault.RATE_LIMITED_SILENT: (429, "Rate limit exceeded.", ()),
}

_HTML = "text/html; charset=UTF-8"
_PAGES: dict[Fault, Reply] = {
    Fault.HTML: Reply(200, b"<!DOCTYPE html><title>Welcome</title>", content_type=_HTML),
    Fault.LOGIN_PAGE: Reply(302, b"", (("Location", "/users/login"),), _HTML),
    Fault.REDIRECT: Reply(302, b"", (("Location", "http://192.0.2.1/attributes"),), _HTML),
    Fault.FORBIDDEN_HTML: Reply(403, b"<h1>Request blocked</h1>", content_type=_HTML),
    Fault.UNAVAILABLE: Reply(503, b"<h1>Service Unavailable</h1>", content_type=_HTML),
    Fault.TRUNCATED_JSON: Reply(200, b'{"response":{"Attribute":[{"id":"1","val'),
    Fault.OTHER_JSON: Reply(200, b'{"saved":true,"name":"ok"}'),
}
