"""The ledger as written and as its owner reads it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec
import pytest

from securegrid.federation.outcomes import Found
from securegrid.misp.records import Attribute
from securegrid.portal.accounts.models import User
from securegrid.portal.alliance.models import Member, Misp
from securegrid.portal.disclosure import ledger, owner
from securegrid.portal.disclosure.ledger import HitValue, LedgerEvent
from securegrid.portal.disclosure.models import LedgerEntry
from securegrid.portal.disclosure.table import BYTE_ORDER_MARK
from securegrid.values.model import Kind, Relation, Value
from tests.conftest import MakeMisp
from tests.fake_misp import attribute, event

MONDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def write(
    misp: Misp, value: str, at: datetime = MONDAY, search: UUID | None = None, name: str = "LAC"
) -> UUID:
    search = search or uuid4()
    events = (LedgerEvent("u", "Title", 2),)
    ledger.write(misp.pk, search, at, name, [HitValue(value, "domain", events)])
    return search


def test_one_entry_per_value_with_the_owners_events() -> None:
    values = [Value(Kind.DOMAIN, text, (text,)) for text in ("a.example", "b.example")]

    def found(position: int, of: int, name: str) -> Found:
        sent = attribute("x", event(of), identity=name)
        return Found(position, Relation.EQUAL, msgspec.convert(sent, Attribute, strict=False))

    entries = ledger.hit_values(values, [found(1, 1, "p"), found(1, 1, "q"), found(1, 2, "r")])
    assert [(entry.value, entry.kind) for entry in entries] == [("b.example", "domain")]
    assert [(one.info, one.attributes) for one in entries[0].events] == [
        ("Event 1", 2),
        ("Event 2", 1),
    ]


def test_a_value_is_entered_once_per_search_and_misp(misp: Misp) -> None:
    search = write(misp, "a.example")
    write(misp, "a.example", search=search)
    assert LedgerEntry.objects.count() == 1
    write(misp, "a.example")
    assert LedgerEntry.objects.count() == 2


def test_what_is_written_is_read(misp: Misp, member: Member) -> None:
    search = write(misp, "a.example")
    (line,) = owner.page(ledger.entries(member)).lines
    assert line == owner.LedgerLine(
        at=MONDAY,
        value="a.example",
        kind="domain",
        misp=misp.name,
        misp_id=str(misp.public_id),
        member="LAC",
        search=str(search),
        events=[LedgerEvent("u", "Title", 2)],
    )


def test_a_hidden_name_is_none(misp: Misp, member: Member) -> None:
    write(misp, "a.example", name="")
    assert owner.page(ledger.entries(member)).lines[0].member is None


def test_only_the_own_misps(misp: Misp, member: Member, stranger: User) -> None:
    write(misp, "a.example")
    assert stranger.member is not None
    assert not ledger.entries(stranger.member).exists()
    assert not ledger.entries(stranger.member, misp=misp).exists()
    assert ledger.entries(member, misp=misp).exists()


def test_filters_and_order(misp: Misp, make_misp: MakeMisp, member: Member) -> None:
    second = make_misp()
    write(misp, "old.example", MONDAY - timedelta(days=2))
    write(misp, "New.example")
    write(second, "other.example", MONDAY - timedelta(days=1))

    def values(**narrowed: object) -> list[str]:
        return [entry.value for entry in ledger.entries(member, **narrowed)]  # type: ignore[arg-type]

    assert values() == ["New.example", "other.example", "old.example"]
    assert values(misp=second) == ["other.example"]
    assert values(since=MONDAY - timedelta(days=1)) == ["New.example", "other.example"]
    assert values(until=MONDAY) == ["other.example", "old.example"]
    assert values(value="new") == ["New.example"]


def test_pages(misp: Misp, member: Member) -> None:
    for number in range(5):
        write(misp, f"v{number}.example", MONDAY + timedelta(seconds=number))
    page = owner.page(ledger.entries(member), 2, per_page=2)
    assert [line.value for line in page.lines] == ["v2.example", "v1.example"]
    assert (page.page, page.pages, page.total) == (2, 3, 5)
    assert owner.page(ledger.entries(member), 9, per_page=2).page == 3
    assert owner.page(LedgerEntry.objects.none()).pages == 1


def test_weeks_in_the_owners_zone(misp: Misp, member: Member) -> None:
    search = write(misp, "a.example")
    write(misp, "b.example", search=search)
    # Sunday evening in UTC is Monday morning in Tokyo.
    write(misp, "c.example", datetime(2026, 11, 22, 20, tzinfo=UTC))
    tokyo = owner.weeks(ledger.entries(member), until=MONDAY, zone=ZoneInfo("Asia/Tokyo"), number=3)
    assert [(week.monday.isoformat(), week.values, week.searches) for week in tokyo] == [
        ("2026-11-09", 0, 0),
        ("2026-11-16", 0, 0),
        ("2026-11-23", 3, 2),
    ]
    utc = owner.weeks(ledger.entries(member), until=MONDAY, zone=ZoneInfo("UTC"), number=2)
    assert [(week.values, week.searches) for week in utc] == [(1, 1), (2, 1)]


def test_csv(misp: Misp, member: Member) -> None:
    write(misp, "a.example", name="=LAC")
    lines = list(owner.csv(ledger.entries(member)))
    assert lines[0].startswith(BYTE_ORDER_MARK + "at,misp,value")
    told = ["a.example", "domain", "'=LAC", "u", "Title", "2", "checked\r\n"]
    assert lines[1].split(",")[2:] == told
