"""Each fault by itself: its reason, in time, once per cell, and no harm to the MISP beside it."""

import logging
import socket
from typing import Any

import pytest
from structlog.testing import capture_logs

from securegrid.federation.conversation import MAX_PAGES
from securegrid.federation.questions import PAGE_ROWS
from securegrid.misp.client import MispClient
from securegrid.misp.failures import MispFailure, Reason
from securegrid.misp.query import AttributeQuery
from tests.faults.alliance import MIB, Run, address, addresses, connection_to, search
from tests.faults.certificates import new_authority
from tests.faults.fault import EXPECTED, RATE_LIMIT_S, Fault
from tests.faults.faulty_misp import HUGE_BYTES, FaultyMisp, Stored
from tests.faults.plain_misp import plain_misp
from tests.faults.virtual_time import run_virtual

VALUES = addresses(300)
HIT = 5
STORED = [Stored(address(HIT))]
FAULTS = sorted(set(EXPECTED) - {Fault.NONE})
GOOD_DELAY_S = 0.2
REQUEST_LIMIT_S = 15


def beside_a_good_one(bad: FaultyMisp, **options: Any) -> Run:
    good = plain_misp(address(HIT), delay_s=GOOD_DELAY_S)
    return run_virtual(search(VALUES, {"bad": bad, "good": good}, **options))


@pytest.mark.parametrize("fault", FAULTS)
def test_the_reason_is_told_and_nobody_else_suffers(fault: Fault) -> None:
    run = beside_a_good_one(FaultyMisp(STORED, fault=fault))
    assert run.states("bad") == {f"not_answered: {EXPECTED[fault]}"}
    assert run.done("bad").failure is EXPECTED[fault]
    assert run.cells("good") == {p: "hit" if p == HIT else "miss" for p in range(len(VALUES))}
    assert run.done("good").elapsed_ms < (GOOD_DELAY_S + 0.05) * 1000
    assert run.took_s <= (RATE_LIMIT_S if fault is Fault.RATE_LIMITED else REQUEST_LIMIT_S) + 0.5


@pytest.mark.parametrize("fault", FAULTS)
def test_no_searched_value_and_no_key_reaches_a_log(
    fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with capture_logs() as entries:
        run = beside_a_good_one(FaultyMisp(STORED, fault=fault))
    told = repr(entries) + caplog.text + repr([x for x in run.outcomes if x.misp == "bad"])
    assert "198.18." not in told
    assert "faultyMispAuthKey" not in told


@pytest.mark.parametrize("fault", [Fault.HANGS, Fault.DRIPS])
def test_the_deadline_holds_when_it_is_shorter_than_the_requests_limit(fault: Fault) -> None:
    run = beside_a_good_one(FaultyMisp(STORED, fault=fault), deadline_s=3.0)
    assert run.states("bad") == {"not_answered: deadline"}
    assert run.took_s <= 3.5


@pytest.mark.parametrize("fault", [Fault.RESETS, Fault.RESETS_MID_BODY, Fault.CUT_SHORT])
def test_a_connection_that_breaks_once_is_asked_again(fault: Fault) -> None:
    misp = FaultyMisp(STORED, script=[fault])
    run = beside_a_good_one(misp)
    assert run.states("bad") == {"hit", "miss"}
    assert len(misp.searches()) == 3


def test_a_rate_limit_is_waited_for_when_there_is_time() -> None:
    run = beside_a_good_one(FaultyMisp(STORED, script=[Fault.RATE_LIMITED]))
    assert run.states("bad") == {"hit", "miss"}
    assert RATE_LIMIT_S <= run.took_s <= RATE_LIMIT_S + 1


def test_a_rate_limit_is_told_at_once_when_there_is_no_time() -> None:
    run = beside_a_good_one(FaultyMisp(STORED, script=[Fault.RATE_LIMITED]), deadline_s=10.0)
    assert "not_answered: rate_limited" in run.states("bad")
    assert run.took_s <= 1


def test_a_flood_is_dropped_counted_and_never_taken_for_a_miss() -> None:
    misp = FaultyMisp(STORED, fault=Fault.FLOOD)
    run = run_virtual(search(addresses(50), {"bad": misp}, max_bytes=64 * MIB))
    assert run.states("bad") == {"hit", "not_answered: too_many_rows"}
    assert run.cells("bad")[HIT] == "hit"
    (answer,) = run.answers("bad")
    assert answer.dropped == MAX_PAGES * (PAGE_ROWS - 1)
    assert len(answer.found) == 1


def test_a_flood_that_repeats_itself_is_left_after_two_pages() -> None:
    misp = FaultyMisp(STORED, fault=Fault.FLOOD_REPEATED)
    run = run_virtual(search(addresses(50), {"bad": misp}, max_bytes=64 * MIB))
    assert run.states("bad") == {"hit", "not_answered: too_many_rows"}
    assert len(misp.searches()) == 2


@pytest.mark.parametrize("fault", [Fault.HUGE, Fault.HUGE_UNANNOUNCED])
def test_500_mb_are_not_taken_in(fault: Fault) -> None:
    misp = FaultyMisp(fault=fault)
    run = run_virtual(search(addresses(50), {"bad": misp}, max_bytes=64 * MIB))
    assert run.states("bad") == {"not_answered: too_large"}
    assert misp.sent_bytes < 100 * MIB < HUGE_BYTES


def test_a_redirect_is_not_followed_and_takes_no_key_along() -> None:
    elsewhere = FaultyMisp()
    run = beside_a_good_one(FaultyMisp(fault=Fault.REDIRECT))
    assert run.states("bad") == {"not_answered: redirected"}
    assert elsewhere.connections == 0


# TLS


def test_an_unknown_an_expired_and_another_names_certificate_are_refused() -> None:
    ours, theirs = new_authority(), new_authority()
    misps = {
        "right": FaultyMisp(STORED, tls=ours.server()),
        "unknown": FaultyMisp(STORED, tls=theirs.server()),
        "expired": FaultyMisp(STORED, tls=ours.server(expired=True)),
        "other name": FaultyMisp(STORED, tls=ours.server("192.0.2.1")),
    }
    run = run_virtual(search(VALUES, misps, ca_pem=ours.pem))
    assert run.states("right") == {"hit", "miss"}
    for name in ("unknown", "expired", "other name"):
        assert run.states(name) == {"not_answered: tls_failed"}
        assert run.done(name).rest.until is not None
        assert misps[name].requests == []


# A host name that changes its address


class TurningNames:
    """``getaddrinfo`` whose answer changes with every question."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)

    def __call__(self, host: str, port: int, **_: object) -> list[tuple[Any, ...]]:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answer, port))]


async def _ask_twice(misp: FaultyMisp, *answers: str, loopback: bool = True) -> list[str]:
    """Two searches by the same name, which is looked up for each."""
    names, told = TurningNames(*answers), []
    async with misp:
        connection = connection_to(f"http://misp.example:{misp.port}", loopback=loopback)
        for _ in range(2):
            async with MispClient(connection, lookup=names) as client:
                told.append(await _told(client))
    return told


async def _told(client: MispClient) -> str:
    try:
        return f"{len(await client.search(AttributeQuery.by_values([address(HIT)])))} rows"
    except MispFailure as failure:
        return failure.reason


def test_a_name_that_turns_to_the_metadata_address_is_not_followed() -> None:
    told = run_virtual(_ask_twice(FaultyMisp(STORED), "127.0.0.1", "169.254.169.254"))
    assert told == ["1 rows", Reason.ADDRESS_FORBIDDEN]


def test_a_name_that_turns_to_the_portal_itself_reaches_nobody() -> None:
    misp = FaultyMisp(STORED)
    told = run_virtual(_ask_twice(misp, "127.0.0.1", loopback=False))
    assert told == [Reason.ADDRESS_FORBIDDEN] * 2
    assert misp.connections == 0
