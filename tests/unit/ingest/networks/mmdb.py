"""Writes small databases in MaxMind's format (MaxMind DB File Format Specification 2.0)."""

from ipaddress import IPv4Network
from typing import Any, TypeAlias

Node: TypeAlias = list[Any]
_MARK = b"\xab\xcd\xefMaxMind.com"


def database(records: dict[str, dict[str, Any]]) -> bytes:
    """A database of IPv4 networks with their records."""
    root: Node = [None, None]
    for network, record in records.items():
        _put(root, IPv4Network(network), record)
    nodes = _numbered(root)
    data = b""
    offsets: dict[int, int] = {}
    for record in records.values():
        offsets[id(record)] = len(data)
        data += _packed(record)
    count = len(nodes)
    tree = b"".join(
        _pointer(side, nodes, offsets, count) for node in nodes.values() for side in node[1]
    )
    about = {
        "binary_format_major_version": 2, "binary_format_minor_version": 0, "build_epoch": 0,
        "database_type": "Test", "description": {}, "ip_version": 4, "languages": [],
        "node_count": count, "record_size": 32,
    }  # fmt: skip
    return tree + bytes(16) + data + _MARK + _packed(about)


def _put(root: Node, network: IPv4Network, record: dict[str, Any]) -> None:
    node, number = root, int(network.network_address)
    for depth in range(network.prefixlen):
        side = number >> (31 - depth) & 1
        if depth == network.prefixlen - 1:
            node[side] = record
            return
        if not isinstance(node[side], list):
            node[side] = [None, None]
        node = node[side]


def _numbered(root: Node) -> dict[int, tuple[int, Node]]:
    nodes: dict[int, tuple[int, Node]] = {}
    waiting = [root]
    while waiting:
        node = waiting.pop(0)
        nodes[id(node)] = (len(nodes), node)
        waiting += [side for side in node if isinstance(side, list)]
    return nodes


def _pointer(
    side: Any, nodes: dict[int, tuple[int, Node]], offsets: dict[int, int], count: int
) -> bytes:
    if side is None:
        return count.to_bytes(4)
    if isinstance(side, list):
        return nodes[id(side)][0].to_bytes(4)
    return (count + 16 + offsets[id(side)]).to_bytes(4)


def _packed(value: Any) -> bytes:
    if isinstance(value, str):
        raw = value.encode()
        return _control(2, len(raw)) + raw
    if isinstance(value, dict):
        inner = b"".join(_packed(k) + _packed(v) for k, v in value.items())
        return _control(7, len(value)) + inner
    if isinstance(value, list):
        return bytes([len(value), 4]) + b"".join(map(_packed, value))
    raw = value.to_bytes(4).lstrip(b"\0")
    return _control(6, len(raw)) + raw


def _control(kind: int, size: int) -> bytes:
    return bytes([kind << 5 | size]) if size < 29 else bytes([kind << 5 | 29, size - 29])
