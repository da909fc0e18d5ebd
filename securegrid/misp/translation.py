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
_CLIENT_CERTIFICATE_WORDS = ("CERTIFICATE_REQUIRED", "BAD_CERTIFICATE", "UNKNOWN_CA")


def case_of_error(error: BaseException) -> Case:
    """The case of an exception; ``UNEXPECTED`` for one of no known kind."""
    for inner in _with_inner(error):
        if isinstance(inner, ForbiddenAddress):
            return Case.FORBIDDEN_ADDRESS
        if _refuses_our_certificate(inner):
            return Case.CLIENT_CERTIFICATE_REFUSED
        if isinstance(inner, OSError) and inner.errno == errno.ETIMEDOUT:
            return Case.CONNECT_TIMED_OUT
    return next((case for kind, case in _BY_TYPE if isinstance(error, kind)), Case.UNEXPECTED)


def _with_inner(error: BaseException) -> tuple[BaseException, ...]:
    """The error and what aiohttp wrapped into it."""
    inner = getattr(error, "os_error", None) or error.__cause__
    return (error,) if not isinstance(inner, BaseException) else (error, inner)


def _refuses_our_certificate(error: BaseException) -> bool:
    """Whether the server's TLS alert says that the portal's client certificate is wrong."""
    reason = getattr(error, "reason", None) if isinstance(error, ssl.SSLError) else None
    return (
        isinstance(reason, str)
        and "ALERT" in reason
        and any(words in reason for words in _CLIENT_CERTIFICATE_WORDS)
    )
