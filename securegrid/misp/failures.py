"""One table of failures: each way a MISP can fail, whether it is permanent, and when to retry."""

from enum import StrEnum


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
