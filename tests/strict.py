"""``--skip-nothing`` (``make test``): a skipped test is a failed one, but for missing real data."""

from collections.abc import Generator
from pathlib import Path

import pytest

REAL_DATA = Path(__file__).resolve().parents[2] / "shared"
"""Real data beside the project; it is never part of it."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer ``--skip-nothing``."""
    parser.addoption("--skip-nothing", action="store_true", help="fail what would be skipped")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data; tests that use it carry the mark ``shared``."""
    return REAL_DATA / "data"


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip, with a clear word, what needs real data where there is none."""
    if item.get_closest_marker("shared") and not REAL_DATA.exists():
        pytest.skip("no real data beside the project (../shared)")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a skipped test, unless it is skipped for want of real data."""
    report = yield
    excused = item.get_closest_marker("shared") is not None and not REAL_DATA.exists()
    if item.config.getoption("--skip-nothing") and _was_skipped(report) and not excused:
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and nothing may be: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Fail a file that skips itself while it is read."""
    report = yield
    if collector.config.getoption("--skip-nothing") and report.skipped:
        report.outcome = "failed"
        report.longrepr = (
            f"{collector.nodeid} skipped itself, and nothing may be: {report.longrepr}"
        )
    return report


def _was_skipped(report: pytest.TestReport) -> bool:
    return report.skipped and not hasattr(report, "wasxfail")
