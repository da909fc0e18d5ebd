"""The command line run as people run it: a process, its output and its exit code."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest

from tests.unit.cli.fake_portal import TOKEN, FakePortal


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


Command = Callable[..., Awaitable[Ended]]


@pytest.fixture
async def portal() -> AsyncIterator[FakePortal]:
    """A portal that answers everything at once."""
    async with FakePortal().running() as running:
        yield running


@pytest.fixture
def securegrid() -> Command:
    """``await securegrid("search", …, typed=…, language=…)``"""

    async def run(
        *arguments: str, typed: bytes = b"", language: str = "C.UTF-8", **variables: str
    ) -> Ended:
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        env = kept | {"LC_ALL": language, "COLUMNS": "200", "PYTHONUTF8": "1"} | variables
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "securegrid.cli.main", *arguments,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE, env=env,
        )  # fmt: skip
        out, err = await process.communicate(typed)
        return Ended(process.returncode or 0, out.decode(), err.decode())

    return run


@pytest.fixture
def at(portal: FakePortal) -> tuple[str, ...]:
    """The options that lead to the portal."""
    return "--portal", portal.url, "--token", TOKEN
