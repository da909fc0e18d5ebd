"""Commands are loaded when they are used, and all of them are there."""

import subprocess
import sys

import pytest

from securegrid.cli.main import COMMANDS

LOADED = """
import sys
from securegrid.cli.main import exit_code_of
assert exit_code_of(sys.argv[1:]) == 0
print(*sorted({".".join(name.split(".")[:2]) for name in sys.modules}))
"""


def after(*arguments: str) -> str:
    """What a command printed, and which packages were loaded in the end."""
    command = [sys.executable, "-c", LOADED, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("command", ["search", "extract"])
def test_a_command_loads_nothing_of_the_others(command: str) -> None:
    loaded = after(command, "--help").splitlines()[-1].split()
    assert "securegrid.values" in loaded
    assert {"django", "pymisp", "securegrid.node", "securegrid.demo"}.isdisjoint(loaded)


def test_the_list_names_every_command() -> None:
    told = after("--help")
    assert [name for name in COMMANDS if f" {name} " not in told] == []
