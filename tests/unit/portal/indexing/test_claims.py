"""One sync per MISP at a time, whoever asks and whatever the clock does."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from securegrid.index.trouble import Trouble
from securegrid.misp.failures import Reason
from securegrid.portal.alliance.models import Misp
from securegrid.portal.indexing import services
from securegrid.portal.indexing.models import MispIndex
from securegrid.portal.indexing.services import LEASE, Changes, ClaimLost, Progress
from tests.conftest import MakeMisp
from tests.unit.portal.indexing.conftest import NOW, SIZE, claimed

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def test_a_second_sync_gets_no_claim(indexed: Misp) -> None:
    assert services.claim_sync(indexed, NOW) is not None
    assert services.claim_sync(indexed, NOW + LEASE - MINUTE) is None


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_gets_the_claim(make_misp: MakeMisp) -> None:
    misp = make_misp(mode="indexed")

    def one(_: int) -> bool:
        try:
            return services.claim_sync(misp, NOW) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as many:
        assert sum(many.map(one, range(8))) == 1


def test_a_dead_holder_is_followed_and_has_lost_its_claim(indexed: Misp) -> None:
    dead = claimed(indexed)
    follower = claimed(indexed, NOW + LEASE)
    assert follower.generation == dead.generation
    for word in (
        lambda: services.note_progress(dead, NOW + LEASE, Progress()),
        lambda: services.finish_sync(dead, NOW + LEASE, SIZE, Changes()),
    ):
        with pytest.raises(ClaimLost):
            word()
    told = services.overview(indexed, NOW + LEASE)
    assert told.last_error == Trouble.INTERRUPTED
    assert told.standing == "missing"


def test_progress_renews_the_lease(indexed: Misp) -> None:
    claim = claimed(indexed)
    services.note_progress(claim, NOW + LEASE - MINUTE, Progress(1, 4, 100, 400))
    assert services.claim_sync(indexed, NOW + LEASE) is None
    running = services.overview(indexed, NOW + timedelta(seconds=10)).running
    assert running is not None
    assert running.progress == Progress(1, 4, 100, 400)
    assert (running.rate_per_s, running.remaining_s) == (10.0, 30.0)
    assert running.filling


def test_a_clock_that_was_set_back_blocks_nobody(indexed: Misp) -> None:
    claimed(indexed, NOW + timedelta(days=2))
    assert services.due(NOW) == [indexed]
    assert services.claim_sync(indexed, NOW) is not None


def test_a_clock_that_was_set_forward_leaves_one_holder(indexed: Misp) -> None:
    early = claimed(indexed)
    claimed(indexed, NOW + timedelta(days=2))
    with pytest.raises(ClaimLost):
        services.note_progress(early, NOW, Progress())


def test_a_claim_holds_the_key_but_does_not_show_it(indexed: Misp) -> None:
    claim = claimed(indexed)
    assert len(claim.key) == 32
    assert claim.key.hex() not in repr(claim)
    assert repr(claim.key) not in repr(claim)


def test_released_is_due_at_once(indexed: Misp) -> None:
    services.release_sync(claimed(indexed), NOW)
    assert services.due(NOW) == [indexed]


def test_a_finished_sync_is_due_again_after_the_interval(indexed: Misp) -> None:
    services.finish_sync(claimed(indexed), NOW + MINUTE, SIZE, Changes(3, 0))
    assert services.due(NOW + 15 * MINUTE) == []
    assert services.due(NOW + 16 * MINUTE) == [indexed]


def test_failures_wait_longer_and_longer_and_a_success_forgets_them(indexed: Misp) -> None:
    now, waits = NOW, []
    for _ in range(9):
        services.fail_sync(claimed(indexed, now), now, Reason.TIMED_OUT)
        waits.append((MispIndex.objects.get(misp=indexed).due_at - now) / MINUTE)  # type: ignore[operator]
        now += timedelta(hours=2)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert services.overview(indexed, now).last_error == "timed_out"
    services.finish_sync(claimed(indexed, now), now, SIZE, Changes())
    told = services.overview(indexed, now)
    assert (told.failures, told.last_error, told.last_error_at) == (0, "", None)


def test_a_permanent_failure_and_a_told_pause_wait_longer(indexed: Misp) -> None:
    services.fail_sync(claimed(indexed), NOW, Reason.KEY_REJECTED)
    assert services.due(NOW + 4 * MINUTE) == []
    assert services.due(NOW + 5 * MINUTE) == [indexed]
    services.fail_sync(claimed(indexed, NOW), NOW, Reason.RATE_LIMITED, retry_after_s=1200.0)
    assert services.due(NOW + 19 * MINUTE) == []
    assert services.due(NOW + 20 * MINUTE) == [indexed]


def test_a_trouble_of_the_portal_is_named(indexed: Misp) -> None:
    services.fail_sync(claimed(indexed), NOW, Trouble.STORE_FAILED)
    assert services.overview(indexed, NOW).last_error == "store_failed"


def test_failing_or_releasing_a_lost_claim_changes_nothing(indexed: Misp) -> None:
    lost = claimed(indexed)
    held = claimed(indexed, NOW + LEASE)
    services.fail_sync(lost, NOW + LEASE, Trouble.UNEXPECTED)
    services.release_sync(lost, NOW + LEASE)
    services.note_progress(held, NOW + LEASE, Progress())


def test_what_is_off_paused_resting_live_or_quiet_is_not_due(make_misp: MakeMisp) -> None:
    live, off, paused, resting, quiet = (
        make_misp(mode=mode) for mode in ("live", *["indexed"] * 4)
    )
    Misp.objects.filter(pk=off.pk).update(enabled=False)
    services.pause(paused, NOW)
    Misp.objects.filter(pk=resting.pk).update(resting_until=NOW + MINUTE)
    MispIndex.objects.filter(misp=quiet).update(
        quiet_from="20:00", quiet_until="23:00", quiet_zone="Asia/Tokyo"
    )
    assert services.due(NOW) == []  # 21:00 in Tokyo
    assert services.due(NOW + timedelta(hours=2)) == [resting, quiet]
    assert services.claim_sync(live, NOW) is None
    assert services.claim_sync(paused, NOW) is None


def test_the_longest_waiting_comes_first(make_misp: MakeMisp) -> None:
    one, two, new = (make_misp(mode="indexed") for _ in range(3))
    services.finish_sync(claimed(one), NOW + MINUTE, SIZE, Changes())
    services.finish_sync(claimed(two), NOW, SIZE, Changes())
    assert services.due(NOW + timedelta(hours=1)) == [new, two, one]


def test_a_due_time_written_by_a_wrong_clock_is_due(indexed: Misp) -> None:
    services.finish_sync(claimed(indexed), NOW + timedelta(days=300), SIZE, Changes())
    assert services.due(NOW) == [indexed]


def test_while_a_key_is_rotated_the_overdue_index_goes_first(indexed: Misp) -> None:
    first = claimed(indexed)
    services.finish_sync(first, NOW, SIZE, Changes())
    services.begin_rotation(indexed, NOW + MINUTE)
    filling = claimed(indexed, NOW + MINUTE)
    assert filling.filling
    assert filling.generation != first.generation
    services.release_sync(filling, NOW + 15 * MINUTE)
    overdue = claimed(indexed, NOW + 15 * MINUTE)
    assert (overdue.generation, overdue.filling) == (first.generation, False)
    services.finish_sync(overdue, NOW + 16 * MINUTE, SIZE, Changes())
    assert services.due(NOW + 16 * MINUTE) == [indexed]
    assert claimed(indexed, NOW + 16 * MINUTE).generation == filling.generation
