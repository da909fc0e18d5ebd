"""A MISP looked over by a worker, and what its owner, the operator and others see of it."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from securegrid.index.rules import Quiet
from securegrid.misp.failures import Case, failure
from securegrid.node.accounts import Role
from securegrid.node.app import app_of
from securegrid.node.records import NewAttribute, NewEvent
from securegrid.node.store import Store as NodeStore
from securegrid.portal.accounts.models import User
from securegrid.portal.alliance.models import Misp
from securegrid.portal.indexing import services as indexing
from securegrid.portal.indexing.services import Settings
from securegrid.portal.jobs.quality import due, look_over_one
from securegrid.portal.quality import services
from securegrid.portal.quality.labels import FAULTS
from securegrid.portal.quality.models import Look, Watch
from securegrid.portal.quality.sealed import Report, RuleLine
from securegrid.portal.quality.services import ClaimLost, Fault, Found
from securegrid.portal.refusals import Refused
from securegrid.portal.resealing import registered_columns
from tests.conftest import KEY, MakeMisp
from tests.contract.serving import served
from tests.unit.portal.alliance.test_misp_pages import signed_in

pytestmark = pytest.mark.django_db(transaction=True)

EMPTY = Found(100.0, 1, 1, 0, 0, Report(()))


@pytest.fixture
def looked(tmp_path: Path, make_misp: MakeMisp) -> Iterator[Misp]:
    """A MISP with an event without TLP that holds a private address; looked over once."""
    store = NodeStore(tmp_path / "node.sqlite3", host_org="ORG")
    store.add_key(Role.READ_ONLY, raw=KEY)
    attributes = (NewAttribute(type="ip-dst", value="192.168.1.2", to_ids=True),)
    at = 1_700_000_000
    store.load([NewEvent(info="Bare", attributes=attributes, published=True, timestamp=at)])
    with served(app_of(store)) as url:
        misp = make_misp(url=url, tls="insecure")
        services.look_now(misp)
        look_over_one(misp.public_id)
        yield misp


def standing(misp: Misp) -> services.Standing:
    return services.standings([Misp.objects.get(pk=misp.pk)], timezone.now())[0]


def test_a_look_keeps_the_score_with_its_arithmetic(looked: Misp) -> None:
    stands = standing(looked)
    assert stands.latest is not None
    report = services.report(stands.latest)
    assert report is not None
    assert (stands.latest.events, stands.latest.attributes) == (1, 1)
    taken_off = sum(line.points for line in report.lines)
    assert stands.latest.points == pytest.approx(max(0.0, 100 - taken_off), abs=0.05)
    by_rule = {line.rule: line for line in report.lines}
    assert by_rule["tlp-missing"].found == by_rule["tlp-missing"].of == 1
    assert by_rule["address-private"].examples[0].text.endswith("192.168.1.2")
    assert stands.latest.errors >= 1


def test_examples_are_sealed_and_only_the_last_look_has_them(looked: Misp) -> None:
    first = Look.objects.get()
    assert b"192.168" not in bytes(first.sealed_report)
    services.look_now(looked)
    look_over_one(looked.public_id)
    first.refresh_from_db()
    assert bytes(first.sealed_report) == b""
    assert Look.objects.exclude(sealed_report=b"").count() == 1
    assert len(services.trend(looked, timezone.now() - timedelta(days=1))) == 2


def test_the_next_look_is_a_day_later_or_at_once_on_demand(looked: Misp) -> None:
    now = timezone.now()
    assert services.due(now) == []
    assert services.due(now + timedelta(hours=25)) == [looked]
    services.look_now(looked)
    assert services.due(now) == [looked]


def test_owner_and_operator_see_score_arithmetic_and_examples(
    looked: Misp, owner: User, member_admin: User, operator: User
) -> None:
    for user in (owner, member_admin, operator):
        text = signed_in(user).get(f"/quality/{looked.public_id}/").content.decode()
        assert "192.168.1.2" in text
        assert "tlp-missing" in text


def test_nobody_else_finds_it(looked: Misp, analyst: User, stranger: User) -> None:
    for user in (analyst, stranger):
        client = signed_in(user)
        assert client.get(f"/quality/{looked.public_id}/").status_code == 404
        assert client.post(f"/quality/{looked.public_id}/look").status_code == 404
    assert looked.name not in signed_in(stranger).get("/quality/").content.decode()
    assert signed_in(analyst).get("/quality/").status_code == 404
    assert Client().get("/quality/").headers["Location"].startswith("/accounts/login/")


def test_the_overview_tells_numbers_and_no_examples(looked: Misp, operator: User) -> None:
    text = signed_in(operator).get("/quality/").content.decode()
    assert looked.name in text
    assert "192.168.1.2" not in text


def test_a_page_asks_for_a_look(looked: Misp, owner: User) -> None:
    signed_in(owner).post(f"/quality/{looked.public_id}/look")
    assert services.due(timezone.now()) == [looked]


def test_a_misp_that_is_away_waits_longer_each_time(make_misp: MakeMisp) -> None:
    misp = make_misp(url="http://127.0.0.1:9", tls="insecure")
    now, pauses = timezone.now(), []
    for _ in range(3):
        claim = services.claim(misp, now)
        assert claim is not None
        services.fail(claim, now, failure(Case.NOT_LISTENING))
        due_at = Watch.objects.get(misp=misp).due_at
        assert due_at is not None
        pauses.append(due_at - now)
        now = due_at
    assert pauses == [timedelta(minutes=m) for m in (5, 10, 20)]
    assert standing(misp).last_error == "unreachable"


def test_one_look_at_a_time_and_a_lost_claim_keeps_nothing(misp: Misp) -> None:
    now = timezone.now()
    first = services.claim(misp, now)
    assert first is not None
    assert services.claim(misp, now) is None
    second = services.claim(misp, now + timedelta(minutes=3))
    assert second is not None
    for late in (
        lambda: services.note(first, now, 1, 2),
        lambda: services.finish(first, now, EMPTY),
    ):
        with pytest.raises(ClaimLost):
            late()
    services.finish(second, now, EMPTY)
    assert Look.objects.count() == 1


def test_what_its_owner_leaves_out_is_not_looked_over(looked: Misp) -> None:
    Misp.objects.filter(pk=looked.pk).update(left_out_types=["ip-dst"])
    services.look_now(looked)
    look_over_one(looked.public_id)
    latest = standing(looked).latest
    assert latest is not None
    report = services.report(latest)
    assert report is not None
    assert (latest.events, latest.attributes) == (1, 0)
    assert all("192.168" not in each.text for line in report.lines for each in line.examples)


def test_a_new_misp_is_left_to_its_first_sync(make_misp: MakeMisp) -> None:
    misp, now = make_misp(), timezone.now()
    assert services.due(now) == []
    assert services.due(now + timedelta(minutes=11)) == [misp]
    services.look_now(misp)
    assert services.due(now) == [misp]


def test_looks_keep_out_of_quiet_hours_and_syncs(make_misp: MakeMisp) -> None:
    misp = make_misp(mode="indexed")
    services.look_now(misp)
    quiet = Quiet(time(8), time(18), ZoneInfo("Asia/Tokyo"))
    now = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 10:00 in Tokyo
    assert due(now) == [misp]
    indexing.change_settings(misp, Settings(15, 24, quiet, 0, blocks=False), now)
    assert due(now) == []
    evening = now + timedelta(hours=10)
    assert due(evening) == [misp]
    assert indexing.claim_sync(misp, evening) is not None
    assert due(evening) == []


def test_a_misp_that_is_switched_off_is_left_alone(misp: Misp) -> None:
    Misp.objects.filter(pk=misp.pk).update(enabled=False)
    misp.refresh_from_db()
    assert services.due(timezone.now()) == []
    with pytest.raises(Refused):
        services.look_now(misp)


def test_reports_are_part_of_a_key_rotation_and_faults_have_words() -> None:
    assert (Look, "sealed_report") in {(each.model, each.field) for each in registered_columns()}
    assert set(FAULTS) == set(Fault)


def test_a_rule_that_found_hardly_anything_is_not_shown_as_nothing(misp: Misp, owner: User) -> None:
    claim = services.claim(misp, timezone.now())
    assert claim is not None
    line = RuleLine("double", "warning", 1, 100_000, 10.0, 0.1, ())
    services.finish(claim, timezone.now(), Found(99.9, 1, 100_000, 0, 1, Report((line,))))
    assert "&lt; 0.1 %" in signed_in(owner).get(f"/quality/{misp.public_id}/").content.decode()
