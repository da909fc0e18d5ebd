"""The demo's child processes: start them, see whether they live, and stop every one."""

import ctypes
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

_STOP_WAIT_S = 8.0
_SET_DEATH_SIGNAL = 1  # prctl(2), PR_SET_PDEATHSIG


@dataclass(frozen=True, slots=True)
class Child:
    """One running part of the demo, and where it writes."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def is_dead(self) -> bool:
        """Whether it has ended."""
        return self.process.poll() is not None

    def last_words(self) -> str:
        """The end of what it wrote."""
        try:
            return self.log.read_text(encoding="utf-8", errors="replace")[-1500:].strip()
        except OSError:
            return ""


def start(name: str, arguments: Sequence[str], log: Path, env: Mapping[str, str]) -> Child:
    """Run ``securegrid ARGUMENTS`` as a child whose output goes to ``log``.

    It gets a session of its own: Ctrl-C reaches this process only, which then stops the
    children in order.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "securegrid.cli.main", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(env),
            start_new_session=True,
            preexec_fn=partial(die_with_parent, signal.SIGTERM),
        )
    return Child(name, process, log)


def die_with_parent(number: int) -> None:
    """For a fresh child: let Linux send it signal ``number`` when its parent has been killed.

    Elsewhere nothing happens: a killed parent then leaves its children behind.
    """
    if sys.platform == "linux":
        _LIBC.prctl(_SET_DEATH_SIGNAL, number)


_LIBC = ctypes.CDLL(None)


def stop(children: Iterable[Child], *, wait_s: float = _STOP_WAIT_S) -> None:
    """End every child, the last started first; who has not ended after ``wait_s`` is killed."""
    waiting = list(reversed(list(children)))
    for child in waiting:
        if not child.is_dead:
            child.process.terminate()
    until = time.monotonic() + wait_s
    for child in waiting:
        try:
            child.process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()


def is_free(port: int) -> bool:
    """Whether a server could listen on ``port`` of this machine."""
    with socket.socket() as probe:
        # As servers do: a port whose last connections are still fading is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_ports(wanted: Sequence[int], avoid: frozenset[int] = frozenset()) -> tuple[int, ...]:
    """``wanted`` where free, else the system's choice; all different, none of ``avoid``."""
    chosen: list[int] = []
    for port in wanted:
        taken = avoid | set(chosen)
        good = 0 < port < 65536 and port not in taken and is_free(port)
        chosen.append(port if good else _any_free_port(taken))
    return tuple(chosen)


def _any_free_port(avoid: frozenset[int] | set[int]) -> int:
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if port not in avoid:
            return port
