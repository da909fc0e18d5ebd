"""A search as files."""

import csv
import json
from io import StringIO

import pytest

from securegrid.portal.accounts.models import User
from securegrid.portal.alliance.models import Visibility
from securegrid.portal.disclosure.table import BYTE_ORDER_MARK
from securegrid.portal.searches import download, services
from securegrid.values.extract import extract
from tests.conftest import MakeMisp
from tests.fake_misp import attribute, event
from tests.unit.portal.searches.conftest import RunSearch, StartMisp, finish

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_csv_tells_the_network_of_an_address(
    stranger: User, make_misp: MakeMisp, start_misp: StartMisp
) -> None:
    address = "79.124.78.101"
    make_misp(url=start_misp([attribute(address, event(1), "ip-src")]).url)
    search = finish(services.ask(stranger, extract(address)))

    (line,) = csv.DictReader(StringIO("".join(download.as_csv(search)), newline=""))
    told = (line["asn"], line["as_name"], line["asn_country_code"])
    assert told == ("208370", "DIGISYSNET", "BG")


def test_csv_and_json(
    stranger: User, make_misp: MakeMisp, start_misp: StartMisp, run_search: RunSearch
) -> None:
    hostile = attribute("bad.example", event(1, "=HYPERLINK(1)"), comment="@SUM(1)")
    make_misp(url=start_misp([hostile]).url, name="A")
    make_misp(url=start_misp([hostile]).url, name="B", visibility=Visibility.COUNT)
    search = run_search(stranger, "bad.example")

    text = "".join(download.as_csv(search)).removeprefix(BYTE_ORDER_MARK)
    full, counted = csv.DictReader(StringIO(text, newline=""))
    assert (full["misp"], full["event"], full["comment"]) == ("A", "'=HYPERLINK(1)", "'@SUM(1)")
    assert (full["event_tags"], full["to_ids"]) == ("tlp:green", "yes")
    assert (counted["misp"], counted["count"], counted["event"], counted["attribute"]) == (
        "B",
        "1",
        "",
        "",
    )
    assert json.loads(download.as_json(search))["hits"][0]["event"]["info"] == "=HYPERLINK(1)"
