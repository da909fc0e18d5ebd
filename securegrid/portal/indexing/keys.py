"""The fingerprint key of a generation: derived from a random secret that is kept sealed.

The secret, not the master key, is what the key is derived from: so rotating the master key seals
the secret anew and leaves every fingerprint valid, and destroying the secret destroys the key
for whoever holds the master key too (docs/decisions/0013).
"""

import os

from securegrid.portal.indexing.models import Generation
from securegrid.portal.sealing import SealError, seal, stretch, unseal

SECRET_BYTES = 32
PURPOSE = "index-fingerprints"


def secret_context(generation: Generation) -> str:
    """What a secret is sealed for: this generation."""
    return f"index-secret:{generation.name}"


def give_secret(generation: Generation) -> None:
    """Give a generation that is about to be stored a fresh secret."""
    generation.sealed_secret = seal(os.urandom(SECRET_BYTES), secret_context(generation))


def key_of(generation: Generation) -> bytes:
    """The 32 bytes under which the generation's fingerprints are made.

    HKDF-SHA-256 (RFC 5869) of its secret, salted with its name. Raises ``SealError`` when the
    secret is destroyed, or sealed under a master key that this process does not have.
    """
    secret = unseal(generation.sealed_secret, secret_context(generation))
    if len(secret) != SECRET_BYTES:
        raise SealError("the secret of an index is damaged")
    return stretch(secret, PURPOSE, salt=generation.name.bytes)
