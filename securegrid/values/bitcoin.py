"""Bitcoin addresses of the main network, accepted only with a right checksum."""

import hashlib
import re
from typing import Final

from securegrid.values.model import Kind, Reject, Value

BASE58_SHAPE: Final = re.compile(r"[13][1-9A-HJ-NP-Za-km-z]{25,34}")
BECH32_SHAPE: Final = re.compile(r"[bB][cC]1[0-9A-Za-z]{11,87}")

_BASE58: Final = {
    c: i for i, c in enumerate("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")
}
_BECH32: Final = {c: i for i, c in enumerate("qpzry9x8gf2tvdw0s3jn54khce6mua7l")}
_VERSIONS: Final = (0x00, 0x05)  # P2PKH, P2SH
_GENERATORS: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_BECH32_CONSTANT: Final = 1  # BIP 173, witness version 0
_BECH32M_CONSTANT: Final = 0x2BC830A3  # BIP 350, versions 1 to 16


def bitcoin_value(text: str) -> Value | Reject:
    """Base58Check keeps its case, Bech32 becomes lower case (BIP 173)."""
    if BASE58_SHAPE.fullmatch(text):
        return Value(Kind.BITCOIN, text, (text,)) if _base58_ok(text) else Reject.INVALID_CHECKSUM
    if BECH32_SHAPE.fullmatch(text):
        plain = text.lower()
        if text not in (plain, text.upper()) or not _bech32_ok(plain):
            return Reject.INVALID_CHECKSUM
        return Value(Kind.BITCOIN, plain, (plain,))
    return Reject.UNKNOWN_KIND


def _base58_ok(text: str) -> bool:
    number = 0
    for character in text:
        number = number * 58 + _BASE58[character]
    if number >= 1 << 200:  # version, 20 bytes of hash, 4 of checksum
        return False
    raw = number.to_bytes(25, "big")
    if raw[0] not in _VERSIONS or _leading_ones(text) != _leading_zeros(raw):
        return False
    return hashlib.sha256(hashlib.sha256(raw[:21]).digest()).digest()[:4] == raw[21:]


def _leading_ones(text: str) -> int:
    return len(text) - len(text.lstrip("1"))


def _leading_zeros(raw: bytes) -> int:
    return len(raw) - len(raw.lstrip(b"\0"))


def _bech32_ok(text: str) -> bool:
    data = [_BECH32.get(character, -1) for character in text[3:]]
    if min(data) < 0 or data[0] > 16:
        return False
    wanted = _BECH32_CONSTANT if data[0] == 0 else _BECH32M_CONSTANT
    # the human-readable part "bc", expanded
    return _polymod([3, 3, 0, 2, 3, *data]) == wanted and _program_ok(data)


def _polymod(numbers: list[int]) -> int:
    check = 1
    for number in numbers:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ number
        for i, generator in enumerate(_GENERATORS):
            check ^= generator if (top >> i) & 1 else 0
    return check


def _program_ok(data: list[int]) -> bool:
    """The witness program: 20 or 32 bytes in version 0, else 2 to 40 (BIP 141)."""
    length, padding = divmod((len(data) - 7) * 5, 8)
    if padding > 4 or data[-7] & ((1 << padding) - 1):
        return False
    return length in (20, 32) if data[0] == 0 else 2 <= length <= 40
