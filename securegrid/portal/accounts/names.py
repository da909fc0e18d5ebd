"""Names of people, tokens, members and MISPs, as people write them."""

from securegrid.portal.refusals import Problem, Refused


def checked_name(written: str, *, longest: int, may_be_empty: bool = False) -> str:
    """The name on one line, at most ``longest`` characters, printable. Raises ``Refused``.

    The ideographic space, as between the parts of a Japanese name, becomes a plain one.
    """
    name = written.replace("\u3000", " ").strip()
    if len(name) > longest or not name.isprintable() or not (name or may_be_empty):
        raise Refused(Problem.NAME_INVALID, "name")
    return name
