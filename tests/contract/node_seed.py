"""The data of the recorded MISP, written again from what the recordings show of it."""

from collections.abc import Callable, Iterator
from pathlib import Path

from securegrid.node.accounts import Role
from securegrid.node.records import NewAttribute, NewEvent, NewObject, NewTag
from securegrid.node.store import Store

# Two minutes after the recorded MISP got its data, when most requests were recorded.
NOW = 1795424040
ORG, OTHER_ORG = "ORGNAME", "LAC-like Org"
ADMIN_KEY, USER_KEY, READER_KEY = "a" * 40, "u" * 40, "r" * 40
EXPIRED_KEY, REVOKED_KEY = "e" * 40, "d" * 40

_ORG_UUID = "423d7783-133f-45d6-8199-a2ef8ce6e539"
_FILLED = 1795423906


def seed(path: Path) -> None:
    """Events 1 to 6 with the recorded ids, UUIDs, tags, objects and times, and a key per role."""
    store = Store(path, clock=lambda: NOW, new_uuid=_uuids(), host_org=ORG)
    with store.writing() as connection:
        connection.execute("INSERT INTO sequence VALUES ('tag', 5)")
    store.load(_events(), org=ORG)
    _keys(store)
    store.close()


def seed_later(path: Path) -> None:
    """As ``seed``, and what was written while recording: events 7 to 9, tags and sightings."""
    seed(path)
    store = Store(path, clock=lambda: NOW, new_uuid=_uuids(10_000))
    store.load(_later_events(), org=ORG)
    with store.writing() as connection:
        for number, attribute, event, moment, source, kind in _SIGHTINGS:
            connection.execute(
                "INSERT INTO sighting VALUES (?, ?, ?, ?, 1, ?, ?, ?)",
                (number, f"sighting-{number}", attribute, event, moment, source, kind),
            )
        connection.execute("INSERT INTO sequence VALUES ('sighting', 6)")
    store.close()


def seed_large(path: Path) -> None:
    """As ``seed``, and one event of the larger server on which some requests were recorded."""
    seed(path)
    store = Store(path, clock=lambda: NOW, new_uuid=_uuids(20_000))
    with store.writing() as connection:
        connection.execute("UPDATE sequence SET last = 999 WHERE name = 'event'")
        connection.execute("UPDATE sequence SET last = 619 WHERE name = 'attribute'")
    store.load([_large_event()], org=ORG)
    store.close()


def _large_event() -> NewEvent:
    return NewEvent(
        info="(2022-09-27) どこどこJP OS-Unknown VPN (https://example.test/1000)",
        uuid="64c38c41-1961-4698-82a7-af9eab79b005",
        date="2022-09-27",
        threat_level_id=3,
        analysis=2,
        distribution=3,
        published=True,
        timestamp=1664323200,
        publish_timestamp=1664326800,
        tags=(NewTag("docodoco.jp"), NewTag("2022-09-27"), NewTag("anonymous:VPN")),
        attributes=(_of("ip-src", "52.100.12.24"),),
    )


_SIGHTINGS = [
    (1, 62, 3, 1795424058, "lab", 0),
    (2, 79, 6, 1795424058, "lab", 0),
    (3, 1, 1, 1795424059, "", 0),
    (4, 74, 6, 1795424059, "", 1),
    (5, 62, 3, 1700000000, "", 0),
    (6, 79, 6, 1700000000, "", 0),
]


def _uuids(start: int = 0) -> Callable[[], str]:
    """UUIDs that count up, the recorded organisation's first."""
    numbers = iter(range(start, 10**9))

    def next_uuid() -> str:
        number = next(numbers)
        return f"00000000-0000-4000-8000-{number:012d}" if number else _ORG_UUID

    return next_uuid


def _keys(store: Store) -> None:
    store.add_key(Role.ADMIN, ORG, raw=ADMIN_KEY)
    store.add_key(Role.CONTRIBUTOR, OTHER_ORG, raw=USER_KEY)
    store.add_key(Role.READ_ONLY, OTHER_ORG, raw=READER_KEY)
    store.add_key(Role.CONTRIBUTOR, OTHER_ORG, raw=EXPIRED_KEY, expires=NOW - 1)
    store.add_key(Role.CONTRIBUTOR, OTHER_ORG, raw=REVOKED_KEY)
    store.revoke_key(5)


def _events() -> Iterator[NewEvent]:
    yield _event(
        "c51d8dda-eccd-4642-8cd6-26863734a920",
        "2021-05-13",
        "(2021-05-13) どこどこJP OS-Unknown VPS/Cloud (https://aws.amazon.com/)",
        ("docodoco.jp", "2021-05-13", "anonymous:VPS/Cloud"),
        tuple(
            _of("ip-src", f"18.179.{n + 1}.{(37 + 37 * n) % 250 + 1}", "どこどこJP VPS/Cloud")
            for n in range(40)
        ),
        timestamp=_FILLED - 1,
    )
    yield _event(
        "a959dd78-0948-4be6-a095-e9dbdcc164de",
        "2021-05-13",
        "(2021-05-13) どこどこJP OS-Unknown Proxy (https://www.example-vpn.test/)",
        ("docodoco.jp", "2021-05-13", "anonymous:Proxy"),
        (
            *(_of("ip-src", f"203.0.113.{n}") for n in range(1, 21)),
            _of("ip-src", "18.179.1.38", "also seen as proxy"),
        ),
    )
    yield _alert("049f7021-79a9-4d85-a879-396da32db31b", 11, "219.167.13.11", 445)
    yield _alert("c55a1478-3604-4067-aba8-1bc2a1bc1545", 12, "219.167.13.12", 22)
    yield _alert("1b4144f1-5b22-492a-aa49-b84fbc968ea4", 13, "198.51.100.7", 3389)
    yield _report()


def _alert(uuid: str, day: int, address: str, port: int) -> NewEvent:
    return _event(
        uuid,
        f"2021-06-{day}",
        f"[IPAlert] 2021-06-{day} port:{port} access from {address}",
        ("IPAlert",),
        (
            _of("ip-src", address, "access source"),
            _of("port", str(port)),
            _of("datetime", f"2021-06-{day}T03:12:45.000000+0900"),
            _of("comment", f"{address} -> sensor01 tcp/{port} 回数: 12"),
        ),
    )


def _report() -> NewEvent:
    return NewEvent(
        info="OSINT - Example loader campaign against JP targets",
        uuid="4fc8c8a7-9487-4cda-9655-952ca7eec793",
        date="2024-03-02",
        threat_level_id=2,
        analysis=2,
        distribution=3,
        published=True,
        timestamp=_FILLED,
        publish_timestamp=_FILLED + 1,
        tags=tuple(
            NewTag(name)
            for name in (
                "tlp:green",
                "type:OSINT",
                'misp-galaxy:threat-actor="APT1"',
                'osint:source-type="blog-post"',
            )
        ),
        attributes=_report_attributes(),
        objects=_report_objects(),
    )


def _report_attributes() -> tuple[NewAttribute, ...]:
    digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    return (
        NewAttribute(
            "domain",
            "evil-loader.example",
            timestamp=_FILLED,
            uuid="f34e06bd-309e-4750-834e-2b54d277080b",
            first_seen="2024-02-01T00:00:00.000000+00:00",
            last_seen="2024-03-01T12:34:56.789000+00:00",
            tags=(NewTag('misp-galaxy:tool="PlugX"'), NewTag("tlp:amber")),
        ),
        _of("hostname", "cdn.evil-loader.example"),
        _of("url", "http://cdn.evil-loader.example/a/b.php?id=1&x=%E3%81%82"),
        _of("sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        _of("md5", "d41d8cd98f00b204e9800998ecf8427e"),
        _of("ip-dst", "219.167.13.11", "C2"),
        _of("ip-dst|port", "203.0.113.5|8443"),
        _of("filename|sha256", f"invoice 請求書.exe|{digest}"),
        _of("domain|ip", "evil-loader2.example|198.51.100.7"),
        _of("ip-src", "10.0.0.0/8", to_ids=False),
        _of("ip-dst", "2001:db8::1"),
        _of("email-src", "attacker@evil-loader.example"),
        _of("link", "https://blog.example.org/report"),
        _of("text", 'free text: 日本語テスト & <b>"quotes"</b>'),
        _of("vulnerability", "CVE-2021-44228"),
    )


def _report_objects() -> tuple[NewObject, ...]:
    digest = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"
    file = NewObject(
        name="file",
        meta_category="file",
        description="File object describing a file with meta-information",
        template_uuid="688c46fb-5edb-40a3-8273-1af7923e2215",
        template_version="25",
        timestamp=_FILLED,
        attributes=(
            _of("filename", "dropper.dll", relation="filename"),
            _of("sha256", digest, relation="sha256"),
            _of("md5", "acbd18db4cc2f85cedef654fccc4a4d8", relation="md5"),
            _of("size-in-bytes", "12345", relation="size-in-bytes"),
        ),
    )
    tuple_seen = NewObject(
        name="domain-ip",
        meta_category="network",
        description="A domain/hostname and IP address seen as a tuple in a specific time frame.",
        template_uuid="43b3b146-77eb-4931-b4cc-b66c60f28734",
        template_version="11",
        timestamp=_FILLED,
        attributes=(
            _of("domain", "c2.evil-loader.example", relation="domain"),
            _of("ip-dst", "198.51.100.23", relation="ip"),
            _of("port", "443", relation="port"),
        ),
    )
    return file, tuple_seen


def _later_events() -> Iterator[NewEvent]:
    yield NewEvent(
        info="recorder: どこどこ test event",
        uuid="05d6698b-1afb-49d4-aaeb-2f93651891d9",
        date="2026-11-01",
        distribution=0,
        timestamp=1795424054,
        tags=(NewTag("recorder-tag"), NewTag("recorder:new-tag"), NewTag("recorder:日本語")),
        attributes=(_of("ip-src", "203.0.113.200"),),
    )
    yield NewEvent(info="recorder flat", distribution=0, threat_level_id=1)
    yield NewEvent(info="recorder bad attr", attributes=(_of("ip-src", "203.0.113.201"),))


def _event(
    uuid: str,
    date: str,
    info: str,
    tags: tuple[str, ...],
    attributes: tuple[NewAttribute, ...],
    timestamp: int = _FILLED,
) -> NewEvent:
    return NewEvent(
        info=info,
        uuid=uuid,
        date=date,
        threat_level_id=2,
        analysis=2,
        distribution=1,
        timestamp=timestamp,
        tags=tuple(NewTag(name) for name in tags),
        attributes=attributes,
    )


def _of(
    misp_type: str,
    value: str,
    comment: str = "",
    *,
    relation: str | None = None,
    to_ids: bool | None = None,
) -> NewAttribute:
    return NewAttribute(
        misp_type,
        value,
        comment=comment,
        to_ids=to_ids,
        timestamp=_FILLED,
        object_relation=relation,
    )
