"""The reader that docs/ingest-readers.md adds works as it stands there, next to all others."""

import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from securegrid.ingest.model import AttributeDraft, BadLine
from securegrid.ingest.readers.registry import registry
from securegrid.ingest.runs.reports import FileState
from securegrid.ingest.runs.run import Run
from tests.unit.ingest.readers.blocks import OPTIONS, shape_options

PAGE = Path(__file__).resolve().parents[4] / "docs" / "ingest-readers.md"
LOG = """\
2026-11-20T10:00:00Z BLOCK 198.51.100.7 sqli
2026-11-20T10:00:05Z PASS 203.0.113.9 -
2026-11-20T11:30:00Z BLOCK 198.51.100.7 sqli
2026-11-21T00:00:00Z BLOCK 2001:DB8::7 xss
2026-11-21T00:00:01Z BLOCK nowhere xss
"""


@pytest.fixture(scope="module")
def added(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    folder = tmp_path_factory.mktemp("added")
    (folder / "waf_example.py").write_text(code, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("waf_example", folder / "waf_example.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["waf_example"] = module
    sys.path.insert(0, str(folder))
    spec.loader.exec_module(module)
    yield module
    sys.path.remove(str(folder))
    del sys.modules["waf_example"]


@pytest.mark.parametrize("lines", [1, 8_000])
def test_it_reads_in_this_process_and_in_others(
    added: ModuleType, tmp_path: Path, lines: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("securegrid.ingest.runs.reading.TASK_BYTES", 100_000)
    log = tmp_path / "waf.log"
    log.write_text(LOG * lines)
    with Run.open(tmp_path / "state", "waf.example") as run:
        report = run.read([str(log)], added.WAF, OPTIONS, workers=2)
        assert report.bad == {BadLine.NO_ADDRESS: lines}
        drafts = run.drafts(added.WAF.shape(shape_options("waf.example", "tlp:green")))
        first, second = drafts.events()
        (seven,) = drafts.contents(first.uuid)
    assert (first.info, first.tags) == (
        "(2026-11-20) waf.example blocked: sqli",
        ("waf.example", "tlp:green"),
    )
    assert second.info == "(2026-11-21) waf.example blocked: xss"
    assert isinstance(seven, AttributeDraft)
    assert (seven.value, seven.comment) == ("198.51.100.7", f"{2 * lines} requests blocked")


def test_it_refuses_other_files(added: ModuleType, tmp_path: Path) -> None:
    log = tmp_path / "other.log"
    log.write_text("something else altogether, and longer\n")
    with Run.open(tmp_path / "state", "waf.example") as run:
        (file,) = run.read([str(log)], added.WAF, OPTIONS).files
    assert (file.state, file.detail) == (
        FileState.UNKNOWN_FORMAT,
        "lines of TIME ACTION ADDRESS RULE",
    )


def test_the_registry_takes_it_beside_the_others(added: ModuleType) -> None:
    together = {**registry, added.WAF.name: added.WAF}
    assert len(together) == len(registry) + 1
    assert {name: format_.name for name, format_ in together.items()} == {
        name: name for name in together
    }
