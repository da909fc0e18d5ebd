"""What of an import is sealed in the database: the file's name, its preview, a key for once."""

import zlib
from typing import TYPE_CHECKING

import msgspec

from securegrid.portal.imports.preview import Preview
from securegrid.portal.sealing import SealError, seal, unseal

if TYPE_CHECKING:
    from securegrid.portal.imports.models import Import


def name_context(imported: "Import") -> str:
    """What a file's name is sealed for: this import."""
    return f"import-name:{imported.public_id}"


def preview_context(imported: "Import") -> str:
    """What a preview is sealed for: this import."""
    return f"import-preview:{imported.public_id}"


def key_context(imported: "Import") -> str:
    """What a key is sealed for: this import, and the server that was chosen."""
    address = "" if imported.misp is None else imported.misp.url
    return f"import-key:{imported.public_id}:{address}"


def seal_name(imported: "Import", name: str) -> bytes:
    """The sealed form of a file's name."""
    return seal(name.encode(), name_context(imported))


def name_of(imported: "Import") -> str:
    """What the file was called; empty where the master key that sealed it is gone."""
    try:
        return unseal(imported.sealed_name, name_context(imported)).decode()
    except SealError:
        return ""


def seal_preview(imported: "Import", preview: Preview) -> bytes:
    """The sealed form of a preview."""
    packed = zlib.compress(msgspec.msgpack.encode(preview), 1)
    return seal(packed, preview_context(imported))


def preview_of(imported: "Import") -> Preview | None:
    """What was understood; None before it was read, or once it was forgotten."""
    if not imported.sealed_preview:
        return None
    try:
        packed = unseal(imported.sealed_preview, preview_context(imported))
    except SealError:
        return None
    return msgspec.msgpack.decode(zlib.decompress(packed), type=Preview)


def seal_key(imported: "Import", key: str) -> bytes:
    """The sealed form of a key; call when the MISP is chosen."""
    return seal(key.encode(), key_context(imported))


def key_of(imported: "Import") -> str:
    """The key for this import; empty when the MISP's own is to be used. Raises ``SealError``."""
    if not imported.sealed_key:
        return ""
    return unseal(imported.sealed_key, key_context(imported)).decode()
