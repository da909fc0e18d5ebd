"""Sealing: secrets and questions are stored encrypted, under a key kept outside the database.

A sealed text is ``key number (1 byte) | nonce (12) | AES-256-GCM ciphertext and tag``. The key
is derived from the master key by HKDF-SHA-256 for each purpose, and the whole context is bound
as associated data: what was sealed in one place cannot be opened in another.
"""

import base64
import binascii
import os
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from securegrid.portal.config import Config, Mode, UnsafeSettings, config

KEY_BYTES = 32
NONCE_BYTES = 12  # NIST SP 800-38D recommends 96 bits


class SealError(Exception):
    """A sealed text cannot be opened: another key, another context, or damage."""


class Sealer:
    """Seals with the first of ``keys`` and opens with any of them.

    ``keys``: master keys of 32 bytes, the current one first; ``random(n)`` gives n bytes.
    """

    def __init__(self, keys: Sequence[bytes], random: Callable[[int], bytes] = os.urandom) -> None:
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise ValueError("at least one master key of 32 bytes")
        self._keys = tuple(keys)
        self._numbers = tuple(_derived(key, "key-number", 1)[0] for key in self._keys)
        self._random = random
        self._ciphers: dict[tuple[int, str], AESGCM] = {}

    def seal(self, plain: bytes, context: str) -> bytes:
        """Encrypt ``plain`` for ``context``, written ``purpose:subject``."""
        nonce = self._random(NONCE_BYTES)
        sealed = self._cipher(0, context).encrypt(nonce, plain, context.encode())
        return bytes((self._numbers[0],)) + nonce + sealed

    def unseal(self, sealed: bytes | memoryview, context: str) -> bytes:
        """The plain text; raises ``SealError`` when no key opens it in this context."""
        for index, number in enumerate(self._numbers):
            if bytes(sealed[:1]) == bytes((number,)):
                with suppress(InvalidTag, ValueError):
                    return self._open(index, bytes(sealed), context)
        raise SealError("sealed with another key or for another place, or damaged")

    def is_current(self, sealed: bytes | memoryview, context: str) -> bool:
        """Whether the current key opens it (the number alone could belong to two keys)."""
        try:
            self._open(0, bytes(sealed), context)
        except (InvalidTag, ValueError):
            return False
        return True

    def derive(self, purpose: str, length: int = KEY_BYTES) -> bytes:
        """A key of ``length`` bytes for another use, from the current master key."""
        return _derived(self._keys[0], purpose, length)

    def _open(self, index: int, sealed: bytes, context: str) -> bytes:
        nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        return self._cipher(index, context).decrypt(nonce, body, context.encode())

    def _cipher(self, index: int, context: str) -> AESGCM:
        purpose, separator, _ = context.partition(":")
        if not separator:
            raise ValueError("a context is written purpose:subject")
        cipher = self._ciphers.get((index, purpose))
        if cipher is None:
            cipher = AESGCM(_derived(self._keys[index], "seal:" + purpose, KEY_BYTES))
            self._ciphers[index, purpose] = cipher
        return cipher


def stretch(secret: bytes, purpose: str, salt: bytes, length: int = KEY_BYTES) -> bytes:
    """A key of ``length`` bytes from a random secret that is itself kept sealed.

    It outlives a rotation of the master key, and ends with the secret.
    """
    return _derived(secret, purpose, length, salt)


def _derived(secret: bytes, purpose: str, length: int, salt: bytes | None = None) -> bytes:
    info = b"securegrid/1/" + purpose.encode()
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)


def new_key() -> str:
    """A fresh master key, as it stands in the key file."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def parse_keys(text: str) -> tuple[bytes, ...]:
    """Master keys from lines or a comma-separated list; ``#`` begins a remark.

    Raises ``ValueError`` (which never quotes the text) when one is not 32 bytes of base64.
    """
    pieces = (line.partition("#")[0] for line in text.replace(",", "\n").splitlines())
    return tuple(_parsed(piece.strip()) for piece in pieces if piece.strip())


def _parsed(piece: str) -> bytes:
    try:
        key = base64.b64decode(piece.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise ValueError("must be 32 bytes in base64") from None
    return key


def keys_of(settings: Config) -> tuple[bytes, ...]:
    """The master keys that these settings name; demo and test make their own file.

    Raises ``UnsafeSettings`` naming the setting that is missing or unusable.
    """
    if settings.master_key_file is not None:
        return _named("SECUREGRID_MASTER_KEY_FILE", _text_of(settings.master_key_file))
    if settings.master_key.get_secret_value():
        return _named("SECUREGRID_MASTER_KEY", settings.master_key.get_secret_value())
    if settings.mode is Mode.PRODUCTION:
        raise UnsafeSettings(
            "SECUREGRID_MASTER_KEY_FILE: must be set in production (or SECUREGRID_MASTER_KEY)"
        )
    return _named("SECUREGRID_MASTER_KEY_FILE", _made(settings.own_key_file))


def _named(setting: str, text: str) -> tuple[bytes, ...]:
    try:
        keys = parse_keys(text)
    except ValueError as refused:
        raise UnsafeSettings(f"{setting}: {refused}") from None
    if not keys:
        raise UnsafeSettings(f"{setting}: holds no key")
    return keys


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeError):
        raise UnsafeSettings("SECUREGRID_MASTER_KEY_FILE: cannot be read") from None


def _made(path: Path) -> str:
    """The key in ``path``; made once, whole, and readable by its owner only."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(new_key() + "\n")
        # A hard link appears whole or not at all, so two processes cannot make two keys.
        with suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()
    return _text_of(path)


@lru_cache(maxsize=1)
def sealer() -> Sealer:
    """The sealer of this process, made once from its settings."""
    return Sealer(keys_of(config()))


def seal(plain: bytes, context: str) -> bytes:
    """Seal with this process's master key; see ``Sealer.seal``."""
    return sealer().seal(plain, context)


def unseal(sealed: bytes | memoryview, context: str) -> bytes:
    """Open with this process's master keys; see ``Sealer.unseal``."""
    return sealer().unseal(sealed, context)
