"""A search from question to answer, against small real MISPs."""

from datetime import timedelta

import pytest
from django.utils import timezone

from securegrid.misp.failures import Reason
from securegrid.portal.accounts.models import User
from securegrid.portal.accounts.roles import Role
from securegrid.portal.alliance import services as alliance
from securegrid.portal.alliance.models import HealthSample, Misp, Visibility
from securegrid.portal.disclosure.models import LedgerEntry
from securegrid.portal.searches import document, reading, services
from securegrid.portal.searches.columns import columns
from securegrid.portal.searches.engine import Engine, engine
from securegrid.portal.searches.models import Hit, MispAnswer, Search, SearchState
from securegrid.portal.searches.refusals import Problem, SearchRefused
from securegrid.portal.searches.shapes import CellCounts, SearchDocument
from securegrid.values.model import Extraction, Reject, Rejected
from tests.conftest import MakeMember, MakeMisp, MakeUser
from tests.fake_misp import answer_status, attribute, event, hang
from tests.unit.portal.searches.conftest import RunSearch, StartMisp, extraction, finish

pytestmark = pytest.mark.django_db(transaction=True)


def doc(search: Search) -> SearchDocument:
    return document.document(search)


def test_a_search_finds_hits_and_misses(
    stranger: User, make_misp: MakeMisp, start_misp: StartMisp, run_search: RunSearch
) -> None:
    fake = start_misp([attribute("bad.example", event(1)), attribute("bad.example", event(2))])
    misp = make_misp(url=fake.url)

    search = run_search(stranger, "bad.example", "good.example")

    assert search.state == SearchState.COMPLETE
    assert search.values_hit == 1
    assert search.elapsed_ms is not None
    read = doc(search)
    assert read.cells == CellCounts(1, 1, 0, 0)
    assert [(hit.value, hit.misp) for hit in read.hits] == [("bad.example", misp.name)] * 2
    assert (read.misps[0].state, read.misps[0].attributes) == ("answered", 2)
    view = reading.view(search)
    assert [cell.count for row in view.rows for cell in row.cells] == [2, None]


def test_the_owner_learns_of_hits_only(
    stranger: User, make_misp: MakeMisp, start_misp: StartMisp, run_search: RunSearch
) -> None:
    fake = start_misp([attribute("bad.example", event(1, "Mine")) for _ in range(2)])
    misp = make_misp(url=fake.url)

    search = run_search(stranger, "bad.example", "good.example")

    row = LedgerEntry.objects.get()
    assert (row.value, row.kind, row.misp_id) == ("bad.example", "domain", misp.pk)
    assert row.search_id == search.public_id
    assert stranger.member is not None
    assert row.member_name == stranger.member.name
    assert [(told["info"], told["attributes"]) for told in row.events] == [("Mine", 1)]


def test_the_alliance_may_hide_who_searched(
    stranger: User, make_misp: MakeMisp, start_misp: StartMisp, run_search: RunSearch
) -> None:
    alliance.change_alliance(show_searching_member=False)
    make_misp(url=start_misp([attribute("bad.example", event(1))]).url)
    run_search(stranger, "bad.example")
    assert LedgerEntry.objects.get().member_name == ""


@pytest.mark.parametrize("visibility", list(Visibility))
def test_inside_the_own_member_everything_shows_and_no_ledger_is_kept(
    analyst: User,
    make_misp: MakeMisp,
    start_misp: StartMisp,
    run_search: RunSearch,
    visibility: Visibility,
) -> None:
    fake = start_misp([attribute("bad.example", event(1, published=False))])
    make_misp(url=fake.url, visibility=visibility, published_only=True, left_out_types=["domain"])

    search = run_search(analyst, "bad.example")

    assert Hit.objects.get(search=search).attribute["value"] == "bad.example"
    assert not LedgerEntry.objects.exists()
    assert MispAnswer.objects.get(search=search).attributes == 1


@pytest.mark.parametrize(
    ("visibility", "count", "has_event", "has_attribute"),
    [
        (Visibility.EXISTS, None, False, False),
        (Visibility.COUNT, 2, False, False),
        (Visibility.TITLE, 2, True, False),
        (Visibility.FULL, 1, True, True),
    ],
)
def test_nothing_more_than_the_owner_allows_is_stored(
    stranger: User,
    make_misp: MakeMisp,
    start_misp: StartMisp,
    run_search: RunSearch,
    visibility: Visibility,
    count: int | None,
    has_event: bool,
    has_attribute: bool,
) -> None:
    twins = [attribute("bad.example", event(1), identity=name) for name in ("a", "b")]
    make_misp(url=start_misp(twins).url, visibility=visibility)

    search = run_search(stranger, "bad.example")

    hit = Hit.objects.filter(search=search).first()
    assert hit is not None
    assert (hit.count, hit.event is not None, hit.attribute is not None) == (
        count,
        has_event,
        has_attribute,
    )
    told = None if visibility == Visibility.EXISTS else 2
    assert MispAnswer.objects.get(search=search).attributes == told
    assert LedgerEntry.objects.get().events[0]["attributes"] == 2


@pytest.mark.parametrize(
    ("rule", "more"),
    [
        ({"published_only": True}, {"published": False}),
        ({"left_out_tags": ["TLP:Green"]}, {}),
        ({"left_out_types": ["domain"]}, {}),
    ],
)
def test_what_is_not_offered_is_neither_shown_nor_told(
    stranger: User,
    make_misp: MakeMisp,
    start_misp: StartMisp,
    run_search: RunSearch,
    rule: dict[str, object],
    more: dict[str, object],
) -> None:
    fake = start_misp([attribute("bad.example", event(1, **more))])  # it ignores the filters
    make_misp(url=fake.url, **rule)

    search = run_search(stranger, "bad.example")

    assert doc(search).cells == CellCounts(0, 1, 0, 0)
    assert not LedgerEntry.objects.exists()
    assert not Hit.objects.exists()


def test_a_misp_that_answers_with_everything_shows_nothing_unasked(
    stranger: User, make_misp: MakeMisp, start_misp: StartMisp, run_search: RunSearch
) -> None:
    fake = start_misp([attribute("other.example", event(1))])
    fake._matches = lambda *_: True  # type: ignore[method-assign]
    make_misp(url=fake.url)
    search = run_search(stranger, "bad.example")
    assert doc(search).cells.miss == 1
    assert MispAnswer.objects.get().dropped == 1


def test_one_broken_misp_is_a_result_and_the_missing_cells_are_asked_again(
    stranger: User, make_misp: MakeMisp, start_misp: StartMisp, run_search: RunSearch
) -> None:
    whole = start_misp([attribute("bad.example", event(1))])
    broken = start_misp(
        [attribute("bad.example", event(2))], behaviour=answer_status(503, {"name": "x"})
    )
    make_misp(url=whole.url, name="A whole one")
    second = make_misp(url=broken.url, name="B broken one")

    search = run_search(stranger, "bad.example", "good.example")

    first = doc(search)
    assert [misp.state for misp in first.misps] == ["answered", "not_answered"]
    assert first.misps[1].reason == Reason.UNAVAILABLE
    assert first.cells == CellCounts(1, 1, 2, 0)
    assert reading.view(search).missing == 2

    broken.behaviour = None
    asked_before = len(whole.asked)
    again = finish(services.retry(search))

    assert doc(again).cells == CellCounts(2, 2, 0, 0)
    assert len(whole.asked) == asked_before
    assert LedgerEntry.objects.count() == 2
    assert MispAnswer.objects.get(misp=second).requests >= 2
    assert Hit.objects.count() == 2


def test_asking_again_with_nothing_missing_changes_nothing(
    stranger: User, make_misp: MakeMisp, start_misp: StartMisp, run_search: RunSearch
) -> None:
    fake = start_misp([])
    make_misp(url=fake.url)
    search = run_search(stranger, "bad.example")
    asked = len(fake.asked)
    again = services.retry(search)
    assert again.state == SearchState.COMPLETE
    assert len(fake.asked) == asked


def test_a_switched_off_misp_is_not_asked_until_it_is_switched_on(
    stranger: User, make_misp: MakeMisp, start_misp: StartMisp, run_search: RunSearch
) -> None:
    fake = start_misp([attribute("bad.example", event(1))])
    misp = make_misp(url=fake.url)
    alliance.set_enabled(misp, False)

    search = run_search(stranger, "bad.example")

    assert (doc(search).misps[0].state, doc(search).misps[0].reason) == (
        "not_asked",
        "switched_off",
    )
    assert services.retry(search).state == SearchState.COMPLETE
    alliance.set_enabled(misp, True)
    assert doc(finish(services.retry(search))).cells.hit == 1


def test_a_failing_misp_rests_and_is_shown_to_rest(
    stranger: User, make_misp: MakeMisp, start_misp: StartMisp, run_search: RunSearch
) -> None:
    fake = start_misp(behaviour=answer_status(403, {"name": "Authentication failed."}))
    misp = make_misp(url=fake.url)
    run_search(stranger, "bad.example")
    misp.refresh_from_db()
    assert misp.resting_until is not None
    assert HealthSample.objects.get().reason == misp.resting_reason

    asked = len(fake.asked)
    search = run_search(stranger, "bad.example")
    assert doc(search).misps[0].reason == "resting"
    assert len(fake.asked) == asked

    fake.behaviour = None
    Misp.objects.update(resting_until=timezone.now() - timedelta(seconds=1))
    finish(services.retry(search))
    misp.refresh_from_db()
    assert (misp.resting_until, misp.probe_claimed_until) == (None, None)


def test_a_hanging_misp_costs_the_deadline_and_no_more(
    stranger: User, make_misp: MakeMisp, start_misp: StartMisp, run_search: RunSearch
) -> None:
    make_misp(url=start_misp([attribute("bad.example", event(1))]).url, name="A quick one")
    make_misp(url=start_misp(behaviour=hang).url, name="B hangs")
    search = run_search(stranger, "bad.example", deadline_s=1.0)
    read = doc(search)
    assert [misp.state for misp in read.misps] == ["answered", "not_answered"]
    assert read.misps[1].reason == "deadline"
    assert read.elapsed_ms is not None
    assert read.elapsed_ms < 1500


def test_chosen_misps_only(
    stranger: User, make_misp: MakeMisp, start_misp: StartMisp, run_search: RunSearch
) -> None:
    first, second = start_misp([]), start_misp([])
    one, two = make_misp(url=first.url), make_misp(url=second.url)
    run_search(stranger, "bad.example", misps=[one.name, str(one.public_id)])
    assert (len(first.asked), len(second.asked)) == (1, 0)
    run_search(stranger, "bad.example", misps=[str(two.public_id)])
    assert (len(first.asked), len(second.asked)) == (1, 1)


def test_misps_of_suspended_members_are_absent(
    stranger: User, make_misp: MakeMisp, make_member: MakeMember, start_misp: StartMisp
) -> None:
    gone = make_member()
    misp = make_misp(url=start_misp([]).url, member=gone)
    alliance.suspend_member(gone, timezone.now())
    with pytest.raises(SearchRefused) as refused:
        services.ask(stranger, extraction("bad.example"), misps=[misp.name])
    assert refused.value.problem is Problem.UNKNOWN_MISP


@pytest.mark.parametrize(
    ("found", "more", "problem"),
    [
        (Extraction((), (Rejected("?", Reject.UNKNOWN_KIND),)), {}, Problem.NO_VALUES),
        (
            Extraction(
                extraction("bad.example").entries, (Rejected("", Reject.TOO_MANY, 190_000),)
            ),
            {},
            Problem.TOO_MANY_VALUES,
        ),
        (extraction("bad.example"), {"deadline_s": 0.5}, Problem.DEADLINE_INVALID),
        (extraction("bad.example"), {"deadline_s": float("nan")}, Problem.DEADLINE_INVALID),
        (extraction("bad.example"), {"label": "x" * 201}, Problem.LABEL_INVALID),
        (extraction("bad.example"), {"label": "a\nb"}, Problem.LABEL_INVALID),
        (extraction("bad.example"), {"purpose": "a\x00b"}, Problem.PURPOSE_INVALID),
        (extraction("bad.example"), {"misps": ["Nobody's"]}, Problem.UNKNOWN_MISP),
        (extraction("bad.example"), {"misps": []}, Problem.NO_MISPS),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused_and_not_stored(
    stranger: User,
    misp: Misp,
    found: Extraction,
    more: dict[str, object],
    problem: Problem,
) -> None:
    with pytest.raises(SearchRefused) as refused:
        services.ask(stranger, found, **more)  # type: ignore[arg-type]
    assert refused.value.problem is problem
    assert not Search.objects.exists()
    assert refused.value.words("en") != refused.value.words("ja")


def test_only_those_who_may_search_do(owner: User, operator: User, misp: Misp) -> None:
    for person in (owner, operator):
        with pytest.raises(SearchRefused) as refused:
            services.ask(person, extraction("bad.example"))
        assert refused.value.problem is Problem.NOT_ALLOWED


def test_a_person_has_a_bounded_number_of_searches_running(
    stranger: User, make_misp: MakeMisp, start_misp: StartMisp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MAX_RUNNING", 1)
    make_misp(url=start_misp(behaviour=hang).url)
    search = services.ask(stranger, extraction("bad.example"), deadline_s=1.0)
    with pytest.raises(SearchRefused) as refused:
        services.ask(stranger, extraction("bad.example"))
    assert refused.value.problem is Problem.TOO_MANY_RUNNING
    with pytest.raises(SearchRefused) as still:
        services.retry(search)
    assert still.value.problem is Problem.STILL_RUNNING
    finish(search)


def test_deleting_removes_everything_but_the_ledger(
    stranger: User, make_misp: MakeMisp, start_misp: StartMisp, run_search: RunSearch
) -> None:
    make_misp(url=start_misp([attribute("bad.example", event(1))]).url)
    search = run_search(stranger, "bad.example")
    services.delete(search)
    assert not Search.objects.exists()
    assert not Hit.objects.exists()
    assert not MispAnswer.objects.exists()
    assert LedgerEntry.objects.count() == 1


def test_deleting_a_running_search_stops_it(
    stranger: User, make_misp: MakeMisp, start_misp: StartMisp
) -> None:
    make_misp(url=start_misp(behaviour=hang).url)
    search = services.ask(stranger, extraction("bad.example"), deadline_s=30.0)
    services.delete(search)
    assert engine().wait(search.public_id, 5.0)
    assert not Search.objects.exists()


def test_colleagues_see_each_others_searches_and_strangers_do_not(
    analyst: User,
    stranger: User,
    make_user: MakeUser,
    make_misp: MakeMisp,
    start_misp: StartMisp,
    run_search: RunSearch,
) -> None:
    make_misp(url=start_misp([]).url)
    search = run_search(analyst, "bad.example", label="Operation X")
    colleague = make_user(Role.ANALYST, member=analyst.member)
    owner_only = make_user(Role.OWNER, member=analyst.member)
    assert services.search_for(colleague, search.public_id) == search
    assert services.search_for(colleague, str(search.public_id)) == search
    assert services.search_for(stranger, search.public_id) is None
    assert services.search_for(owner_only, search.public_id) is None
    assert services.search_for(colleague, "nonsense") is None
    (line,), pages = reading.lines(services.searches_for(colleague))
    assert (line.label, line.by, pages.total) == ("Operation X", analyst.name, 1)


def interrupted(user: User, misp: Misp) -> Search:
    """A search as a process leaves it that died while it ran."""
    runner = _Dead()
    search = services.ask(user, extraction("bad.example", "good.example"), runner=runner)
    Search.objects.filter(pk=search.pk).update(must_end_at=timezone.now() - timedelta(seconds=1))
    search.refresh_from_db()
    return search


class _Dead(Engine):
    """An engine whose process dies at once."""

    def start(self, _job: object) -> None:
        return


def test_readers_take_a_dead_search_for_interrupted(stranger: User, misp: Misp) -> None:
    search = interrupted(stranger, misp)
    read = doc(search)
    assert (read.state, read.cells) == ("complete", CellCounts(0, 0, 2, 0))
    assert read.misps[0].reason == "interrupted"
    view = reading.view(search)
    assert (view.interrupted, view.missing) == (True, 2)


def test_recovery_marks_dead_searches(stranger: User, misp: Misp) -> None:
    search = interrupted(stranger, misp)
    assert services.recover(now=timezone.now()) == 1
    search.refresh_from_db()
    assert search.state == SearchState.COMPLETE
    assert [column.counts.not_answered for column in columns(search)] == [2]
    assert services.recover(now=timezone.now()) == 0


def test_recovery_at_the_start_of_a_single_process_marks_all(stranger: User, misp: Misp) -> None:
    search = interrupted(stranger, misp)
    later = timezone.now() + timedelta(seconds=60)
    Search.objects.filter(pk=search.pk).update(must_end_at=later)
    assert services.recover(now=timezone.now()) == 0
    assert services.recover(now=timezone.now(), everything=True) == 1


def test_an_interrupted_search_can_be_asked_again(
    stranger: User, make_misp: MakeMisp, start_misp: StartMisp
) -> None:
    misp = make_misp(url=start_misp([attribute("bad.example", event(1))]).url)
    search = interrupted(stranger, misp)
    again = finish(services.retry(search))
    assert doc(again).cells == CellCounts(1, 1, 0, 0)
    assert not reading.view(again).interrupted


def test_a_nul_from_a_misp_harms_no_database(
    stranger: User, make_misp: MakeMisp, start_misp: StartMisp, run_search: RunSearch
) -> None:
    hostile = attribute("bad.example", event(1, "ti\0tle"), comment="\\u0000 and \0")
    make_misp(url=start_misp([hostile]).url)
    search = run_search(stranger, "bad.example")
    hit = Hit.objects.get(search=search)
    assert hit.event["info"] == "ti\ufffdtle"
    assert hit.attribute["comment"] == "\\u0000 and \ufffd"
    assert LedgerEntry.objects.get().events[0]["info"] == "ti\ufffdtle"
