"""Which indexes answer, and how old they may be."""

from datetime import timedelta

import pytest

from securegrid.federation.outcomes import Why
from securegrid.portal.alliance.models import Misp
from securegrid.portal.indexing import services
from securegrid.portal.indexing.models import MispIndex
from securegrid.portal.indexing.services import Changes, Ready
from tests.conftest import MakeMisp
from tests.unit.portal.indexing.conftest import NOW, SIZE, claimed

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def answer(misp: Misp, now: object) -> object:
    return services.indexed_misps([misp], now)[str(misp.public_id)]  # type: ignore[arg-type]


def test_live_misps_are_not_in_the_answer(misp: Misp) -> None:
    assert services.indexed_misps([misp], NOW) == {}
    assert services.overview(misp, NOW).standing == "live"


def test_an_index_answers_until_it_is_too_old(indexed: Misp) -> None:
    services.finish_sync(claimed(indexed), NOW, SIZE, Changes())
    assert isinstance(answer(indexed, NOW + 24 * HOUR), Ready)
    assert answer(indexed, NOW + 24 * HOUR + timedelta(seconds=1)) is Why.INDEX_STALE
    assert services.overview(indexed, NOW + 25 * HOUR).standing == "stale"
    MispIndex.objects.update(max_age_h=48)
    assert isinstance(answer(indexed, NOW + 48 * HOUR), Ready)


def test_an_index_is_as_old_as_the_beginning_of_its_sync(indexed: Misp) -> None:
    services.finish_sync(claimed(indexed), NOW + HOUR, SIZE, Changes())
    found = answer(indexed, NOW + HOUR)
    assert isinstance(found, Ready)
    assert found.synced_at == NOW
    assert services.overview(indexed, NOW + HOUR).age_s == 3600


def test_a_sync_from_a_clock_far_ahead_does_not_stay_fresh_for_ever(indexed: Misp) -> None:
    late = NOW + timedelta(days=400)
    services.finish_sync(claimed(indexed, late), late, SIZE, Changes())
    assert answer(indexed, NOW) is Why.INDEX_STALE


def test_many_misps_are_looked_up_in_one_query(
    make_misp: MakeMisp, django_assert_num_queries: object
) -> None:
    misps = [make_misp(mode="indexed") for _ in range(4)] + [make_misp()]
    for misp in misps[:3]:
        services.finish_sync(claimed(misp), NOW, SIZE, Changes())
    with django_assert_num_queries(1):  # type: ignore[operator]
        found = services.indexed_misps(misps, NOW)
    assert [type(found[str(misp.public_id)]) for misp in misps[:4]] == [Ready] * 3 + [Why]
    assert len(found) == 4


def test_an_unchanged_sync_keeps_the_last_changes(indexed: Misp) -> None:
    services.finish_sync(claimed(indexed), NOW, SIZE, Changes(replaced=5, removed=2))
    services.finish_sync(claimed(indexed, NOW + HOUR), NOW + HOUR, SIZE, Changes())
    told = services.overview(indexed, NOW + HOUR)
    assert (told.changes, told.changed_at) == (Changes(5, 2), NOW)
    assert (told.rows, told.events, told.bytes) == (200, 3, 8192)


def test_the_pace_and_rules_are_the_owners(make_misp: MakeMisp) -> None:
    misp = make_misp(mode="indexed", pause_ms=500, left_out_tags=["tlp:red"], published_only=True)
    MispIndex.objects.update(rate_per_s=1000, blocks=True, quiet_from="01:00", quiet_until="02:00")
    rules, pace = services.rules_of(misp), services.pace_of(misp)
    assert (rules.published_only, rules.left_out_tags, rules.blocks) == (True, ("tlp:red",), True)
    assert (pace.at_a_time, pace.requests_per_minute) == (1, 120.0)
    assert pace.attributes_per_minute == 60_000.0
    assert pace.is_quiet(NOW.replace(hour=1, minute=30))
    plain = services.pace_of(make_misp(mode="indexed"))
    assert (plain.requests_per_minute, plain.attributes_per_minute, plain.quiet) == (None, None, ())
