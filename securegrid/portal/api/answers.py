"""Which answers an operation documents: its own, and the errors that any operation can give."""

from typing import Any

from securegrid.portal.api.schemas import ErrorOut

_ALWAYS = (400, 401, 403, 404, 405, 413, 422, 500)


def answers(own: dict[int, Any], *errors: int) -> dict[int, Any]:
    """Document ``own`` answers by status, ``errors`` and those of every operation."""
    return dict.fromkeys((*_ALWAYS, *errors), ErrorOut) | own
