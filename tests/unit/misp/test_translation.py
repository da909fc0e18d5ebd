"""That every foreign error has its row, so that none is ever "unexpected"."""

import errno
import socket
import ssl
from collections.abc import Iterator

import aiohttp
import msgspec
import pytest

from securegrid.misp.addresses import ForbiddenAddress
from securegrid.misp.failures import Case
from securegrid.misp.translation import TooLarge, UnusableTls, case_of_error

CLIENT_ERRORS = {
    "ClientError": Case.UNEXPECTED,  # the base itself is never raised
    "ClientResponseError": Case.NOT_HTTP,
    "ContentTypeError": Case.HTML_INSTEAD,
    "WSServerHandshakeError": Case.NOT_HTTP,
    "ClientHttpProxyError": Case.NOT_HTTP,
    "TooManyRedirects": Case.OTHER_REDIRECT,
    "ClientConnectionError": Case.CONNECTION_RESET,
    "ClientConnectionResetError": Case.CONNECTION_RESET,
    "ClientOSError": Case.CONNECTION_RESET,
    "ClientConnectorError": Case.NOT_LISTENING,
    "ClientConnectorDNSError": Case.NAME_NOT_FOUND,
    "ClientProxyConnectionError": Case.NOT_LISTENING,
    "UnixClientConnectorError": Case.NOT_LISTENING,
    "ClientSSLError": Case.TLS_BROKEN,
    "ClientConnectorSSLError": Case.TLS_BROKEN,
    "ClientConnectorCertificateError": Case.CERTIFICATE_WRONG,
    "ServerConnectionError": Case.CONNECTION_RESET,
    "ServerDisconnectedError": Case.CONNECTION_RESET,
    "ServerTimeoutError": Case.ANSWER_TIMED_OUT,
    "ConnectionTimeoutError": Case.CONNECT_TIMED_OUT,
    "SocketTimeoutError": Case.ANSWER_TIMED_OUT,
    "ServerFingerprintMismatch": Case.CERTIFICATE_WRONG,
    "ClientPayloadError": Case.ANSWER_CUT_SHORT,
    "UploadAbortedError": Case.CONNECTION_RESET,
    "InvalidURL": Case.BAD_ADDRESS,
    "InvalidUrlClientError": Case.BAD_ADDRESS,
    "InvalidUrlRedirectClientError": Case.BAD_ADDRESS,
    "RedirectClientError": Case.OTHER_REDIRECT,
    "NonHttpUrlClientError": Case.BAD_ADDRESS,
    "NonHttpUrlRedirectClientError": Case.BAD_ADDRESS,
}


def _family(kind: type[BaseException]) -> Iterator[type[BaseException]]:
    yield kind
    for each in kind.__subclasses__():
        if each.__module__.startswith("aiohttp"):
            yield from _family(each)


@pytest.mark.parametrize(
    "kind", sorted(set(_family(aiohttp.ClientError)), key=lambda k: k.__name__)
)
def test_every_error_of_aiohttp_has_its_row(kind: type[BaseException]) -> None:
    """A new version of aiohttp with a new error fails here, by name."""
    assert case_of_error(kind.__new__(kind)) is CLIENT_ERRORS[kind.__name__]


@pytest.mark.parametrize(
    ("error", "case"),
    [
        (TooLarge(), Case.BODY_TOO_LARGE),
        (UnusableTls(), Case.TLS_SETTINGS_UNUSABLE),
        (ForbiddenAddress(), Case.FORBIDDEN_ADDRESS),
        (socket.gaierror(socket.EAI_NONAME, "x"), Case.NAME_NOT_FOUND),
        (UnicodeError("label too long"), Case.BAD_ADDRESS),
        (ssl.SSLCertVerificationError("x"), Case.CERTIFICATE_WRONG),
        (ssl.SSLEOFError("x"), Case.TLS_BROKEN),
        (ssl.SSLZeroReturnError("x"), Case.TLS_BROKEN),
        (TimeoutError(), Case.ANSWER_TIMED_OUT),
        (OSError(errno.ETIMEDOUT, "x"), Case.CONNECT_TIMED_OUT),
        (OSError(errno.ENETUNREACH, "x"), Case.NOT_LISTENING),
        (OSError(errno.EHOSTUNREACH, "x"), Case.NOT_LISTENING),
        (ConnectionRefusedError(), Case.NOT_LISTENING),
        (ConnectionResetError(), Case.CONNECTION_RESET),
        (BrokenPipeError(), Case.CONNECTION_RESET),
        (msgspec.ValidationError("x"), Case.UNKNOWN_SHAPE),
        (msgspec.DecodeError("x"), Case.BROKEN_JSON),
        (RecursionError(), Case.BROKEN_JSON),
        (RuntimeError("x"), Case.UNEXPECTED),
        (AssertionError(), Case.UNEXPECTED),
    ],
)
def test_errors_from_below(error: BaseException, case: Case) -> None:
    assert case_of_error(error) is case


def test_a_forbidden_address_is_found_inside_the_error_of_aiohttp() -> None:
    key = aiohttp.client_reqrep.ConnectionKey("h", 80, False, True, None, None, None)
    wrapped = aiohttp.ClientConnectorError(key, ForbiddenAddress())
    assert case_of_error(wrapped) is Case.FORBIDDEN_ADDRESS
