"""Composed addresses and host names: believable in shape, yet nobody's.

Addresses come from the networks that RFC 5737 and RFC 2544 keep for documentation and
for measurements; names lie under the domains that RFC 2606 and JPRS keep for examples.
"""

from collections.abc import Iterator
from ipaddress import IPv4Network

from securegrid.demo.draw import Draw

# One pool for each use, so that a composed value never hits by accident.
LIST_NETWORKS = tuple(map(IPv4Network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")))
ACCESS_LOG_NETWORK = IPv4Network("198.18.0.0/16")
HONEYPOT_NETWORK = IPv4Network("198.19.0.0/17")
REPORT_NETWORK = IPv4Network("198.19.128.0/17")

_ZONES = ("example.com", "example.net", "example.org", "example.jp", "example.co.jp")
_HOSTS = (
    "www",
    "mail",
    "update",
    "dns",
    "news",
    "forum",
    "cdn",
    "img",
    "ns1",
    "login",
    "file",
    "vpn",
)
_FIRST = (
    "asia", "blue", "cloud", "delta", "east", "flash", "grand", "hinode", "island", "jade", "kaze",
    "lotus", "metro", "nami", "orient", "pacific", "quick", "river", "sakura", "taiyo", "umi",
    "vista", "wing", "yuki", "zen",
)  # fmt: skip
_SECOND = (
    "office", "host", "trade", "press", "line", "works", "base", "link", "store", "media", "travel",
    "soft", "mart", "port", "land", "craft", "times", "gate", "photo", "garden",
)  # fmt: skip


def list_addresses() -> list[str]:
    """All 762 addresses from which the searched list takes its composed ones, shuffled."""
    every = [str(address) for network in LIST_NETWORKS for address in network.hosts()]
    return Draw("list-addresses").some(every, len(every))


def address_in(network: IPv4Network, draw: Draw) -> str:
    """An address of ``network``, never its first or last."""
    return str(network[draw.between(1, network.num_addresses - 2)])


def host_names(*path: object) -> Iterator[str]:
    """Endless different host names; another ``path`` gives names of its own.

    Two paths never give the same name, because the path's letter is part of it.
    """
    mark = Draw("host-mark", *path).hexadecimal(3)
    draw, seen = Draw("host", *path), set[str]()
    while True:
        name = f"{draw.pick(_HOSTS)}.{draw.pick(_FIRST)}{draw.pick(_SECOND)}-{mark}"
        name = f"{name}.{draw.pick(_ZONES)}"
        if name not in seen:
            seen.add(name)
            yield name


def registered(host: str) -> str:
    """The composed name one level up: what the talk's list calls the domain of a host."""
    return host.split(".", 1)[1]
