"""Looking up a host name in a thread of its own, so that a dead name server slows no other MISP."""

import asyncio
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

Lookup = Callable[..., Sequence[tuple[Any, ...]]]
"""As ``socket.getaddrinfo``; handed in so that tests can turn a name."""


class OneThreadResolver(AbstractResolver):
    """Resolves for one MISP; the default one shares a few threads among all."""

    def __init__(self, lookup: Lookup = socket.getaddrinfo) -> None:
        self._lookup = lookup
        self._threads = ThreadPoolExecutor(max_workers=1, thread_name_prefix="misp-lookup")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of ``host``; raises ``OSError`` when it has none."""
        ask = partial(
            self._lookup,
            host,
            port,
            family=family,
            type=socket.SOCK_STREAM,
            flags=socket.AI_ADDRCONFIG,
        )
        found = await asyncio.get_running_loop().run_in_executor(self._threads, ask)
        return [_result(host, port, each) for each in found]

    async def close(self) -> None:
        """Give up what is still being looked up."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _result(host: str, port: int, found: tuple[Any, ...]) -> ResolveResult:
    family, _, protocol, _, address = found
    literal = str(address[0])
    if family == socket.AF_INET6 and len(address) > 3 and address[3] and "%" not in literal:
        literal = f"{literal}%{address[3]}"
    return ResolveResult(
        hostname=host,
        host=literal,
        port=port,
        family=family,
        proto=protocol,
        flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    )
