"""One table of failures: each way a MISP can fail, whether it is permanent, and when to retry.

MispFailure is the only exception that leaves this package's client:

    Exception
    └── MispFailure   (reason, permanent, retry_after_s, detail)
        └── NotSaved  (and what the MISP said is wrong with what was written)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Reason(StrEnum):
    """Why a MISP gave no usable answer."""

    UNREACHABLE = "unreachable"
    ADDRESS_FORBIDDEN = "address_forbidden"
    TLS_FAILED = "tls_failed"
    TIMED_OUT = "timed_out"
    CONNECTION_LOST = "connection_lost"
    KEY_REJECTED = "key_rejected"
    NO_PERMISSION = "no_permission"
    MAINTENANCE = "maintenance"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    SERVER_ERROR = "server_error"
    REDIRECTED = "redirected"
    NOT_JSON = "not_json"
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    REQUEST_REFUSED = "request_refused"


class Case(StrEnum):
    """Every way of failing that is told apart; several share a reason."""

    NAME_NOT_FOUND = "name_not_found"
    NOT_LISTENING = "not_listening"
    BAD_ADDRESS = "bad_address"
    FORBIDDEN_ADDRESS = "forbidden_address"
    CERTIFICATE_WRONG = "certificate_wrong"
    TLS_SETTINGS_UNUSABLE = "tls_settings_unusable"
    CLIENT_CERTIFICATE_REFUSED = "client_certificate_refused"
    TLS_BROKEN = "tls_broken"
    CONNECT_TIMED_OUT = "connect_timed_out"
    ANSWER_TIMED_OUT = "answer_timed_out"
    STATUS_408 = "status_408"
    CONNECTION_RESET = "connection_reset"
    ANSWER_CUT_SHORT = "answer_cut_short"
    CLIENT_CLOSED = "client_closed"
    NOT_HTTP = "not_http"
    LOGIN_PAGE = "login_page"
    OTHER_REDIRECT = "other_redirect"
    STATUS_401 = "status_401"
    BAD_KEY = "bad_key"
    KEY_BOUND_TO_ADDRESS = "key_bound_to_address"
    USER_DISABLED = "user_disabled"
    NOT_ALLOWED = "not_allowed"
    NOT_SAVED = "not_saved"
    OTHER_403 = "other_403"
    FORBIDDEN_BY_ANOTHER = "forbidden_by_another"
    INVALID_REQUEST = "invalid_request"
    NOT_FOUND = "not_found"
    NO_MISP_HERE = "no_misp_here"
    TOO_MANY_REQUESTS = "too_many_requests"
    INTERNAL_ERROR = "internal_error"
    GATEWAY_ERROR = "gateway_error"
    ODD_STATUS = "odd_status"
    HTML_INSTEAD = "html_instead"
    BROKEN_JSON = "broken_json"
    UNKNOWN_SHAPE = "unknown_shape"
    BODY_TOO_LARGE = "body_too_large"
    UNEXPECTED = "unexpected"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table; ``retry_after_s`` holds where the answer itself says nothing."""

    reason: Reason
    permanent: bool
    """Asking again changes nothing until a person mends it."""
    recognised_by: str
    retry_after_s: float | None = None
    """``None``: unknown, so the breaker's own growing pauses apply."""


_MAINTENANCE_PAUSE_S = 60.0
_RATE_WINDOW_S = 900.0
"""MISP counts requests per quarter of an hour (trap 10)."""
_R = Reason

TABLE: Mapping[Case, Row] = MappingProxyType(
    {
        Case.NAME_NOT_FOUND: Row(_R.UNREACHABLE, False, "the host name has no address"),
        Case.NOT_LISTENING: Row(_R.UNREACHABLE, False, "refused, no route, network down"),
        Case.BAD_ADDRESS: Row(_R.UNREACHABLE, True, "an address no request can be sent to"),
        Case.FORBIDDEN_ADDRESS: Row(
            _R.ADDRESS_FORBIDDEN, True, "link-local, metadata, loopback … when the socket opens"
        ),
        Case.CERTIFICATE_WRONG: Row(
            _R.TLS_FAILED, True, "certificate unknown, expired or for another name"
        ),
        Case.TLS_SETTINGS_UNUSABLE: Row(
            _R.TLS_FAILED, True, "own authority or client certificate cannot be read"
        ),
        Case.CLIENT_CERTIFICATE_REFUSED: Row(
            _R.TLS_FAILED, True, "a TLS alert: asks for a client certificate or refuses ours"
        ),
        Case.TLS_BROKEN: Row(_R.TLS_FAILED, False, "no TLS spoken, handshake or record broken"),
        Case.CONNECT_TIMED_OUT: Row(_R.TIMED_OUT, False, "no connection within the time limit"),
        Case.ANSWER_TIMED_OUT: Row(_R.TIMED_OUT, False, "no whole answer within the time limit"),
        Case.STATUS_408: Row(_R.TIMED_OUT, False, "408"),
        Case.CONNECTION_RESET: Row(_R.CONNECTION_LOST, False, "closed before the answer"),
        Case.ANSWER_CUT_SHORT: Row(_R.CONNECTION_LOST, False, "closed in the middle of the body"),
        Case.CLIENT_CLOSED: Row(_R.CONNECTION_LOST, False, "the portal itself is shutting down"),
        Case.NOT_HTTP: Row(_R.MALFORMED, False, "the answer is not HTTP"),
        Case.LOGIN_PAGE: Row(
            _R.MAINTENANCE,
            False,
            "3xx to /users/login: maintenance mode (trap 9)",
            _MAINTENANCE_PAUSE_S,
        ),
        Case.OTHER_REDIRECT: Row(_R.REDIRECTED, True, "3xx to anywhere else; never followed"),
        Case.STATUS_401: Row(_R.KEY_REJECTED, True, "401"),
        Case.BAD_KEY: Row(
            _R.KEY_REJECTED,
            True,
            "403, 'Authentication failed': key wrong, missing, expired or not for the API (trap 8)",
        ),
        Case.KEY_BOUND_TO_ADDRESS: Row(
            _R.KEY_REJECTED, True, "403, 'not possible to use this Auth key from your IP' (trap 8)"
        ),
        Case.USER_DISABLED: Row(
            _R.KEY_REJECTED, True, "403, 'user account has been disabled' (trap 8)"
        ),
        Case.NOT_ALLOWED: Row(_R.NO_PERMISSION, True, "403, 'You do not have permission' (trap 8)"),
        Case.NOT_SAVED: Row(_R.REQUEST_REFUSED, True, "403 with 'saved': false (trap 8)"),
        Case.OTHER_403: Row(_R.NO_PERMISSION, True, "403, JSON, other words"),
        Case.FORBIDDEN_BY_ANOTHER: Row(
            _R.NOT_JSON, False, "403 without JSON: a proxy or firewall before the MISP"
        ),
        Case.INVALID_REQUEST: Row(
            _R.REQUEST_REFUSED, True, "400, 405, other 4xx: bad JSON, BOM, not UTF-8 (trap 8)"
        ),
        Case.NOT_FOUND: Row(
            _R.REQUEST_REFUSED, True, "404, JSON: unknown action, id, format; double uuid (trap 8)"
        ),
        Case.NO_MISP_HERE: Row(
            _R.NOT_JSON, True, "404 or 410 without JSON: no MISP at this address"
        ),
        Case.TOO_MANY_REQUESTS: Row(
            _R.RATE_LIMITED,
            False,
            "429; X-Rate-Limit-Reset or Retry-After (trap 10)",
            _RATE_WINDOW_S,
        ),
        Case.INTERNAL_ERROR: Row(
            _R.SERVER_ERROR, False, "500: bad limit, 4-byte characters when adding, … (trap 8)"
        ),
        Case.GATEWAY_ERROR: Row(
            _R.UNAVAILABLE, False, "502, 503, 504: php-fpm down, often HTML (trap 9); Retry-After"
        ),
        Case.ODD_STATUS: Row(_R.SERVER_ERROR, False, "a status that MISP never gives"),
        Case.HTML_INSTEAD: Row(_R.NOT_JSON, False, "200 without a JSON content type (trap 9)"),
        Case.BROKEN_JSON: Row(_R.MALFORMED, False, "200, JSON that ends early or is none"),
        Case.UNKNOWN_SHAPE: Row(
            _R.MALFORMED, False, "200, JSON without what was asked for; never taken for a miss"
        ),
        Case.BODY_TOO_LARGE: Row(
            _R.TOO_LARGE, False, "more bytes than the limit, counted after decompression"
        ),
        Case.UNEXPECTED: Row(
            _R.CONNECTION_LOST, False, "an error of the HTTP client of no known kind"
        ),
    }
)


class MispFailure(Exception):  # noqa: N818 - a failed MISP is a result, named in the field's words
    """A MISP did not answer usefully.

    ``permanent``: asking again changes nothing until a person mends it.
    ``retry_after_s``: seconds after which a retry makes sense; ``None`` when unknown.
    ``detail``: for the operator's log; never holds a searched value or a key.
    """

    def __init__(
        self,
        reason: Reason,
        *,
        permanent: bool,
        retry_after_s: float | None = None,
        detail: str = "",
    ) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.permanent = permanent
        self.retry_after_s = retry_after_s
        self.detail = detail


class NotSaved(MispFailure):
    """A MISP did not save what was written.

    ``told``: its own words, one for each thing that is wrong. They may hold what was written, so
    they are for the writer and not for a log.
    """

    def __init__(self, told: tuple[str, ...]) -> None:
        row = TABLE[Case.NOT_SAVED]
        super().__init__(row.reason, permanent=row.permanent, detail=Case.NOT_SAVED.value)
        self.told = told


def failure(case: Case, *, retry_after_s: float | None = None, detail: str = "") -> MispFailure:
    """The failure for ``case`` as its row says; ``retry_after_s`` when the answer told it."""
    row = TABLE[case]
    told = row.retry_after_s if retry_after_s is None else retry_after_s
    return MispFailure(
        row.reason,
        permanent=row.permanent,
        retry_after_s=told,
        detail=f"{case.value} {detail}".rstrip(),
    )
