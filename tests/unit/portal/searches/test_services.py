"""A search from question to answer, against small real MISPs."""

import pytest

from securegrid.portal.accounts.models import User
from securegrid.portal.alliance.models import Visibility
from securegrid.portal.disclosure.models import LedgerEntry
from securegrid.portal.searches import document, reading
from securegrid.portal.searches.models import SearchState
from tests.conftest import MakeMisp
from tests.fake_misp import attribute, event
from tests.unit.portal.searches.conftest import RunSearch, StartMisp

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_search_finds_hits_and_misses(
    stranger: User, make_misp: MakeMisp, start_misp: StartMisp, run_search: RunSearch
) -> None:
    fake = start_misp([attribute("bad.example", event(1)), attribute("bad.example", event(2))])
    misp = make_misp(url=fake.url)

    search = run_search(stranger, "bad.example", "good.example")

    assert search.state == SearchState.COMPLETE
    read = document.document(search)
    assert (read.cells.hit, read.cells.miss) == (1, 1)
    assert [(hit.value, hit.misp) for hit in read.hits] == [("bad.example", misp.name)] * 2
    assert read.misps[0].state == "answered"
    assert read.misps[0].attributes == 2
    row = LedgerEntry.objects.get()
    assert (row.value, row.misp_id, row.member_name) == (
        "bad.example",
        misp.pk,
        stranger.member.name,
    )
    view = reading.view(search)
    assert [cell.count for row in view.rows for cell in row.cells] == [2, None]
