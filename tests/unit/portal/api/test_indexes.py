"""A MISP's index over the API: told, changed, rotated, destroyed."""

import pytest
from django.utils import timezone

from securegrid.portal.accounts.models import User
from securegrid.portal.accounts.roles import Scope
from securegrid.portal.alliance.models import Misp
from securegrid.portal.indexing import services
from securegrid.portal.indexing.services import Changes, Progress
from tests.conftest import MakeMisp
from tests.unit.portal.api.conftest import CallAs
from tests.unit.portal.indexing.conftest import SIZE, claimed

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def indexed(make_misp: MakeMisp) -> Misp:
    return make_misp(mode="indexed")


def test_a_sync_at_work_is_told(indexed: Misp, owner: User, call_as: CallAs) -> None:
    claim = claimed(indexed, timezone.now())
    services.note_progress(claim, timezone.now(), Progress(1, 2, 100, 200))
    told = call_as(owner)("GET", f"/misps/{indexed.public_id}/index").body
    assert (told["standing"], told["sync"]["attributes_done"]) == ("missing", 100)
    assert told["sync"]["filling"]
    assert claim.key.hex() not in str(told)
    services.finish_sync(claim, timezone.now(), SIZE, Changes(replaced=3))
    told = call_as(owner)("GET", f"/misps/{indexed.public_id}/index").body
    assert (told["standing"], told["rows"], told["events_replaced"]) == ("ready", 200, 3)
    assert told["sync"] is None


def test_settings_change_all_or_nothing(indexed: Misp, owner: User, call_as: CallAs) -> None:
    call, path = call_as(owner), f"/misps/{indexed.public_id}/index"
    quiet = {"begins": "08:00", "ends": "18:00", "zone": "Asia/Tokyo"}
    told = call("PATCH", path, {"quiet": quiet, "interval_min": 60, "paused": True}).body
    assert (told["quiet"], told["interval_min"], told["paused"]) == (quiet, 60, True)
    refused = call("PATCH", path, {"interval_min": 30, "max_age_h": 9999, "paused": False})
    assert (refused.status, refused.body["error"]["field"]) == (422, "max_age_h")
    told = call("PATCH", path, {"blocks": True}).body
    assert (told["quiet"], told["interval_min"], told["blocks"]) == (quiet, 60, True)
    assert call("PATCH", path, {"quiet": None}).body["quiet"] is None
    assert call("PATCH", path, {"quiet": {"begins": "8", "ends": "9"}}).status == 422


def test_a_destroyed_index_begins_anew_when_resumed(
    indexed: Misp, owner: User, call_as: CallAs
) -> None:
    call, path = call_as(owner), f"/misps/{indexed.public_id}/index"
    services.finish_sync(claimed(indexed, timezone.now()), timezone.now(), SIZE, Changes())
    assert call("DELETE", path).status == 204
    told = call("GET", path).body
    assert (told["standing"], told["rows"], told["paused"]) == ("missing", 0, True)
    assert call("POST", f"{path}/sync").status == 200
    assert services.due(timezone.now()) == []
    assert call("PATCH", path, {"paused": False}).body["paused"] is False
    assert services.due(timezone.now()) == [indexed]


def test_a_live_misp_has_no_index_to_change(misp: Misp, owner: User, call_as: CallAs) -> None:
    path = f"/misps/{misp.public_id}/index"
    assert call_as(owner)("GET", path).body["standing"] == "live"
    told = call_as(owner)("POST", f"{path}/rotate")
    assert (told.status, told.body["error"]["code"]) == (422, "not_indexed")


def test_searchers_see_mode_and_age(indexed: Misp, analyst: User, call_as: CallAs) -> None:
    call = call_as(analyst, Scope.SEARCH)
    (told,) = call("GET", "/misps").body["misps"]
    assert (told["mode"], told["index_age_s"]) == ("indexed", None)
    services.finish_sync(claimed(indexed, timezone.now()), timezone.now(), SIZE, Changes())
    (told,) = call("GET", "/misps").body["misps"]
    assert told["index_age_s"] < 3600
