"""What a MISP wants to know of an object's template, from the templates that PyMISP ships."""

import importlib.util
from functools import cache
from pathlib import Path

import msgspec


class Template(msgspec.Struct, frozen=True):
    """A template, without its relations."""

    uuid: str
    version: int
    name: str
    description: str = ""
    meta_category: str = msgspec.field(name="meta-category", default="misc")


class UnknownTemplate(LookupError):  # noqa: N818 - the template is what is unknown
    """PyMISP ships no template of this name."""


@cache
def template(name: str) -> Template:
    """The template of this name; raises ``UnknownTemplate``."""
    path = _folder() / name / "definition.json"
    if "/" in name or not path.is_file():
        raise UnknownTemplate(name)
    return msgspec.json.decode(path.read_bytes(), type=Template)


@cache
def _folder() -> Path:
    # Found without importing it: PyMISP takes half a second.
    spec = importlib.util.find_spec("pymisp")
    if spec is None or spec.origin is None:
        raise UnknownTemplate("PyMISP is not installed")
    return Path(spec.origin).parent / "data" / "misp-objects" / "objects"
