"""What a worker asks of the operating system: to end with its parent, and to leave no core dump."""

import ctypes
import os
import resource
import signal
import sys

_SET_DEATH_SIGNAL, _SET_DUMPABLE = 1, 4  # prctl(2)


def end_with(parent: int) -> None:
    """Let SIGTERM reach this process when process ``parent`` ends, however it ends.

    Ends at once when that has happened already. Only Linux can; elsewhere a killed parent
    leaves its worker behind, which then works on until it is told to end.
    """
    _prctl(_SET_DEATH_SIGNAL, signal.SIGTERM)
    if os.getppid() != parent:
        raise SystemExit(0)


def leave_no_core() -> None:
    """Let no core dump of this process be written: it would hold what a MISP answered."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # The limit does not hold where the kernel pipes cores to a program; this does.
    _prctl(_SET_DUMPABLE, 0)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)
