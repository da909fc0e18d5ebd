"""A worker beside the portal: one child process that is started again when it dies."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence

import structlog

log = structlog.get_logger(__name__)

COMMAND = (sys.executable, "-m", "securegrid.portal.jobs.embedded")
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
HEALTHY_AFTER_S = 60.0
"""A worker that lived that long did not die of its start."""
_LOOK_EVERY_S = 0.1
_STOP_WAIT_S = 4.0


class WorkerBeside:
    """Keeps one worker process running until ``stop``; the portal itself never waits for it."""

    def __init__(
        self,
        command: Sequence[str] = COMMAND,
        *,
        first_pause_s: float = FIRST_PAUSE_S,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._command = [*command, str(os.getpid())]
        self._first_pause_s = self._pause_s = first_pause_s
        self._timer = timer
        self._ending = threading.Event()
        # The kernel ties the worker to the thread that started it, so this one outlives it.
        self._thread = threading.Thread(target=self._keep, name="worker-keeper", daemon=True)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The worker's process id; None while there is none."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def start(self) -> None:
        """Start the worker, and keep it running."""
        self._thread.start()

    def stop(self) -> None:
        """End the worker: politely, and after four seconds by force. Nothing is lost by that."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join()

    def _keep(self) -> None:
        while not self._ending.is_set():
            self._process, started = _start(self._command), self._timer()
            if self._lives_until_stopped(self._process):
                _end(self._process)
                return
            self._rest(self._process.returncode, self._timer() - started)

    def _lives_until_stopped(self, process: subprocess.Popen[bytes]) -> bool:
        """Wait; False when the worker ended by itself."""
        while process.poll() is None:
            if self._ending.wait(_LOOK_EVERY_S):
                return True
        return False

    def _rest(self, code: int, lived_s: float) -> None:
        """Pause before the next start, longer each time that a worker dies young."""
        if lived_s > HEALTHY_AFTER_S:
            self._pause_s = self._first_pause_s
        log.warning("worker ended by itself", exit_code=code, again_in_s=self._pause_s)
        self._ending.wait(self._pause_s)
        self._pause_s = min(LONGEST_PAUSE_S, self._pause_s * 2)


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    """Its own session, so that Ctrl-C reaches the portal only, which then ends it in order."""
    return subprocess.Popen(  # noqa: S603 - our own command
        command, stdin=subprocess.DEVNULL, start_new_session=True
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_WAIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
