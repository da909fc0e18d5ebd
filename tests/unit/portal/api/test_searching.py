"""Searches over the API."""

from uuid import UUID

import pytest

from securegrid.portal.accounts.models import User
from securegrid.portal.api import searching
from securegrid.portal.searches import services
from securegrid.portal.searches.engine import engine
from securegrid.portal.searches.models import Search
from tests.conftest import MakeMisp
from tests.fake_misp import answer_status, attribute, event
from tests.unit.portal.api.conftest import CallAs, StartMisp

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_waiting_search_answers_complete(
    stranger: User, make_misp: MakeMisp, start_misp: StartMisp, call_as: CallAs
) -> None:
    fake = start_misp([attribute("bad.example", event(1))])
    misp = make_misp(url=fake.url)

    told = call_as(stranger)(
        "POST", "/searches", {"text": "bad[.]example\ngood.example", "label": "L", "wait": True}
    )

    assert told.status == 200, told.body
    assert told.body["cells"] == {"hit": 1, "miss": 1, "not_answered": 0, "not_asked": 0}
    assert told.body["hits"][0]["misp"] == misp.name
    assert told.body["values"][0]["written"] == ["bad[.]example"]


def test_an_address_tells_its_network_and_nothing_else_does(
    stranger: User, make_misp: MakeMisp, start_misp: StartMisp, call_as: CallAs
) -> None:
    known = attribute("79.124.78.101", event(1), "ip-src")
    make_misp(url=start_misp([known, attribute("bad.example", event(1))]).url)
    asked = ["79.124.78.101", "bad.example", "10.1.2.3", "2001:4860:4860::8888"]

    told = call_as(stranger)("POST", "/searches", {"values": asked, "wait": True}).body

    told_of = {one["value"]: one["origin"] for one in told["values"]}
    assert told_of["79.124.78.101"] == {"asn": 208370, "name": "DIGISYSNET", "country": "BG"}
    assert told_of["2001:4860:4860::8888"]["asn"] == 15169
    assert (told_of["bad.example"], told_of["10.1.2.3"]) == (None, None)
    assert [hit["origin"] for hit in told["hits"]] == [told_of["79.124.78.101"], None]
    assert told["origins_dated"] == "2026-09-16"


def test_asking_again_and_deleting(
    stranger: User, make_misp: MakeMisp, start_misp: StartMisp, call_as: CallAs
) -> None:
    fake = start_misp([attribute("bad.example", event(1))], behaviour=answer_status(503))
    make_misp(url=fake.url)
    call = call_as(stranger)
    told = call("POST", "/searches", {"values": ["bad.example"], "wait": True})
    assert told.body["misps"][0]["state"] == "not_answered"
    path = f"/searches/{told.body['id']}"

    fake.behaviour = None
    again = call("POST", f"{path}/retry?wait=true")
    assert (again.status, again.body["cells"]["hit"]) == (200, 1)
    assert call("POST", f"{path}/retry").status == 200
    assert call("GET", f"{path}/cells?state=hit").body["cells"] == [
        {
            "value": "bad.example",
            "misp": again.body["misps"][0]["name"],
            "misp_id": again.body["misps"][0]["id"],
            "state": "hit",
            "reason": None,
        }
    ]
    assert call("DELETE", path).status == 204
    assert call("GET", path).status == 404


def test_a_running_search_is_told_as_it_stands(
    stranger: User, make_misp: MakeMisp, start_misp: StartMisp, call_as: CallAs
) -> None:
    make_misp(url=start_misp([], delay_s=0.3).url)
    call = call_as(stranger)
    told = call("POST", "/searches", {"values": ["bad.example"], "deadline_s": 5})
    assert (told.status, told.body["state"], told.body["elapsed_ms"]) == (201, "running", None)
    assert told.body["cells"]["running"] == 1
    assert told.headers["Location"] == f"/api/v1/searches/{told.body['id']}"
    assert call("POST", f"/searches/{told.body['id']}/retry").status == 409
    engine().wait(UUID(told.body["id"]), 5)
    assert call("GET", f"/searches/{told.body['id']}").body["state"] == "complete"


def test_a_search_deleted_while_somebody_waits_is_absent(
    stranger: User,
    make_misp: MakeMisp,
    start_misp: StartMisp,
    call_as: CallAs,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_misp(url=start_misp([], delay_s=0.2).url)
    asking = searching.asking

    def deleting(search: Search) -> object:
        services.delete(search)
        return asking(search)

    monkeypatch.setattr(searching, "asking", deleting)
    told = call_as(stranger)("POST", "/searches", {"values": ["bad.example"], "wait": True})
    assert told.status == 404


def test_values_with_notes_and_text_together(
    stranger: User, make_misp: MakeMisp, start_misp: StartMisp, call_as: CallAs
) -> None:
    call = call_as(stranger)
    values = [{"value": "bad.example", "note": "report 7", "label": "public"}, "worse.example"]
    told = call("POST", "/extract", {"values": values, "text": "BAD[.]example and new.example.com"})
    assert [(v["value"], v["note"], v["label"]) for v in told.body["values"]] == [
        ("bad.example", "report 7", "public"),
        ("worse.example", "", ""),
        ("new.example.com", "", ""),
    ]
    assert told.body["values"][0]["written"] == ["bad.example", "BAD[.]example"]


def test_the_history_is_paged(
    stranger: User, make_misp: MakeMisp, start_misp: StartMisp, call_as: CallAs
) -> None:
    make_misp(url=start_misp([]).url)
    call = call_as(stranger)
    for label in ("one", "two", "three"):
        body = {"values": ["bad.example"], "label": label, "purpose": "p", "wait": True}
        assert call("POST", "/searches", body).status == 200
    page = call("GET", "/searches?per_page=2&page=2").body
    assert [line["label"] for line in page["searches"]] == ["one"]
    assert (page["pages"], page["total"]) == (2, 3)
