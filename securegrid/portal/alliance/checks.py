"""What a MISP's address, key, certificates and limits must look like; each check is pure."""

import re
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509 import Certificate

from securegrid.misp.connection import AddressPolicy
from securegrid.portal.alliance.models import MispMode, TlsMode, Visibility
from securegrid.portal.refusals import Problem, Refused

MAX_URL = 500
MAX_PEM = 100_000
MAX_CERTIFICATES = 20
MAX_LEFT_OUT = 100
MAX_LEFT_OUT_TEXT = 190  # MISP's own limit for a tag name is 255, of which 190 are indexed
MAX_CONCURRENCY = 8
MAX_PAUSE_MS = 10_000

# MISP makes keys of 40 letters and digits; other servers that speak its dialect make longer ones.
_KEY = re.compile(r"[A-Za-z0-9_\-]{40,128}")
_PRIVATE = "PRIVATE KEY-----"


def checked_url(written: str, *, https_needed: bool, policy: AddressPolicy) -> str:
    """The address in one form: host in lower case, no trailing slash. Raises ``Refused``.

    A literal address that ``policy`` forbids is refused here already; every other one is
    judged when the connection opens.
    """
    text = written.strip()
    parts = _parts(text)
    if parts.username is not None or parts.password is not None or "?" in text or "#" in text:
        raise Refused(Problem.URL_WITH_EXTRAS, "url")
    if https_needed and parts.scheme != "https":
        raise Refused(Problem.URL_NOT_HTTPS, "url")
    host = parts.hostname or ""
    if _is_literal(host) and not policy.allows(host):
        raise Refused(Problem.ADDRESS_FORBIDDEN, "url")
    shown_host = f"[{host}]" if ":" in host else host
    port = "" if parts.port is None else f":{parts.port}"
    return f"{parts.scheme}://{shown_host}{port}{parts.path}".rstrip("/")


def _parts(text: str) -> SplitResult:
    unusable = not text or len(text) > MAX_URL or not text.isprintable() or " " in text
    try:
        # urlsplit drops tabs and newlines in silence; isprintable has seen them before.
        parts = urlsplit("" if unusable else text)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or "\\" in text or "@" in parts.path:
        raise Refused(Problem.URL_INVALID, "url")
    return parts


def _is_literal(host: str) -> bool:
    return ":" in host or re.fullmatch(r"[0-9.]+", host) is not None


def origin_of(url: str) -> str:
    """Scheme, host and port of a checked address: the server to whom a key belongs."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return f"{parts.scheme}://{parts.hostname}:{port}"


def checked_key(written: str) -> str:
    """A key that can stand in a header. Raises ``Refused``, which never quotes it."""
    key = written.strip()
    if not _KEY.fullmatch(key):
        raise Refused(Problem.KEY_INVALID, "key")
    return key


def checked_tls(tls: str, ca_pem: str) -> tuple[TlsMode, str]:
    """The mode, and the CA where the mode uses one. Raises ``Refused``."""
    try:
        mode = TlsMode(tls)
    except ValueError:
        raise Refused(Problem.TLS_INVALID, "tls") from None
    if mode is not TlsMode.OWN_CA:
        return mode, ""
    if not ca_pem.strip():
        raise Refused(Problem.CA_NEEDED, "ca_pem")
    return mode, _checked_ca(ca_pem)


def _checked_ca(pem: str) -> str:
    try:
        found = _certificates(pem)
    except ValueError:
        raise Refused(Problem.CA_INVALID, "ca_pem") from None
    if _PRIVATE in pem or len(found) > MAX_CERTIFICATES:
        raise Refused(Problem.CA_INVALID, "ca_pem")
    return _as_pem(found)


def checked_client_pem(pem: str) -> str:
    """A certificate with its own unencrypted private key, or nothing. Raises ``Refused``."""
    if not pem.strip():
        return ""
    try:
        certificate = _certificates(pem)[0]
        key = load_pem_private_key(_key_block(pem), password=None)
    except (ValueError, TypeError, IndexError):
        raise Refused(Problem.CLIENT_CERTIFICATE_INVALID, "client_pem") from None
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    own = key.public_key().public_bytes(*form)
    if own != certificate.public_key().public_bytes(*form):
        raise Refused(Problem.CLIENT_CERTIFICATE_INVALID, "client_pem")
    return pem.strip() + "\n"


def _certificates(pem: str) -> list[Certificate]:
    if len(pem) > MAX_PEM:
        raise ValueError("too long")
    return x509.load_pem_x509_certificates(pem.encode())


def _key_block(pem: str) -> bytes:
    found = re.search(r"-----BEGIN ([A-Z ]*PRIVATE KEY)-----.*?-----END \1-----", pem, re.DOTALL)
    if found is None:
        raise ValueError("no private key")
    return found.group().encode()


def _as_pem(certificates: Iterable[Certificate]) -> str:
    """Only the certificates: text around them could hide anything."""
    return "".join(one.public_bytes(Encoding.PEM).decode() for one in certificates)


def checked_visibility(written: str) -> Visibility:
    """What others may see. Raises ``Refused``."""
    try:
        return Visibility(written)
    except ValueError:
        raise Refused(Problem.VISIBILITY_INVALID, "visibility") from None


def checked_mode(written: str) -> MispMode:
    """How the MISP is searched. Raises ``Refused``."""
    try:
        return MispMode(written)
    except ValueError:
        raise Refused(Problem.MODE_INVALID, "mode") from None


def checked_concurrency(written: int) -> int:
    """Requests at once, 1 to 8. Raises ``Refused``."""
    if not 1 <= written <= MAX_CONCURRENCY:
        raise Refused(Problem.LIMIT_INVALID, "concurrency")
    return written


def checked_pause_ms(written: int) -> int:
    """Milliseconds between two requests, 0 to 10,000. Raises ``Refused``."""
    if not 0 <= written <= MAX_PAUSE_MS:
        raise Refused(Problem.LIMIT_INVALID, "pause_ms")
    return written


def checked_left_out(written: Iterable[str], field: str) -> list[str]:
    """Tags or attribute types to leave out: without doubles, in order. Raises ``Refused``.

    A leading ``!`` or an outer ``%`` means something else to MISP (traps 1 and 2).
    """
    texts = sorted({text.strip() for text in written if text.strip()})
    if len(texts) > MAX_LEFT_OUT or any(_is_unsafe_filter(text) for text in texts):
        raise Refused(Problem.LEFT_OUT_INVALID, field)
    return texts


def _is_unsafe_filter(text: str) -> bool:
    outer = text.startswith(("!", "%")) or text.endswith("%")
    return outer or len(text) > MAX_LEFT_OUT_TEXT or not text.isprintable()
