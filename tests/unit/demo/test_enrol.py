"""The demo's portal: everybody can sign in, every node is connected, later starts keep it."""

from dataclasses import replace

import pytest
from django.utils import timezone

from securegrid.demo import cast
from securegrid.demo.enrol import COMPOSED_NOTICE, enrol
from securegrid.demo.folder import Node, Person, State
from securegrid.portal.accounts.models import ApiToken, User
from securegrid.portal.accounts.services import token_user
from securegrid.portal.alliance.models import Misp
from securegrid.portal.alliance.services import connection_of, the_alliance

pytestmark = pytest.mark.django_db


@pytest.fixture
def state() -> State:
    """What the first start invents, before there is a portal."""
    people = tuple(
        Person(one.email, "correct horse battery", one.role, one.member or None, "")
        for one in cast.PEOPLE
    )
    nodes = tuple(
        Node(one.slug, one.name, one.member, 18_000 + place, "a" * 40, f"{place}" * 40)
        for place, one in enumerate(cast.MISPS)
    )
    return State(people, nodes, "s")


def enrolled(state: State) -> State:
    """The state after a start."""
    return enrol(state, notice=COMPOSED_NOTICE, now=timezone.now())


def test_the_first_start_makes_people_with_one_role_and_a_working_token(state: State) -> None:
    for person in enrolled(state).people:
        token = token_user(person.token, timezone.now())
        assert token is not None
        assert token.user.email == person.email
        assert [role.value for role in token.user.roles] == [person.role]
        assert (token.user.member.name if token.user.member else None) == person.member
        assert token.user.check_password("correct horse battery")


def test_the_first_start_connects_every_node_with_the_portals_own_key(state: State) -> None:
    enrolled(state)
    for node in state.nodes:
        misp = Misp.objects.get(name=node.name)
        assert (misp.member.name, misp.url) == (node.member, node.url)
        assert connection_of(misp).key == node.portal_key


def test_all_misps_are_indexed_but_one_that_stays_live(state: State) -> None:
    enrolled(state)
    assert dict(Misp.objects.values_list("name", "mode")) == {
        "GRID-MISP (OSINT)": "indexed",
        "GRID-MISP (LAB)": "indexed",
        "GEO-MISP": "indexed",
        "IPA-MISP": "live",
    }


def test_the_page_says_that_the_data_is_composed(state: State) -> None:
    enrolled(state)
    assert "composed" in the_alliance().notice
    assert "合成" in the_alliance().notice


def test_a_later_start_keeps_what_was_done(state: State) -> None:
    first = enrolled(state)
    Misp.objects.filter(name="IPA-MISP").delete()
    Misp.objects.filter(name="GEO-MISP").update(enabled=False)
    User.objects.filter(email="analyst@ipa.example").update(name="Renamed")
    assert enrolled(first) == first
    assert not Misp.objects.filter(name="IPA-MISP").exists()
    assert not Misp.objects.get(name="GEO-MISP").enabled
    assert User.objects.get(email="analyst@ipa.example").name == "Renamed"


def test_a_node_that_moved_is_followed(state: State) -> None:
    first = enrolled(state)
    enrolled(first.moved((19_001, 19_002, 19_003, 19_004)))
    assert Misp.objects.get(name="GEO-MISP").url == "http://127.0.0.1:19003"
    assert connection_of(Misp.objects.get(name="GEO-MISP")).key == state.nodes[2].portal_key


def test_a_token_that_has_ended_is_replaced(state: State) -> None:
    first = enrolled(state)
    ApiToken.objects.update(revoked_at=timezone.now())
    renewed = enrolled(first)
    tokens = [(a.token, b.token) for a, b in zip(first.people, renewed.people, strict=True)]
    assert all(before != after for before, after in tokens)
    assert replace(first, people=()) == replace(renewed, people=())
