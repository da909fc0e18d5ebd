"""The health pages: numbers, charts and rests, for operators and each owner."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from securegrid.federation.breaker import Rest
from securegrid.misp.failures import Reason
from securegrid.portal.accounts.models import User
from securegrid.portal.alliance import services
from securegrid.portal.alliance.models import Misp
from securegrid.portal.alliance.words import Standing
from tests.unit.portal.alliance.test_misp_pages import signed_in


@pytest.fixture
def served(misp: Misp) -> Misp:
    """A MISP that answered three times and failed once."""
    now = timezone.now()
    for minutes, elapsed_ms, reason in (
        (10, 100.0, None),
        (20, 200.0, None),
        (30, 900.0, None),
        (40, 15_000.0, Reason.TIMED_OUT),
    ):
        at = now - timedelta(minutes=minutes)
        services.record_health(misp, at=at, elapsed_ms=elapsed_ms, requests=2, reason=reason)
    return misp


def test_the_numbers_of_a_misp(owner: User, served: Misp) -> None:
    row = signed_in(owner).get("/health/?span=day").context["page"].rows[0]
    assert (row.answered, row.failed, row.failed_percent, row.requests) == (3, 1, 25.0, 8)
    assert (row.p50_ms, row.p95_ms) == (200.0, 900.0)
    assert [(r.reason, r.count) for r in row.reasons] == [("the MISP did not answer in time", 1)]


def test_the_charts_hold_the_same(owner: User, served: Misp) -> None:
    page = signed_in(owner).get(f"/health/{served.public_id}/?span=day").context["page"]
    p50, p95 = page.times_chart["series"]
    assert (p50["name"], p95["name"]) == ("p50", "p95")
    assert max(value for _, value in p95["data"] if value is not None) == 900.0
    answered, failed = page.errors_chart["series"]
    assert (sum(n for _, n in answered["data"]), sum(n for _, n in failed["data"])) == (3, 1)


def test_gaps_are_gaps_not_zeros(owner: User, served: Misp) -> None:
    page = signed_in(owner).get(f"/health/{served.public_id}/?span=day").context["page"]
    values = [value for _, value in page.times_chart["series"][0]["data"]]
    assert None in values
    assert 0 not in values


def test_a_misp_that_never_failed_draws_no_bars(owner: User, misp: Misp) -> None:
    page = signed_in(owner).get("/health/").context["page"]
    assert page.errors_chart["series"] == []
    assert page.rows[0].p50_ms is None


def test_resting_is_shown_with_reason_and_end(owner: User, misp: Misp) -> None:
    until = timezone.now() + timedelta(minutes=5)
    services.store_rest(misp, Rest(4, until, Reason.MAINTENANCE))
    state = signed_in(owner).get("/health/").context["page"].rows[0].state
    assert state.standing is Standing.RESTING
    assert state.until == until
    assert state.why == "the MISP is under maintenance"


@pytest.mark.parametrize(
    ("asked", "chosen"), [("day", "day"), ("quarter", "quarter"), ("", "week"), ("x'", "week")]
)
def test_the_span(owner: User, misp: Misp, asked: str, chosen: str) -> None:
    page = signed_in(owner).get(f"/health/?span={asked}").context["page"]
    assert [link.code for link in page.spans if link.active] == [chosen]


def test_operators_see_all_owners_their_own(
    operator: User, owner: User, stranger: User, served: Misp
) -> None:
    address = f"/health/{served.public_id}/"
    for user in (operator, owner):
        assert len(signed_in(user).get("/health/").context["page"].rows) == 1
        assert signed_in(user).get(address).status_code == 200
    assert signed_in(stranger).get("/health/").context["page"].rows == ()
    assert signed_in(stranger).get(address).status_code == 404


def test_analysts_and_the_anonymous_see_none(analyst: User, served: Misp) -> None:
    for address in ("/health/", f"/health/{served.public_id}/"):
        assert signed_in(analyst).get(address).status_code == 404
        assert Client().get(address).headers["Location"].startswith("/accounts/login/")
