"""How quick the embedded node is: a 190-value search, an event of 10,000 attributes, a load."""

import http.client
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from bench.data import stored
from bench.processes import free_port, server
from securegrid.node.accounts import Role
from securegrid.node.records import NewAttribute, NewEvent, NewTag
from securegrid.node.store import Store

VALUES = 190
BIG_EVENT = 10_000
KEY = "n" * 40


def measure(attributes: int = 1_000_000, *, rounds: int = 50) -> dict[str, float]:
    """Milliseconds and rates over HTTP, against a node in a process of its own.

    Each search asks 190 values, a fifth of which the node holds, with context and tags, as the
    portal does; values differ from search to search, so that nothing is answered from a cache.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "node.sqlite3"
        load_s = _fill(path, attributes)
        port = free_port()
        arguments = ["bench.delayed_node", str(path), str(port), "0"]
        with server(arguments, port, path.with_suffix(".log")):
            client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            searches = sorted(_search_ms(client, attributes, n) for n in range(rounds))
            add_s = _add_big_event(client)
            client.close()
    return {
        "attributes": attributes,
        "search_190_p50_ms": round(statistics.median(searches), 2),
        "search_190_p95_ms": round(searches[int(rounds * 0.95)], 2),
        "add_event_of_10000_s": round(add_s, 3),
        "load_attributes_per_second": round(attributes / load_s),
    }


def _fill(path: Path, attributes: int) -> float:
    store = Store(path)
    started = time.perf_counter()
    store.load(_events(attributes))
    elapsed = time.perf_counter() - started
    store.add_key(Role.ADMIN, raw=KEY)
    store.close()
    return elapsed


def _events(attributes: int) -> Iterator[NewEvent]:
    for title, inside in stored(attributes):
        yield NewEvent(
            info=title,
            date="2026-01-01",
            published=True,
            tags=(NewTag("bench:composed"), NewTag("tlp:green")),
            attributes=tuple(NewAttribute(type=a.type, value=a.value) for a in inside),
        )


def _search_ms(client: http.client.HTTPConnection, attributes: int, number: int) -> float:
    values = [_value(attributes, number, n) for n in range(VALUES)]
    body = {
        "returnFormat": "json",
        "value": values,
        "limit": 5000,
        "page": 1,
        "includeContext": True,
        "includeEventTags": True,
    }
    started = time.perf_counter()
    answer = _post(client, "/attributes/restSearch", body)
    elapsed = (time.perf_counter() - started) * 1000
    found = len(answer["response"]["Attribute"])
    if not found:
        raise RuntimeError("the search found nothing, so nothing was measured")
    return elapsed


def _value(attributes: int, number: int, n: int) -> str:
    """A fifth are stored (see ``bench.data``); the others lie beyond what is."""
    stored_position = (number * 7919 + n * 104_729) % attributes
    position = 2_000_000 + stored_position + (0 if n % 5 == 0 else attributes)
    if position % 2:
        return f"host{position}.bench-{position % 997}.example.com"
    return (
        f"{11 + position // 16_777_216}.{position // 65_536 % 256}"
        f".{position // 256 % 256}.{position % 256}"
    )


def _add_big_event(client: http.client.HTTPConnection) -> float:
    attributes = [
        {"type": "ip-src", "value": f"198.18.{n // 256}.{n % 256}"} for n in range(BIG_EVENT)
    ]
    body = {"Event": {"info": "A big event", "Attribute": attributes}}
    started = time.perf_counter()
    answer = _post(client, "/events/add", body)
    elapsed = time.perf_counter() - started
    if answer["Event"]["attribute_count"] != str(BIG_EVENT):
        raise RuntimeError("the event was not stored whole")
    return elapsed


def _post(client: http.client.HTTPConnection, path: str, body: object) -> Any:
    headers = {"Authorization": KEY, "Content-Type": "application/json"}
    client.request("POST", path, msgspec.json.encode(body), headers)
    response = client.getresponse()
    answer = response.read()
    if response.status != 200:
        raise RuntimeError(f"the node answered {response.status}")
    return msgspec.json.decode(answer)
