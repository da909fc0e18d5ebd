"""Hashes, fuzzy hashes and TLS fingerprints."""

import re
from typing import Final

from securegrid.values.model import Kind, Reject, Value

HEX_LENGTHS: Final = {
    32: Kind.MD5,
    40: Kind.SHA1,
    56: Kind.SHA224,
    62: Kind.JARM,
    64: Kind.SHA256,
    70: Kind.TLSH,
    96: Kind.SHA384,
    128: Kind.SHA512,
}
"""What a bare run of hexadecimal digits is; a hint or a word beside it tells MD5s apart."""

_SAME_FORM: Final = {Kind.MD5: (Kind.MD5, Kind.IMPHASH, Kind.JA3)}
_HEX: Final = re.compile(r"[0-9a-fA-F]+")
_TLSH: Final = re.compile(r"[tT]1[0-9a-fA-F]{70}")
_SSDEEP: Final = re.compile(
    r"([0-9]{1,12}):([A-Za-z0-9/+]{0,64}):([A-Za-z0-9/+]{0,64})(?:,\"[^\"]*\")?"
)
_LEAST_SSDEEP: Final = 12
_SMALLEST_BLOCK: Final = 3


def hex_value(text: str, hint: Kind | None = None) -> Value | Reject:
    """A hash or JARM fingerprint by its number of digits, lower case."""
    kind = HEX_LENGTHS.get(len(text))
    if kind is None or not _HEX.fullmatch(text):
        return Reject.UNKNOWN_KIND
    if kind is Kind.TLSH:
        return tlsh_value(text)
    if hint in _SAME_FORM.get(kind, ()):
        kind = hint or kind
    plain = text.lower()
    return Value(kind, plain, (plain,))


def tlsh_value(text: str) -> Value | Reject:
    """TLSH with its version prefix ``T1``; MISPs hold it with and without, so both are asked."""
    if len(text) == 70:
        text = "T1" + text
    if not _TLSH.fullmatch(text):
        return Reject.UNKNOWN_KIND
    digits = text[2:].upper()
    return Value(Kind.TLSH, "T1" + digits, ("T1" + digits, digits))


def ssdeep_value(text: str, *, least: int = _LEAST_SSDEEP) -> Value | Reject:
    """``blocksize:hash:hash``; letters keep their case, a file name at the end is dropped.

    ``least`` characters of hash tell it from a time such as ``12:30:45``; the block
    size is 3 times a power of two (Kornblum 2006).
    """
    match = _SSDEEP.fullmatch(text)
    if match is None or len(match[2]) + len(match[3]) < least or not _is_block(int(match[1])):
        return Reject.UNKNOWN_KIND
    plain = f"{int(match[1])}:{match[2]}:{match[3]}"
    return Value(Kind.SSDEEP, plain, (plain,))


def _is_block(size: int) -> bool:
    power, rest = divmod(size, _SMALLEST_BLOCK)
    return rest == 0 and power > 0 and power & (power - 1) == 0
