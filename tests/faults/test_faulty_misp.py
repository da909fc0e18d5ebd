"""The fault-injecting MISP itself: honest when told so, and usable beside a test that waits."""

import asyncio

import pytest

from securegrid.misp.client import MispClient
from securegrid.misp.failures import MispFailure, Reason
from securegrid.misp.query import AttributeQuery
from securegrid.misp.records import Attribute
from tests.faults.alliance import connection_to
from tests.faults.fault import Fault
from tests.faults.faulty_misp import KEY, FaultyMisp, Stored
from tests.faults.plain_misp import plain_misp, serving


def asked(misp: FaultyMisp, *values: str) -> tuple[Attribute, ...]:
    async def ask() -> tuple[Attribute, ...]:
        async with MispClient(connection_to(misp.url)) as client:
            return await client.search(AttributeQuery.by_values(values))

    return asyncio.run(ask())


def test_a_plain_misp_answers_honestly_from_a_thread_of_its_own() -> None:
    composite = Stored("Evil.exe|" + "a" * 32, "filename|md5", tags=("t",), event_tags=("e",))
    gone = Stored("198.51.100.9", deleted=True)
    with serving(plain_misp("198.51.100.7", composite, gone)) as misp:
        rows = asked(misp, "198.51.100.7", "198.51.100.8", "198.51.100.9", "a" * 32)
    assert [row.value for row in rows] == ["198.51.100.7", composite.value]
    assert rows[1].tags[0].name == "t"
    assert rows[1].event is not None
    assert rows[1].event.tags[0].name == "e"


def test_what_it_was_asked_is_kept_word_for_word() -> None:
    with serving(plain_misp()) as misp:
        asked(misp, "198.51.100.7")
    (request,) = misp.searches()
    assert request.asked == ("198.51.100.7",)
    assert KEY in request.whole_text()
    assert '"198.51.100.7"' in request.whole_text()


def test_it_passes_the_connection_test_of_a_misp() -> None:
    async def test(misp: FaultyMisp) -> tuple[str, bool]:
        async with MispClient(connection_to(misp.url)) as client:
            return (await client.version()).version, (await client.me()).role.perm_add

    with serving(plain_misp()) as misp:
        assert asyncio.run(test(misp)) == ("2.5.1", False)


def test_a_script_comes_first_and_the_fault_may_be_changed() -> None:
    with serving(FaultyMisp([Stored("x.example")], script=[Fault.NONE])) as misp:
        misp.fault = Fault.BAD_KEY
        assert len(asked(misp, "x.example")) == 1
        with pytest.raises(MispFailure) as raised:
            asked(misp, "x.example")
    assert raised.value.reason is Reason.KEY_REJECTED


def test_several_are_served_together() -> None:
    with serving(plain_misp("198.51.100.1"), FaultyMisp(fault=Fault.REFUSES)) as (good, dead):
        assert len(asked(good, "198.51.100.1")) == 1
        with pytest.raises(MispFailure) as raised:
            asked(dead, "198.51.100.1")
    assert raised.value.reason is Reason.UNREACHABLE
