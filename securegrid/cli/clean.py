"""Making foreign text harmless where it goes: a terminal, a spreadsheet, Markdown."""

import unicodedata

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What spreadsheets take for a formula (OWASP, CSV injection), also full-width."""


def printable(text: str) -> str:
    """``text`` on one line without control, bidirectional and other invisible characters.

    A MISP's text could otherwise move the cursor, recolour the terminal or hide itself.
    """
    kept = (" " if char in "\t\r\n" else char for char in text)
    return "".join(char for char in kept if unicodedata.category(char) not in _INVISIBLE)


_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def uncontrolled(text: str) -> str:
    """``text`` without control characters but tabs and line breaks: files get shown as they are."""
    return "".join(char for char in text if char in "\t\r\n" or unicodedata.category(char) != "Cc")


def defused(cell: str) -> str:
    """``cell`` so that a spreadsheet shows it and never computes it."""
    # Blanks in front do not stop a spreadsheet from seeing a formula.
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA_STARTS) else cell


def markdown(text: str) -> str:
    """``text`` as one literal cell of a Markdown table; line breaks become ``<br>``."""
    return "<br>".join(_literal(line) for line in text.split("\n"))


def _literal(line: str) -> str:
    escaped = printable(line)
    for char in "\\`*_{}[]<>|#":
        escaped = escaped.replace(char, f"\\{char}")
    # A bare address would become a link to a malicious site.
    return escaped.replace("://", ":\\//")
