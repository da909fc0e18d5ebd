"""Every error of aiohttp, ssl, the operating system and msgspec, as a row of the table."""

import errno
import socket
import ssl

import aiohttp
import msgspec

from securegrid.misp.addresses import ForbiddenAddress
from securegrid.misp.failures import Case


class TooLarge(Exception):  # noqa: N818 - never leaves this package
    """The body is larger than the limit."""


class UnusableTls(Exception):  # noqa: N818 - never leaves this package
    """The own authority or the client certificate cannot be read."""


# The first type that fits decides, so the narrow ones stand before the wide ones.
_BY_TYPE: tuple[tuple[type[BaseException], Case], ...] = (
    (TooLarge, Case.BODY_TOO_LARGE),
    (UnusableTls, Case.TLS_SETTINGS_UNUSABLE),
    (ForbiddenAddress, Case.FORBIDDEN_ADDRESS),
    (aiohttp.ClientConnectorDNSError, Case.NAME_NOT_FOUND),
    (socket.gaierror, Case.NAME_NOT_FOUND),
    (UnicodeError, Case.BAD_ADDRESS),
    (aiohttp.ClientConnectorCertificateError, Case.CERTIFICATE_WRONG),
    (ssl.CertificateError, Case.CERTIFICATE_WRONG),
    (aiohttp.ServerFingerprintMismatch, Case.CERTIFICATE_WRONG),
    (aiohttp.ClientSSLError, Case.TLS_BROKEN),
    (ssl.SSLError, Case.TLS_BROKEN),
    (aiohttp.ConnectionTimeoutError, Case.CONNECT_TIMED_OUT),
    (TimeoutError, Case.ANSWER_TIMED_OUT),
    (aiohttp.ClientConnectorError, Case.NOT_LISTENING),
    (aiohttp.InvalidURL, Case.BAD_ADDRESS),
    (aiohttp.NonHttpUrlClientError, Case.BAD_ADDRESS),
    (aiohttp.RedirectClientError, Case.OTHER_REDIRECT),
    (aiohttp.TooManyRedirects, Case.OTHER_REDIRECT),
    (aiohttp.ContentTypeError, Case.HTML_INSTEAD),
    (aiohttp.ClientResponseError, Case.NOT_HTTP),
    (aiohttp.ClientPayloadError, Case.ANSWER_CUT_SHORT),
    (aiohttp.UploadAbortedError, Case.CONNECTION_RESET),
    (aiohttp.ClientConnectionError, Case.CONNECTION_RESET),
    (msgspec.ValidationError, Case.UNKNOWN_SHAPE),
    (msgspec.DecodeError, Case.BROKEN_JSON),
    (RecursionError, Case.BROKEN_JSON),
    (ConnectionRefusedError, Case.NOT_LISTENING),
    (ConnectionError, Case.CONNECTION_RESET),
    (OSError, Case.NOT_LISTENING),
)
_REFUSING_ALERTS = ("CERTIFICATE", "UNKNOWN_CA", "HANDSHAKE_FAILURE", "ACCESS_DENIED")


def case_of_error(error: BaseException) -> Case:
    """The case of an exception; ``UNEXPECTED`` for one of no known kind."""
    inner = _inner(error)
    if isinstance(inner, ForbiddenAddress):
        return Case.FORBIDDEN_ADDRESS
    if _is_refusing_alert(inner) or _is_refusing_alert(error):
        return Case.CLIENT_CERTIFICATE_REFUSED
    if isinstance(inner, OSError) and inner.errno == errno.ETIMEDOUT:
        return Case.CONNECT_TIMED_OUT
    if isinstance(error, aiohttp.ClientConnectorError) and isinstance(inner, ConnectionResetError):
        return Case.TLS_BROKEN  # TCP was there, so it broke in the handshake
    return next((case for kind, case in _BY_TYPE if isinstance(error, kind)), Case.UNEXPECTED)


def _inner(error: BaseException) -> BaseException:
    """What aiohttp wrapped into the error, or the error itself."""
    inner = getattr(error, "os_error", None) or error.__cause__
    return inner if isinstance(inner, BaseException) else error


def _is_refusing_alert(error: BaseException) -> bool:
    """Whether the server told by a TLS alert that it wants another client certificate.

    TLS 1.3 tells it at the first read (RFC 8446 4.4.2.4), TLS 1.2 in the handshake.
    """
    if not isinstance(error, ssl.SSLError):
        return False
    reason = str(getattr(error, "reason", ""))
    return "ALERT" in reason and any(words in reason for words in _REFUSING_ALERTS)
