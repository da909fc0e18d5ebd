"""Every operation of the API is described to people, with an example; and nothing that is none."""

import re
from pathlib import Path

import pytest

from securegrid.portal.api.app import api

TEXT = (Path(__file__).parents[4] / "docs" / "api.md").read_text(encoding="utf-8")
HEADING = re.compile(r"^### `([A-Z]+) (\S+)`$", re.MULTILINE)


def described() -> set[tuple[str, str]]:
    paths = api.get_openapi_schema(path_prefix="/")["paths"]
    return {
        (method.upper(), "/" + path.strip("/")) for path, ways in paths.items() for method in ways
    }


def test_the_text_has_every_operation_and_no_other() -> None:
    assert set(HEADING.findall(TEXT)) == described()


@pytest.mark.parametrize(
    "part", HEADING.split(TEXT)[3::3], ids=lambda part: part.split("\n")[1][:30]
)
def test_every_operation_has_an_example(part: str) -> None:
    assert "```sh\ncurl " in part


@pytest.mark.parametrize(
    "path",
    ["POST /searches", "POST /misps", "PATCH /misps/{misp_id}", "POST /users", "POST /tokens"],
)
def test_every_field_of_a_request_is_named(path: str) -> None:
    method, address = path.split(" ")
    schema = api.get_openapi_schema(path_prefix="/")
    body = schema["paths"][address][method.lower()]["requestBody"]
    name = body["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
    part = TEXT.split(f"### `{path}`")[1].split("\n### ")[0]
    rest = TEXT.split("### `POST /misps`")[1].split("\n### ")[0] if "misps" in path else ""
    for field in schema["components"]["schemas"][name]["properties"]:
        assert f"{field}`" in part + rest or f'"{field}"' in part + rest, field
