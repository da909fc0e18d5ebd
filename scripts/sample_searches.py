"""Searches for the pictures: one of each state, with hits as each owner shows them."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any

from django.utils import timezone

from securegrid.federation.outcomes import CellState, Why
from securegrid.portal.accounts.models import User
from securegrid.portal.alliance import services as alliance
from securegrid.portal.alliance.models import Misp
from securegrid.portal.disclosure.models import LedgerEntry
from securegrid.portal.searches import cells, services
from securegrid.portal.searches.engine import engine
from securegrid.portal.searches.models import Hit, MispAnswer, Search, SearchState
from securegrid.values.extract import extract
from tests.fake_misp import attribute, event, serving

LABELS = ("public", "lac_original", "suspicious")
LONG = "A very long title of an event that nobody would want to read on a telephone, " * 2


def question(number: int = 120) -> str:
    """A CSV of addresses, names, hashes and addresses of pages, with labels and notes."""
    lines = ["value,label,note"]
    for n in range(number):
        value = (
            f"198.51.100.{n}", f"mail{n}.update-service.example.com", f"{n:064x}",
            f"hxxps://login{n}[.]example[.]net/path/to/page.php?id={n}",
        )[n % 4]  # fmt: skip
        lines.append(f"{value},{LABELS[n % 3]},Report {n % 7} of the composed collection")
    return "\n".join([*lines, "this is no indicator", "300.1.2.3"])


def fill_searches(analyst: User, stranger: User, misps: Sequence[Misp]) -> dict[str, str]:
    """Run searches against small real MISPs; the ids of those that are looked at."""
    before = list(Misp.objects.values("pk", "url", "tls", "sealed_key", "enabled", "resting_until"))
    Misp.objects.update(enabled=True)
    with serving() as start:
        for misp, fake in zip(misps, (start(known(seed)) for seed in range(4)), strict=True):
            alliance.change_misp(misp, url=fake.url, key="K" * 40, tls="insecure")
        made = _searches(analyst, stranger)
    for fields in before:
        Misp.objects.filter(pk=fields.pop("pk")).update(**fields)
    _spread_ledger()
    return made


def known(seed: int) -> list[dict[str, Any]]:
    """What one of the MISPs holds of the question."""
    random = Random(seed)  # noqa: S311 - no secret
    found = []
    for n, entry in enumerate(extract(question()).entries):
        if random.random() > (0.5, 0.25, 0.4, 0.3)[seed]:
            continue
        for copy in range(random.randint(1, 3)):
            tags = [
                {"name": "tlp:green", "colour": "#339900"},
                {"name": 'misp-galaxy:threat-actor="BlackTech"', "colour": "#0088cc"},
            ]
            info = LONG if n % 29 == 0 else f"OSINT – campaign {n % 9}, part {copy + 1}"
            of = event(n * 10 + copy, info, date=f"2025-{1 + n % 12:02d}-{1 + copy:02d}", Tag=tags)
            more = {
                "comment": "Seen in a mail with an attachment" if n % 3 else "",
                "first_seen": "2025-03-01T10:00:00+00:00",
            }
            found.append(attribute(entry.value.text, of, str(entry.value.kind), **more))
    return found


def _searches(analyst: User, stranger: User) -> dict[str, str]:
    asked = extract(question())
    done = _ask(analyst, asked, label="BlackTech, composed list", purpose="Triage of case 2026-118")
    _ask(stranger, asked, label="Not for you")
    nothing = _ask(analyst, extract("203.0.113.250\nnothing.example.org"), label="No hit at all")
    _index(done)
    failing = _ask(analyst, extract(question(24)), label="Some failed " + LONG, related=True)
    _index(failing)
    _spoil(failing)
    _ask(analyst, extract("198.51.100.4"))
    interrupted = _ask(analyst, asked, label="Interrupted")
    _interrupt(interrupted)
    looked_at = {"search": done, "nothing": nothing, "failing": failing, "interrupted": interrupted}
    return {name: str(search.public_id) for name, search in looked_at.items()}


def _ask(user: User, asked: Any, **more: Any) -> Search:
    search = services.ask(user, asked, **more)
    assert engine().wait(search.public_id, 30)  # noqa: S101
    search.refresh_from_db()
    return search


def _index(search: Search) -> None:
    """As if all MISPs but the first had an index: one without, one that was down for details."""
    answers = list(MispAnswer.objects.filter(search=search).order_by("order"))[1:]
    for answer, age_s in zip(answers, (420.0, 3.0, 90_000.0), strict=False):
        answer.mode, answer.index_age_s = "indexed", age_s
        answer.save()
    last = answers[-1]
    bare = cells.code(CellState.HIT, Why.DEADLINE)
    last.cells = bytes(bare if byte == cells.HIT else byte for byte in bytes(last.cells))
    last.save()
    bared = Hit.objects.filter(search=search, misp=last.misp)
    bared.update(event=None, attribute=None, relation="its_network")


def _spoil(search: Search) -> None:
    """Cells of the last two MISPs without an answer: all of one, part of the other."""
    codes = (
        cells.code(CellState.NOT_ANSWERED, Why.DEADLINE),
        cells.code(CellState.NOT_ASKED, Why.RESTING),
    )
    answers = MispAnswer.objects.filter(search=search).order_by("order")
    for answer, code in zip(answers, codes, strict=False):
        width = len(bytes(answer.cells))
        half = width if code == codes[1] else width // 2
        answer.cells = bytes(answer.cells)[: width - half] + bytes([code]) * half
        answer.save()


def _interrupt(search: Search) -> None:
    """As if its process had died."""
    for answer in MispAnswer.objects.filter(search=search, order__gte=2):
        stored = bytes(answer.cells)
        MispAnswer.objects.filter(pk=answer.pk).update(cells=stored[:20] + bytes(len(stored) - 20))
    past = timezone.now() - timedelta(hours=1)
    state = SearchState.RUNNING
    Search.objects.filter(pk=search.pk).update(state=state, must_end_at=past, elapsed_ms=None)


def _spread_ledger() -> None:
    """Entries over the last weeks, so that the chart shows something."""
    random, now = Random(3), timezone.now()  # noqa: S311 - no secret
    for entry in LedgerEntry.objects.all():
        entry.at = now - timedelta(days=150 * random.random() ** 2)
        entry.save(update_fields=["at"])
