"""docs/privacy.md names every proof, and no proof that is not there."""

import ast
import re
from pathlib import Path

HERE = Path(__file__).parent
DOCUMENT = HERE.parents[1] / "docs" / "privacy.md"
OF_THE_TOOLS = frozenset({"test_finder.py", "test_recorder.py", "test_docs.py"})


def _tests() -> set[str]:
    """Every proof, as the document writes it."""
    found = set()
    for path in HERE.glob("test_*.py"):
        if path.name not in OF_THE_TOOLS:
            body = ast.parse(path.read_text(encoding="utf-8")).body
            names = [node.name for node in body if isinstance(node, ast.FunctionDef)]
            found |= {f"{path.name}::{name}" for name in names if name.startswith("test_")}
    return found


def test_the_document_names_every_proof_and_no_other() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    named = set(re.findall(r"`(test_\w+\.py::test_\w+)`", text))
    assert named == _tests()


def test_the_tools_that_the_document_names_are_tested() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for name in ("test_finder.py", "test_recorder.py"):
        assert f"`{name}`" in text
        assert (HERE / name).exists()
