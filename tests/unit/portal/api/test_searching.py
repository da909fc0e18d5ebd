"""Searches over the API."""

import pytest

from securegrid.portal.accounts.models import User
from tests.conftest import MakeMisp
from tests.fake_misp import attribute, event
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
