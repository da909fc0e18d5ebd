"""The page of an index, tried by owner, operator, colleague, stranger and nobody."""

from datetime import time
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from securegrid.misp.failures import Reason
from securegrid.portal.accounts.models import User
from securegrid.portal.alliance.models import Misp
from securegrid.portal.indexing import services
from securegrid.portal.indexing.services import Changes, Progress
from tests.unit.portal.alliance.test_misp_pages import signed_in
from tests.unit.portal.indexing.conftest import SIZE, claimed

pytestmark = pytest.mark.django_db

FORM = {
    "interval_min": "60",
    "max_age_h": "48",
    "quiet_from": "22:00",
    "quiet_until": "06:00",
    "quiet_zone": "Asia/Tokyo",
    "rate_per_s": "5000",
    "blocks": "on",
}


def address(misp: Misp, end: str = "") -> str:
    return f"/misps/{misp.public_id}/index{end}"


def act(user: User, misp: Misp, what: str) -> str:
    answer = signed_in(user).post(address(misp, "/act"), {"act": what}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def filled(misp: Misp) -> None:
    now = timezone.now()
    services.finish_sync(claimed(misp, now), now, SIZE, Changes(replaced=3, removed=1))


def test_the_owner_sees_rows_age_changes_and_epoch(owner: User, indexed: Misp) -> None:
    filled(indexed)
    told = signed_in(owner).get(address(indexed)).context["page"]
    assert (told.rows, told.events, told.epoch, told.standing) == (200, 3, 1, "ready")
    assert (told.replaced, told.removed, told.sync) == (3, 1, None)
    text = signed_in(owner).get(address(indexed), headers={"accept-language": "ja"})
    assert "鍵の世代" in text.content.decode()


def test_an_operator_sees_every_index(operator: User, indexed: Misp) -> None:
    assert signed_in(operator).get(address(indexed)).status_code == 200


def test_colleague_and_stranger_find_nothing(analyst: User, stranger: User, indexed: Misp) -> None:
    filled(indexed)
    for user in (analyst, stranger):
        client = signed_in(user)
        assert client.get(address(indexed)).status_code == 404
        assert client.get(address(indexed, "/settings")).status_code == 404
        assert client.post(address(indexed, "/settings"), FORM).status_code == 404
        for what in ("destroy", "live", "pause", "rotate"):
            assert client.post(address(indexed, "/act"), {"act": what}).status_code == 404
    assert services.overview(indexed, timezone.now()).standing == "ready"
    assert services.overview(indexed, timezone.now()).paused_at is None


def test_the_anonymous_sign_in(indexed: Misp) -> None:
    for end in ("", "/settings"):
        answer = Client().get(address(indexed, end))
        assert answer.headers["Location"].startswith("/accounts/login/")


def test_a_sync_at_work_shows_how_far_it_is_and_no_key(owner: User, indexed: Misp) -> None:
    claim = claimed(indexed, timezone.now())
    services.note_progress(claim, timezone.now(), Progress(25, 100, 2_500, 10_000))
    answer = signed_in(owner).get(address(indexed))
    text = answer.content.decode()
    assert 'max="100" value="25"' in text
    assert "2,500 / 10,000" in text
    assert "every 3s" in text
    assert claim.key.hex() not in text
    assert str(claim.generation) not in text


def test_a_failure_is_told_with_advice(owner: User, indexed: Misp) -> None:
    for _ in range(2):
        services.fail_sync(claimed(indexed, timezone.now()), timezone.now(), Reason.KEY_REJECTED)
    text = signed_in(owner).get(address(indexed)).content.decode()
    assert "did not accept the portal" in text
    assert "failures in a row: 2" in text


def test_buttons_do_what_they_say(owner: User, indexed: Misp) -> None:
    filled(indexed)
    now = timezone.now()
    assert "Paused" in act(owner, indexed, "pause")
    assert services.overview(indexed, now).paused_at is not None
    act(owner, indexed, "resume")
    assert services.overview(indexed, now).paused_at is None
    act(owner, indexed, "sync")
    assert services.due(timezone.now()) == [indexed]
    act(owner, indexed, "rotate")
    assert services.overview(indexed, now).rotating
    act(owner, indexed, "rebuild")
    assert services.overview(indexed, now).rotating
    assert services.overview(indexed, now).standing == "ready"
    act(owner, indexed, "destroy")
    assert services.overview(indexed, now).standing == "missing"


def test_the_mode_is_chosen_with_its_consequences(owner: User, misp: Misp) -> None:
    text = signed_in(owner).get(address(misp)).content.decode()
    assert "every searched value is sent to it" in text
    assert "Keep an index" in text
    act(owner, misp, "indexed")
    misp.refresh_from_db()
    assert misp.mode == "indexed"
    act(owner, misp, "live")
    misp.refresh_from_db()
    assert misp.mode == "live"
    assert services.due(timezone.now()) == []


def test_an_unknown_button_is_not_found(owner: User, indexed: Misp) -> None:
    for what in ("", "drop_retired", "PAUSE"):
        answer = signed_in(owner).post(address(indexed, "/act"), {"act": what})
        assert answer.status_code == 404
    assert signed_in(owner).get(address(indexed, "/act")).status_code == 405


def test_a_live_misp_refuses_what_needs_an_index(owner: User, misp: Misp) -> None:
    assert "has no index" in act(owner, misp, "rotate")
    assert signed_in(owner).get(address(misp, "/settings")).status_code == 302


def test_settings_are_kept(owner: User, indexed: Misp) -> None:
    answer = signed_in(owner).post(address(indexed, "/settings"), FORM)
    assert answer.status_code == 302
    kept = services.overview(indexed, timezone.now()).settings
    assert kept.quiet is not None
    assert (kept.quiet.start, kept.quiet.zone) == (time(22), ZoneInfo("Asia/Tokyo"))
    assert (kept.interval_min, kept.max_age_h, kept.rate_per_s, kept.blocks) == (60, 48, 5000, True)
    page = signed_in(owner).get(address(indexed, "/settings")).content.decode()
    assert 'value="22:00"' in page


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"interval_min": "1"}, "interval_min"),
        ({"interval_min": "10000", "max_age_h": "2"}, "max_age_h"),
        ({"quiet_until": ""}, "quiet_until"),
        ({"quiet_until": "22:00"}, "quiet_until"),
        ({"quiet_zone": "Nowhere/City"}, "quiet_zone"),
        ({"rate_per_s": "7"}, "rate_per_s"),
    ],
)
def test_impossible_settings_change_nothing(
    owner: User, indexed: Misp, change: dict[str, str], field: str
) -> None:
    answer = signed_in(owner).post(address(indexed, "/settings"), FORM | change)
    assert answer.status_code == 422
    assert field in answer.context["page"].form.errors
    assert services.overview(indexed, timezone.now()).settings.interval_min == 15


def test_a_misp_is_connected_indexed_unless_told_otherwise(owner: User) -> None:
    page = signed_in(owner).get("/misps/connect").content.decode()
    assert 'value="indexed" required id="id_mode_0" class="form-check-input" checked' in page or (
        'value="indexed"' in page.split("checked")[0][-200:]
    )
