"""How one MISP is reached: address, key, certificate rules; secrets never in its repr."""

from dataclasses import dataclass, field
from enum import StrEnum

from yarl import URL

from securegrid.misp.addresses import AddressPolicy

__all__ = ["AddressPolicy", "BadConnection", "Connection", "Problem", "Tls"]


class Tls(StrEnum):
    """How the server's certificate is verified (only for ``https``)."""

    VERIFY = "verify"
    """Against the system's authorities, or against ``ca_pem`` alone when one is given."""
    OWN_CA = "own_ca"
    """Against ``ca_pem`` alone."""
    INSECURE = "insecure"
    """Not at all: anyone on the way can read the key. For tests of a new MISP only."""


class Problem(StrEnum):
    """Why a connection cannot be used as written."""

    NOT_AN_HTTP_ADDRESS = "not_an_http_address"
    CREDENTIALS_IN_ADDRESS = "credentials_in_address"
    QUERY_IN_ADDRESS = "query_in_address"
    UNUSABLE_KEY = "unusable_key"
    CA_MISSING = "ca_missing"


class BadConnection(ValueError):  # noqa: N818 - a bad connection, named as the thing it is
    """A connection that cannot be used; the text names the problem, never the key."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.value)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Connection:
    """Everything needed to speak to one MISP. Raises ``BadConnection`` (a ``ValueError``)."""

    url: str
    """``http(s)://host[:port][/path]``, without a query or credentials."""
    key: str = field(repr=False)
    """The auth key, sent raw (``Bearer`` gives 403, trap 8)."""
    tls: Tls = Tls.VERIFY
    ca_pem: str = field(default="", repr=False)
    """One or several certificates of the owner's own authority, PEM."""
    client_pem: str = field(default="", repr=False)
    """Client certificate and its private key, PEM, together."""
    policy: AddressPolicy = field(default_factory=AddressPolicy)

    def __post_init__(self) -> None:
        _check_url(self.url)
        if not self.key or not self.key.isascii() or not self.key.isprintable() or " " in self.key:
            raise BadConnection(Problem.UNUSABLE_KEY)
        if self.tls is Tls.OWN_CA and not self.ca_pem.strip():
            raise BadConnection(Problem.CA_MISSING)

    def address_of(self, path: str) -> URL:
        """The address of ``path`` (such as ``/attributes/restSearch``) at this MISP."""
        return URL(self.url.rstrip("/") + path)


def _check_url(written: str) -> None:
    try:
        url = URL(written)
        has_host = url.scheme in {"http", "https"} and bool(url.host) and url.port is not None
    except ValueError:
        has_host = False
    if not has_host or written != written.strip():
        raise BadConnection(Problem.NOT_AN_HTTP_ADDRESS)
    if url.user is not None or url.password is not None:
        raise BadConnection(Problem.CREDENTIALS_IN_ADDRESS)
    if url.query_string or url.fragment:
        raise BadConnection(Problem.QUERY_IN_ADDRESS)
