"""``--skip-nothing``: what a test needs is never left out in silence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

SKIPPED = "import pytest\n\ndef test_it():\n    pytest.skip('no browser here')\n"
SKIPPED_FILE = "import pytest\n\npytest.skip('no browser here', allow_module_level=True)\n"
EXPECTED_TO_FAIL = "import pytest\n\n@pytest.mark.xfail\ndef test_it():\n    assert False\n"


def run(folder: Path, text: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run one test file with the project's plugins, outside the project."""
    (folder / "test_one.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "-p", "tests.strict", *options]
    return subprocess.run(
        [*command, "-p", "no:cacheprovider", "--rootdir", str(folder), str(folder / "test_one.py")],
        # Without the plugins that are installed beside it, which take seconds to load.
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("text", [SKIPPED, SKIPPED_FILE])
def test_a_skip_passes_by_itself_but_not_when_nothing_may_be_skipped(
    tmp_path: Path, text: str
) -> None:
    assert run(tmp_path, text).returncode in (0, 5)
    strict = run(tmp_path, text, "--skip-nothing")
    assert strict.returncode not in (0, 5)
    assert "nothing may be" in strict.stdout
    assert "no browser here" in strict.stdout


def test_an_expected_failure_is_no_skip(tmp_path: Path) -> None:
    assert run(tmp_path, EXPECTED_TO_FAIL, "--skip-nothing").returncode == 0
