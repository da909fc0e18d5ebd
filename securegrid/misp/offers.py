"""What an owner offers of a found attribute, checked at the portal whatever the MISP filtered."""

import unicodedata
from collections.abc import Iterable, Sequence

from securegrid.misp.records import Attribute


def offers(
    attribute: Attribute,
    *,
    published_only: bool,
    left_out_tags: Sequence[str],
    left_out_types: Sequence[str],
) -> bool:
    """Whether the owner offers ``attribute``: MISP ignores what it does not understand, so
    what was left out is checked again (trap 1)."""
    event = attribute.event
    if attribute.deleted or attribute.type in left_out_types:
        return False
    if published_only and not (event is not None and event.published):
        return False
    if not left_out_tags:
        return True
    tags = {*attribute.tags, *(event.tags if event is not None else ())}
    return not has_left_out_tag((tag.name for tag in tags), left_out_tags)


def has_left_out_tag(names: Iterable[str], left_out_tags: Sequence[str]) -> bool:
    """Whether one of the tags ``names`` is left out; patterns may begin or end in ``%``."""
    return any(_means(pattern, name) for name in names for pattern in left_out_tags)


def refuse_unusable_name(name: str) -> None:
    """Raise ``ValueError`` for a tag or type that MISP would read as something else."""
    if not isinstance(name, str) or not name.strip() or name.startswith("!"):
        raise ValueError("a tag or type to leave out is blank or begins with !")


def folded(value: str) -> str:
    """The form under which MISP takes two values for equal: case, width and trailing blanks
    do not count (trap 3)."""
    if value.isascii():
        return value.lower().rstrip(" ")
    return unicodedata.normalize("NFKC", value).casefold().rstrip(" ")


def _means(pattern: str, name: str) -> bool:
    """Whether ``pattern``, which may begin or end in ``%`` as in MISP, means the tag ``name``."""
    wanted, given = folded(pattern), folded(name)
    if wanted.startswith("%") and wanted.endswith("%"):
        return wanted.strip("%") in given
    if wanted.startswith("%"):
        return given.endswith(wanted[1:])
    if wanted.endswith("%"):
        return given.startswith(wanted[:-1])
    return wanted == given
