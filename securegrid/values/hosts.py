"""Domain and host names: one ASCII form, and which of the two a name is."""

import re
from functools import cache
from pathlib import Path
from typing import Final

import idna
from publicsuffixlist import PSLFILE, PublicSuffixList

from securegrid.values.model import Kind, Reject, Value

_ASCII_HOST: Final = re.compile(r"(?:[a-z0-9_][a-z0-9_-]{0,62}\.)*[a-z0-9_][a-z0-9_-]{0,62}")
_MAX_HOST: Final = 253  # RFC 1035 2.3.4, without the final dot
_MAX_UNICODE_HOST: Final = 1_000
_BMP_END: Final = 0xFFFF

INTERNAL_SUFFIXES: Final = frozenset(
    {
        # special use: RFC 6761, 6762, 7686, 8375, 9476; ICANN resolution 2024.07.29.06
        *("local", "localhost", "localdomain", "test", "example", "invalid", "alt", "internal"),
        # usual inside organisations; ICANN keeps them out of the root (name collision)
        *("lan", "corp", "home", "intra", "intranet", "private", "domain", "workgroup"),
        # other roots that malware uses
        *("bit", "bazar", "coin", "emc", "i2p", "eth", "crypto", "libre", "geek", "loki"),
    }
)
"""Last labels outside the public suffix list that still make a host name of an explicit value."""

_FLAT: Final = "com net org info biz xyz top site online club live click shop icu fun space"
FLAT_SUFFIXES: Final = frozenset(_FLAT.split())
"""Top-level domains without a rule below them, where most names end: the quick way."""


def host_value(text: str, *, any_suffix: bool = False) -> Value | Reject:
    """The value of a domain or host name; ``any_suffix`` also takes names of unknown roots."""
    name = ascii_host(text)
    if isinstance(name, Reject):
        return name
    kind = host_kind(name)
    if kind is None:
        if "." not in name or not (any_suffix or _is_internal(name)):
            return Reject.UNKNOWN_SUFFIX
        kind = Kind.HOSTNAME
    return Value(kind, name, host_spellings(name))


def ascii_host(text: str) -> str | Reject:
    """Lower case, without leading or trailing dots, IDN in punycode (UTS 46, non-transitional).

    Underscores are kept: real names hold them. A last label of digits only is refused,
    as no root is so (RFC 3696 section 2) and it would look like an address.
    """
    name = text.strip(".").lower()
    if not name.isascii():
        punycode = _to_punycode(name)
        if punycode is None:
            return Reject.INVALID_HOST
        name = punycode
    if len(name) > _MAX_HOST or not _ASCII_HOST.fullmatch(name):
        return Reject.INVALID_HOST
    if name.rpartition(".")[2].isdigit():
        return Reject.INVALID_HOST
    return name


def host_kind(name: str) -> Kind | None:
    """DOMAIN when ``name`` is what is registered under its suffix (or the suffix itself).

    Only the ICANN part of the list counts: ``x.duckdns.org`` is a host that its
    owner did not register. ``None`` when the suffix is unknown.
    """
    before, dot, last = name.rpartition(".")
    if not dot:
        return None
    if last in FLAT_SUFFIXES:
        return Kind.HOSTNAME if "." in before else Kind.DOMAIN
    suffix = _suffixes().publicsuffix(name)
    if suffix is None:
        return None
    below = name[: -len(suffix)].rstrip(".")
    return Kind.HOSTNAME if "." in below else Kind.DOMAIN


def registered_domain(name: str) -> str:
    """What somebody registered of a host name (ASCII, lower case), which may be all of it.

    Empty for a suffix itself, for unknown roots and for addresses. Here the whole public
    suffix list counts: holders of names under ``duckdns.org`` have nothing else in common.
    """
    before, dot, last = name.rpartition(".")
    if not dot or last.isdigit():
        return ""
    if last in FLAT_SUFFIXES:
        domain = f"{before.rpartition('.')[2]}.{last}"
        if domain not in _let_out():
            return domain
    return _sites().privatesuffix(name) or ""


def is_suffix(label: str) -> bool:
    """Whether ``label`` alone is a known top-level domain."""
    return _suffixes().publicsuffix(label) is not None


def host_spellings(name: str) -> tuple[str, ...]:
    """The name, and its Unicode form where MISPs may hold that instead of punycode."""
    shown = unicode_host(name)
    return (name,) if shown is None else (name, shown)


def unicode_host(name: str) -> str | None:
    """The Unicode form of a punycode name; ``None`` if it has none that leads back to it.

    Characters beyond the basic plane are left out: MISP answers them with an error (trap 8).
    """
    if "xn--" not in name:
        return None
    try:
        shown = ".".join(_shown_label(label) for label in name.split("."))
    except (UnicodeError, ValueError):
        return None
    if shown in ("", name) or max(map(ord, shown)) > _BMP_END:
        return None
    return shown if ascii_host(shown) == name else None


def _is_internal(name: str) -> bool:
    return name.rpartition(".")[2] in INTERNAL_SUFFIXES


def _to_punycode(name: str) -> str | None:
    if len(name) > _MAX_UNICODE_HOST:
        return None
    try:
        mapped = idna.uts46_remap(name, std3_rules=False, transitional=False)
        return ".".join(_ascii_label(label) for label in mapped.strip(".").split("."))
    except (UnicodeError, ValueError):
        return None


def _ascii_label(label: str) -> str:
    """A-label by IDNA 2008; by plain punycode for what registries sold before (``i❤.ws``)."""
    if label.isascii():
        return label
    if label.startswith("xn--"):
        raise ValueError
    try:
        return idna.alabel(label).decode("ascii")
    except idna.IDNAError:
        return "xn--" + label.encode("punycode").decode("ascii")


def _shown_label(label: str) -> str:
    return label[4:].encode("ascii").decode("punycode") if label.startswith("xn--") else label


@cache
def _suffixes() -> PublicSuffixList:
    """The list that came with the package: offline, and without guesses."""
    return PublicSuffixList(accept_unknown=False, only_icann=True)


@cache
def _let_out() -> frozenset[str]:
    """Domains under a flat suffix with rules of their own: their holders let out names."""
    lines = Path(PSLFILE).read_text(encoding="utf-8").splitlines()
    rules = (line.split(".")[-2:] for line in lines if not line.startswith("//"))
    return frozenset(".".join(rule) for rule in rules if rule[-1] in FLAT_SUFFIXES)


@cache
def _sites() -> PublicSuffixList:
    """Also with the suffixes of companies under which strangers register."""
    return PublicSuffixList(accept_unknown=False)


def warm_up() -> None:
    """Read the suffix lists now (some 40 ms each) instead of at the first name."""
    _suffixes()
    _sites()
    _let_out()
