"""The portal's templates as text, with what each includes and extends."""

import re
from functools import lru_cache
from pathlib import Path

from django.template.loader import get_template

PORTAL = Path(__file__).resolve().parents[4] / "securegrid/portal"
_LEADS = re.compile(r"""{%\s*(?:include|extends)\s+"([^"]+)"(.*?)%}""")


def all_templates() -> dict[str, str]:
    """Every template of the portal by its path below securegrid/portal."""
    return {
        str(path.relative_to(PORTAL)): path.read_text(encoding="utf-8")
        for path in sorted(PORTAL.glob("*/templates/**/*.html"))
    }


@lru_cache
def text_of(template: str) -> str:
    """A template together with everything it includes (not what it extends)."""
    source = Path(get_template(template).origin.name).read_text(encoding="utf-8")
    included = [name for name, _ in re.findall(r'{%\s*include\s+"([^"]+)"(.*?)%}', source)]
    return "\n".join([source, *(text_of(name) for name in included if name != template)])


def names_used(template: str) -> set[str]:
    """Each name that the template reaches after a dot (``page.rows`` gives ``rows``)."""
    tags = re.findall(r"{[{%].*?[%}]}", text_of(template), re.DOTALL)
    return {name for tag in tags for name in re.findall(r"\.([a-z_][a-z0-9_]*)", tag)}


def page_names_used(template: str) -> set[str]:
    """Each field of ``page`` that the template shows."""
    return set(re.findall(r"\bpage\.([a-z_][a-z0-9_]*)", text_of(template)))
