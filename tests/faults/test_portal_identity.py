"""A MISP that is not who it says, through the portal: a wrong certificate, a name that turns."""

import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from securegrid.misp.client import MispClient
from securegrid.misp.connection import Connection
from securegrid.portal.alliance import services as alliance
from securegrid.portal.alliance.models import Misp, TlsMode
from securegrid.portal.searches import engine as engines
from securegrid.portal.searches.clients import MAX_CONNECTIONS, Clients
from tests.faults.certificates import new_authority
from tests.faults.conftest import Told
from tests.faults.faulty_misp import FaultyMisp, serving
from tests.faults.stage import HELD, HIT, KEY, Stage, columns, holding, states

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_wrong_certificate_gets_no_key_and_harms_nobody_else(stage: Stage, told: Told) -> None:
    ours, theirs = new_authority(), new_authority()
    misps = {
        "Right": FaultyMisp(holding("Right", HIT).stored, tls=ours.server()),
        "Unknown": FaultyMisp(holding("Unknown", HELD).stored, tls=theirs.server()),
        "Expired": FaultyMisp(holding("Expired", HELD).stored, tls=ours.server(expired=True)),
        "Another name": FaultyMisp(
            holding("Another name", HELD).stored, tls=ours.server("192.0.2.1")
        ),
    }
    with serving(*misps.values()):
        for name, misp in misps.items():
            stage.connect(misp, name, tls=TlsMode.OWN_CA, ca_pem=ours.pem)

        search = stage.ask()

    grid = columns(search["id"])
    assert states(grid["Right"]) == {"hit", "miss"}
    for name in ("Unknown", "Expired", "Another name"):
        assert states(grid[name]) == {"not_answered: tls_failed"}
        assert misps[name].requests == []
    assert stage.check_shown(search["id"]) == {("Right", HIT)}
    stage.check_silence(told.everything())


class TurningName:
    """``getaddrinfo`` for one name, whose address the test turns."""

    def __init__(self) -> None:
        self.address = "127.0.0.1"
        self.asked = 0

    def __call__(self, host: str, port: int, **_: object) -> list[tuple[Any, ...]]:
        self.asked += 1
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (self.address, port))]


@pytest.fixture
def name(monkeypatch: pytest.MonkeyPatch) -> Iterator[TurningName]:
    """A name service for an engine of its own, whose connections are not kept."""
    turning = TurningName()

    def line(connection: Connection) -> MispClient:
        return MispClient(connection, max_connections=MAX_CONNECTIONS, lookup=turning)

    engine = engines.Engine(clients=lambda: Clients(line))
    monkeypatch.setattr(engines, "_engine", engine)
    monkeypatch.setattr(engines, "_engine_pid", os.getpid())
    yield turning
    engine.stop()


@pytest.mark.parametrize("forbidden", ["169.254.169.254", "0.0.0.0", "224.0.0.1"])
def test_a_name_that_turns_to_a_forbidden_address_is_not_followed(
    stage: Stage, name: TurningName, told: Told, forbidden: str
) -> None:
    with serving(holding("Turning", HIT), holding("Steady", HIT)) as (turning, steady):
        stage.connect(steady, "Steady")
        known = _by_name(stage, turning)
        before = stage.ask()
        assert states(columns(before["id"])["Turning"]) == {"hit", "miss"}
        answered = len(turning.requests)

        name.address = forbidden
        alliance.replace_key(known, KEY + "2")  # a new line: the next search looks the name up
        after = stage.ask()

    grid = columns(after["id"])
    assert states(grid["Turning"]) == {"not_answered: address_forbidden"}
    assert states(grid["Steady"]) == {"hit", "miss"}
    assert len(turning.requests) == answered
    assert name.asked >= 2
    assert stage.check_shown(after["id"]) == {("Steady", HIT)}
    stage.check_silence(told.everything())


def _by_name(stage: Stage, misp: FaultyMisp) -> Misp:
    """The portal knows it by a name, not by its address."""
    assert stage.owner.member is not None
    return alliance.add_misp(stage.owner.member, "Turning", f"http://misp.example:{misp.port}", KEY)
