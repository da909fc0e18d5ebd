"""The TLS context of one connection: which authority is trusted, who the portal says it is."""

import os
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from securegrid.misp.connection import Connection, Tls


def context_for(connection: Connection) -> ssl.SSLContext:
    """The context for ``connection``; an own authority is trusted alone, without the system's.

    Raises ``ssl.SSLError``, ``ValueError`` or ``OSError`` when a PEM cannot be used.
    """
    own_ca, client_pem = connection.ca_pem.strip(), connection.client_pem.strip()
    if connection.tls is not Tls.INSECURE and not own_ca and not client_pem:
        return _system_context()
    if connection.tls is Tls.INSECURE:
        context = _unverified_context()
    else:
        context = ssl.create_default_context(cadata=own_ca or None)
    if client_pem:
        with _as_file(client_pem) as path:
            context.load_cert_chain(path, password=_no_password)
    return context


@lru_cache(maxsize=1)
def _system_context() -> ssl.SSLContext:
    """Reading the system's authorities takes 20 ms, so it is done once for all MISPs."""
    return ssl.create_default_context()


def _unverified_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _no_password() -> str:
    """An encrypted private key must fail instead of asking at a terminal."""
    return ""


@contextmanager
def _as_file(pem: str) -> Iterator[str]:
    """A path that OpenSSL can read ``pem`` from; in memory where the system has such files."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("client-certificate")
        try:
            os.write(descriptor, pem.encode())
            yield f"/proc/self/fd/{descriptor}"
        finally:
            os.close(descriptor)
        return
    with tempfile.TemporaryDirectory() as folder:  # made for this user alone
        path = Path(folder) / "client.pem"
        path.write_text(pem)
        yield str(path)
