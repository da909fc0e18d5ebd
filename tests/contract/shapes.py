"""The shape of a JSON answer, and in what two answers differ in shape."""

from collections.abc import Iterator
from typing import Any

Finding = str


def differences(recorded: Any, answered: Any, where: str = "") -> Iterator[Finding]:
    """Each place in which the answer's fields, types or emptiness are not the recorded ones.

    All elements of a list are taken together: a field counts as optional when some of them lack
    it, and as nullable when some of them have null there.
    """
    yield from _compare([recorded], [answered], where)


def _compare(recorded: list[Any], answered: list[Any], where: str) -> Iterator[Finding]:
    kinds, found = _kinds(recorded), _kinds(answered)
    if kinds != found:
        yield f"{where or '.'}: {_words(kinds)} -> {_words(found)}"
        if not kinds & found:
            return
    yield from _compare_objects(recorded, answered, where)
    yield from _compare_lists(recorded, answered, where)


def _compare_objects(recorded: list[Any], answered: list[Any], where: str) -> Iterator[Finding]:
    ours = [value for value in answered if isinstance(value, dict)]
    theirs = [value for value in recorded if isinstance(value, dict)]
    if not ours or not theirs:
        return
    for name in sorted({key for value in theirs for key in value}):
        place = f"{where}.{name}"
        expected = [value[name] for value in theirs if name in value]
        given = [value[name] for value in ours if name in value]
        if not given:
            yield f"{place}: missing"
            continue
        if (len(expected) < len(theirs)) != (len(given) < len(ours)):
            yield f"{place}: {_always(expected, theirs)} -> {_always(given, ours)}"
        yield from _compare(expected, given, place)
    known = {key for value in theirs for key in value}
    for name in sorted({key for value in ours for key in value} - known):
        yield f"{where}.{name}: added"


def _compare_lists(recorded: list[Any], answered: list[Any], where: str) -> Iterator[Finding]:
    theirs = [item for value in recorded if isinstance(value, list) for item in value]
    ours = [item for value in answered if isinstance(value, list) for item in value]
    if theirs and ours:
        yield from _compare(theirs, ours, f"{where}[]")
    elif theirs or ours:
        yield f"{where}[]: {'full' if theirs else 'empty'} -> {'full' if ours else 'empty'}"


def _kinds(values: list[Any]) -> frozenset[str]:
    return frozenset(type(value).__name__ for value in values)


def _words(kinds: frozenset[str]) -> str:
    return "|".join(sorted(kinds)) or "nothing"


def _always(given: list[Any], owners: list[Any]) -> str:
    return "always" if len(given) == len(owners) else "sometimes"
