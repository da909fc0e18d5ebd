"""The rule through the portal: from a call of the API to the bytes that reach each MISP."""

from collections import Counter

import pytest
from hypothesis import given

from securegrid.portal.alliance.models import Misp, Visibility
from tests.privacy.finder import Finder
from tests.privacy.indexed import Portal, hits_of, states_of
from tests.privacy.questions import HITS, MANY, Pair, pairs
from tests.privacy.rule import broken_by, uuids_in
from tests.privacy.world import HELD, MISSES, WRITTEN, holders

pytestmark = pytest.mark.django_db(transaction=True)

MIXED = (*MISSES, *HITS[-30:], *WRITTEN)
NAMED = {"label": "Operation Gyrfalcon", "purpose": "For the Lammergeier case"}
SECRETS = (*MISSES, *WRITTEN, *HITS[-30:], *NAMED.values(), "analyst@example.org")
"""Nothing of a question reaches a MISP, not even a value that it holds."""


def _held(name: str) -> set[str]:
    return {half for _, value in HELD[name] for half in value.split("|")}


@pytest.mark.parametrize("related", [False, True])
def test_no_byte_to_a_misp_tells_of_the_question(portal: Portal, related: bool) -> None:
    expected = {(name, value) for name in HELD for value in _held(name) & set(MIXED)}
    finder = Finder(SECRETS, portal.keys())
    for visibility in Visibility:
        Misp.objects.update(visibility=visibility)
        told, _ = portal.ask_recorded(MIXED, related=related, **NAMED)
        assert hits_of(told) == expected
        for node in portal.world.values():
            is_fetched = visibility in (Visibility.TITLE, Visibility.FULL)
            assert bool(node.wire.everything) == is_fetched
            assert finder.found_in(node.wire.everything) == {}


def test_questions_with_the_same_hits_send_the_same_bytes(portal: Portal) -> None:
    finder = Finder([*MISSES, "miss-filler-", *HITS[-20:]])

    @MANY
    @given(pairs())
    def prove(pair: Pair) -> None:
        one, sent = portal.ask_recorded(pair.one, related=pair.related)
        assert pair.related or broken_by(portal.world, pair.hits, finder) == set()
        other, again = portal.ask_recorded(pair.other, related=pair.related, **NAMED)
        assert sent == again
        assert pair.hits or sent == {name: [] for name in portal.world}
        assert hits_of(one) == hits_of(other)

    prove()


def test_many_requests_at_a_time_are_the_same_requests(portal: Portal) -> None:
    for misp in portal.misps.values():
        misp.concurrency = 4
        misp.save()
    _, one = portal.ask_recorded((*HITS, *MISSES))
    _, other = portal.ask_recorded((*MISSES[::-1], *HITS[::-1], *WRITTEN))
    assert len(one["A"]) > 2
    assert {name: Counter(sent) for name, sent in one.items()} == {
        name: Counter(sent) for name, sent in other.items()
    }


@pytest.mark.parametrize("related", [False, True])
def test_a_search_without_a_hit_sends_nothing(portal: Portal, related: bool) -> None:
    told, _ = portal.ask_recorded(MISSES, related=related)
    assert set(states_of(told)) == {"miss"}
    for node in portal.world.values():
        assert not node.wire.everything
        assert node.wire.connections == 0


def test_each_uuid_of_a_hit_is_sent_once_and_no_other(portal: Portal) -> None:
    portal.ask_recorded((*HITS[:300], *MISSES))
    for name, node in portal.world.items():
        sent = [uuid for request in node.wire.requests for uuid in uuids_in(request.body)]
        assert sent == sorted(holders(name, HITS[:300]))
