"""What a worker asks of the system: no core dump, and an end with its parent."""

import os
import signal
import subprocess
import sys

import pytest

HELD = "bad.example"
ABORTS = f"""
import os, resource
resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
value = "{HELD}"
HARDEN
os.abort()
"""
HARDEN = "from securegrid.portal.jobs.process import leave_no_core; leave_no_core()"


def dumped(program: str, folder: str) -> bool:
    """Whether the kernel dumped the memory of a process that aborted."""
    pid = os.fork()
    if pid == 0:
        os.chdir(folder)
        os.execv(sys.executable, [sys.executable, "-c", program])
    _pid, status = os.waitpid(pid, 0)
    assert os.WTERMSIG(status) == signal.SIGABRT
    return os.WCOREDUMP(status)


@pytest.mark.skipif(sys.platform != "linux", reason="core dumps are Linux's here")
def test_a_worker_that_crashes_leaves_no_core(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("crash")
    program = ABORTS.replace("HARDEN", HARDEN)
    assert not dumped(program, str(folder))
    assert [*folder.iterdir()] == []


def test_the_limits_are_in_force() -> None:
    tells = (
        f"{HARDEN}; import ctypes, resource;"
        "print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    )
    told = subprocess.run([sys.executable, "-c", tells], capture_output=True, text=True, check=True)
    assert told.stdout.split("\n")[0] == "(0, 0) 0"


def test_a_worker_whose_portal_is_gone_already_does_not_begin() -> None:
    late = "from securegrid.portal.jobs.process import end_with; end_with(1); print('began')"
    done = subprocess.run([sys.executable, "-c", late], capture_output=True, text=True, check=True)
    assert done.stdout == ""
