"""The demo's children: ports that are free, logs, and an end for each."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from securegrid.demo.processes import Child, free_ports, is_free, start, stop


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody listens."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield int(listening.getsockname()[1])


def test_a_port_in_use_is_replaced_and_a_free_one_kept(taken: int) -> None:
    (other,) = free_ports([taken])
    assert other != taken
    assert is_free(other)
    assert free_ports([other]) == (other,)


def test_ports_differ_from_each_other_and_from_those_to_avoid(taken: int) -> None:
    (free,) = free_ports([taken])
    ports = free_ports([free, free, 70_000], frozenset({free}))
    assert len({*ports, free}) == 4


def test_a_child_writes_its_log_and_is_stopped(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "one.log"
    child = start("one", ("node", "serve", "--no-such-option"), log, {})
    child.process.wait(60)
    assert child.is_dead
    assert "--no-such-option" in child.last_words()
    stop([child])


def test_who_does_not_listen_is_killed(tmp_path: Path) -> None:
    deaf = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint(flush=True)\n"
    process = subprocess.Popen(
        [sys.executable, "-c", f"{deaf}time.sleep(60)"], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()  # it does not listen from here on
    stop([Child("deaf", process, tmp_path / "log")], wait_s=0.3)
    assert process.returncode == -9
