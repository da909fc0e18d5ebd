"""The honeypot's log from which the demo's IPA-MISP is filled: IPAlert rows, composed."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from securegrid.demo import ipa
from securegrid.demo.ipa import Attack

COLUMNS = (
    "time", "until", "source", "port", "protocol", "transport", "source_port", "sensor", "payload",
    "count", "bytes", "country", "asn", "hostname",
)  # fmt: skip
_MOST_ROWS = 4
"""Of one attack: the sensors send what they counted since they last did."""


def write(path: Path) -> None:
    """Write the whole log into ``path``."""
    path.write_text("".join(lines()), encoding="utf-8")


def lines() -> Iterator[str]:
    """The log in the order of its times, with its header; each line ends with a line feed."""
    yield ",".join(COLUMNS) + "\n"
    rows = [row for attack in ipa.attacks() for row in _rows(attack)]
    for row in sorted(rows):
        yield ",".join(row) + "\n"


def _rows(attack: Attack) -> Iterator[tuple[str, ...]]:
    """The attack's connections and bytes, shared out over a few rows."""
    parts = min(_MOST_ROWS, attack.connections)
    for part in range(parts):
        yield (
            _iso(attack.first + (attack.last - attack.first) * part / parts),
            _iso(attack.last) if part == parts - 1 else "",
            attack.source,
            str(attack.port),
            attack.service,
            "tcp",
            str(attack.source_port),
            attack.sensor,
            attack.payload_sha256,
            str(_share(attack.connections, part, parts)),
            str(_share(attack.bytes, part, parts)),
            attack.country,
            attack.asn,
            attack.hostname,
        )


def _share(whole: int, part: int, parts: int) -> int:
    return whole * (part + 1) // parts - whole * part // parts


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
