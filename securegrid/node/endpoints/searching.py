"""What the two restSearch endpoints share: formats, headers, MISP's way of counting."""

from collections.abc import Mapping
from typing import Any

from securegrid.node.filters import Filter, demand_filter, read_filter
from securegrid.node.protocol import Answer, Call, Refused

NO_FORMAT = "Invalid output format."
GET_WITHOUT = (
    "Restsearch queries using GET and no parameters are not allowed. If you have passed parameters"
    " via a JSON body, make sure you use POST requests."
)


def search_parameters(call: Call) -> dict[str, Any]:
    """The search's parameters; raises ``Refused`` for a GET without any."""
    if not call.posted and not call.named:
        raise Refused(400, GET_WITHOUT)
    return call.parameters()


def wants_count(parameters: Mapping[str, Any]) -> bool:
    """Whether only the number is wanted; raises ``Refused`` for a format the node lacks."""
    wanted = str(parameters.get("returnFormat") or "json")
    if wanted not in ("json", "count"):
        raise Refused(404, NO_FORMAT)
    return wanted == "count"


def filter_of(call: Call, parameters: Mapping[str, Any], *, searchall: bool = False) -> Filter:
    """The typed filter of the call; raises ``Refused`` when there is none."""
    return demand_filter(read_filter(parameters, call.now, searchall=searchall))


def answer_found(body: Any, count: int, *, counted: bool = False) -> Answer:
    """An answer with MISP's search headers."""
    used = "count" if counted else "json"
    headers = {
        "X-Result-Count": str(count),
        "X-Export-Module-Used": used,
        "X-Response-Format": "txt" if counted else "json",
        "X-Skipped-Elements-Count": "0",
    }
    return Answer(body, headers=headers, text=counted)


def told_count(rows: int, filter_: Filter) -> int:
    """``X-Result-Count`` for attributes: with a limit, a full page says one more and an empty
    page says 1 (trap 5), so that a client that counts on it goes on or stops as with MISP.
    """
    paging = filter_.paging
    if not paging.counted:
        return rows
    if rows == 0:
        return 1
    full = paging.limit is None or rows >= paging.limit
    return rows + 1 if full else rows
