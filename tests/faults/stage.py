"""An alliance in the portal's own database, with MISPs that go wrong, and all it shows."""

import csv
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from securegrid.federation.outcomes import CellState
from securegrid.portal.accounts import services as accounts
from securegrid.portal.accounts.models import User
from securegrid.portal.accounts.roles import Role, Scope
from securegrid.portal.alliance import services as alliance
from securegrid.portal.alliance.models import Misp
from securegrid.portal.disclosure.models import LedgerEntry
from securegrid.portal.searches import cells, run
from securegrid.portal.searches.models import Hit, Search
from securegrid.portal.searches.question import unseal_question
from tests.conftest import PASSWORD
from tests.faults.faulty_misp import FaultyMisp, Stored
from tests.faults.traces import found_in, whole_database

KEY = "stageKey7Qd2xPsTm9wLr4ZcVb8NhYj3GkFu6Ea1"
DEADLINE_S = 5.0
REQUEST_S = 2.0
"""A request's time limit on the stage, so that a MISP that hangs is found out quickly."""

HIT = "hit-heron.example"
"""Held by the MISP that hits and by the searcher's own."""
HELD = "hit-held.example"
"""Held by the faulty MISP only: shown when it answers, unknown until then."""
MISSES = (
    "miss-kestrel.example",
    "203.0.113.201",
    "7f6e5d4c3b2a19081716253443526170a9b8c7d6e5f40312233445566778899a",
    "https://miss-osprey.example/a%20b/?q=miss",
    "miss.merlin@miss-harrier.example",
    "CVE-2031-48151",
    "miss-xn.例え.example",
)
"""In nobody's MISP: no one but the searcher may ever learn of them."""
FILLER = tuple(f"miss-filler-{number}.example" for number in range(192))
"""So that a MISP is asked twice."""
WRITTEN = ("miss-kestrel[.]example", "miss-xn.xn--r8jz45g.example")
LABEL, PURPOSE, NOTE = "Operation Gyrfalcon", "For the Lammergeier case", "from the Goshawk report"
PRIVATE = (*MISSES, *WRITTEN, "miss-filler-", LABEL, PURPOSE, NOTE, "not-a-value-Sparrowhawk!")
"""What nobody outside the searcher's member may see, and no log, metric or plain column hold."""

Pairs = set[tuple[str, str]]
"""MISP and value."""


@dataclass(frozen=True)
class Answer:
    """What the API answered; ``body`` is the JSON, if it was JSON."""

    status: int
    content: bytes
    headers: Any

    @property
    def body(self) -> Any:
        return json.loads(self.content)


def called(
    method: str, path: str, body: object = None, *, token: str = "", language: str = "en"
) -> Answer:
    """Call the API; ``body`` is sent as JSON, bytes as they are."""
    data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    headers = {"Accept-Language": language}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    response = Client(raise_request_exception=False).generic(
        method, f"/api/v1{path}", data, content_type="application/json", headers=headers
    )
    content = b"".join(response) if response.streaming else response.content
    return Answer(response.status_code, content, response.headers)


@dataclass
class Stage:
    """Three members: who searches, who owns the MISPs, and a third that looks on."""

    analyst: User
    owner: User
    operator: User
    bystander: User
    tokens: dict[int, str] = field(default_factory=dict)
    own_misps: set[str] = field(default_factory=set)

    @classmethod
    def built(cls, monkeypatch: pytest.MonkeyPatch) -> "Stage":
        """The members and people; no MISP yet."""
        monkeypatch.setattr(run, "REQUEST_TIMEOUT_S", REQUEST_S)
        searching, owning, third = (
            alliance.add_member(name) for name in ("Searching", "Owning", "Third")
        )

        def person(name: str, role: Role, member: Any) -> User:
            return accounts.create_user(f"{name}@example.org", PASSWORD, name, member, (role,))

        return cls(
            person("analyst", Role.ANALYST, searching),
            person("owner", Role.OWNER, owning),
            person("operator", Role.OPERATOR, None),
            person("bystander", Role.OWNER, third),
        )

    def connect(self, misp: FaultyMisp, name: str, *, own: bool = False, **more: Any) -> Misp:
        """Make the portal know a MISP of the owner (``own``: of the searcher's member)."""
        member = self.analyst.member if own else self.owner.member
        assert member is not None
        if own:
            self.own_misps.add(name)
        return alliance.add_misp(member, name, misp.url, KEY, **more)

    def call(self, person: User, method: str, path: str, body: object = None) -> Answer:
        """The API as a program of ``person`` calls it."""
        if person.pk not in self.tokens:
            made = accounts.issue_token(
                person, "stage", tuple(Scope), timedelta(days=1), timezone.now()
            )
            self.tokens[person.pk] = made[0]
        return called(method, path, body, token=self.tokens[person.pk])

    def page(self, person: User, path: str) -> str:
        """A page as the browser of ``person`` gets it, whole (also a stream)."""
        client = Client()
        client.force_login(person)
        response = client.get(path)
        assert response.status_code == 200, (path, response.status_code)
        content = b"".join(response) if response.streaming else response.content
        return content.decode()

    def ask(self, **more: Any) -> dict[str, Any]:
        """Search for everything and wait; what the API answers."""
        return self._complete(self.call(self.analyst, "POST", "/searches", question() | more))

    def begin(self, **more: Any) -> str:
        """The same without waiting; the id of the search."""
        answer = self.call(self.analyst, "POST", "/searches", question() | {"wait": False} | more)
        assert answer.status == 201, answer.content[:500]
        return str(answer.body["id"])

    def ask_again(self, search_id: str) -> dict[str, Any]:
        """Ask the missing cells again and wait."""
        path = f"/searches/{search_id}/retry?wait=true"
        return self._complete(self.call(self.analyst, "POST", path))

    @staticmethod
    def _complete(answer: Answer) -> dict[str, Any]:
        assert answer.status == 200, answer.content[:500]
        assert answer.body["state"] == "complete"
        told: dict[str, Any] = answer.body
        return told

    def check_shown(self, search_id: str, *, live: bool = True) -> Pairs:
        """Whatever shows hits shows the same, and the ledger has exactly those of others.

        ``live``: also what follows a search; not for one that looks as if it went on.
        """
        search = Search.objects.get(public_id=search_id)
        shown = hits_of_cells(search)
        rows = Hit.objects.filter(search=search).values_list("misp__name", "position")
        assert {(misp, value_at(search, position)) for misp, position in rows} == shown
        ledger = LedgerEntry.objects.filter(search_id=search_id)
        kept = [(entry.misp.name, entry.value) for entry in ledger.select_related("misp")]
        assert len(set(kept)) == len(kept)
        assert set(kept) == {pair for pair in shown if pair[0] not in self.own_misps}
        for name, told in self._faces(search_id, live=live).items():
            assert told == shown, name
        self._check_pages(search_id, shown, live=live)
        return shown

    def _faces(self, search_id: str, *, live: bool) -> dict[str, Pairs]:
        path = f"/searches/{search_id}"
        api = self.call(self.analyst, "GET", path).body["hits"]
        table = csv.DictReader(StringIO(self.page(self.analyst, f"{path}/csv").lstrip("\ufeff")))
        download = json.loads(self.page(self.analyst, f"{path}/json"))["hits"]
        faces = {"api": _pairs(api), "csv": _pairs(table), "json": _pairs(download)}
        if live:
            stream = self.call(self.analyst, "GET", f"{path}/stream").content.decode()
            faces["stream"] = _pairs(hit for hits in events(stream, "hits") for hit in hits)
        return faces

    def _check_pages(self, search_id: str, shown: Pairs, *, live: bool) -> None:
        """The list of hits names the hits' values and events, and no others."""
        for part in ("", "live") if live else ("",):
            path = f"/searches/{search_id}/{part}?view=hits"
            html = self.page(self.analyst, path)
            titles = {misp for misp, _ in shown}
            names = Misp.objects.values_list("name", flat=True)
            assert {name for name in names if title(name) in html} == titles, path
            values = {value for _, value in shown}
            assert {value for value in (HIT, HELD) if value in html} == values, path
            assert found_in(html, MISSES) == set(), path

    def check_silence(self, told: str) -> None:
        """Nobody but the searcher's member can learn of a value that did not hit."""
        for name, text in (self._others_see() | {"logs": told}).items():
            assert found_in(text, (*PRIVATE, KEY)) == set(), name
        database = whole_database()
        assert found_in(database, (*PRIVATE, KEY)) == set()
        assert found_in(database, (HIT,)) == {HIT}  # the look is not in vain
        self._check_addresses()

    def _others_see(self) -> dict[str, str]:
        pages = {
            f"{person.name} {path}": self.page(person, path)
            for person, paths in (
                (self.owner, ("/owner/", "/owner/csv", "/health/", "/misps/", *self._misp_pages())),
                (self.bystander, ("/owner/", "/owner/csv", "/health/", "/misps/")),
                (self.operator, ("/health/", "/misps/", *self._misp_pages())),
            )
            for path in paths
        }
        api = {
            f"{person.name} api {path}": self.call(person, "GET", path).content.decode()
            for person, path in (
                (self.owner, "/owner/hits"),
                (self.owner, "/owner/hits?format=csv"),
                (self.owner, "/health"),
                (self.owner, "/misps"),
                (self.bystander, "/owner/hits"),
                (self.operator, "/health"),
                (self.operator, "/misps"),
            )
        }
        for name in ("bystander api /owner/hits", "bystander /owner/"):
            assert HIT not in (pages | api)[name]
        assert HIT in pages["owner /owner/"]
        assert HIT in api["owner api /owner/hits"]
        return pages | api | {"metrics": Client().get("/metrics").content.decode()}

    def _misp_pages(self) -> tuple[str, ...]:
        one = Misp.objects.filter(member=self.owner.member).order_by("name").first()
        assert one is not None
        return (f"/misps/{one.public_id}/", f"/health/{one.public_id}/")

    def _check_addresses(self) -> None:
        """No page of the searcher leads to an address that holds a value: such are logged."""
        for search in Search.objects.all():
            html = self.page(self.analyst, f"/searches/{search.public_id}/")
            assert MISSES[0] in html
            links = [
                told
                for name, told in re.findall(r'([\w:-]+)="([^"]*)"', html)
                if name != "title" and "/" in told[:9]  # a title is read, not followed
            ]
            assert links
            assert found_in("\n".join(links), (*MISSES, HIT)) == set()


def title(misp: str) -> str:
    """The title of the event that a MISP of this name holds."""
    return f"[Event of {misp}]"


def holding(name: str, *values: str, **more: Any) -> FaultyMisp:
    """A MISP that holds ``values`` in an event of its own name."""
    stored = [Stored(value, "domain", event=title(name)) for value in values]
    return FaultyMisp(stored, **more)


def question() -> dict[str, Any]:
    """What is asked: mostly what nobody holds."""
    noted = {"value": HIT, "note": NOTE, "label": "B"}
    values = [noted, HELD, *MISSES, *WRITTEN, *FILLER, "not-a-value-Sparrowhawk!"]
    more = {"label": LABEL, "purpose": PURPOSE, "deadline_s": DEADLINE_S, "wait": True}
    return {"values": values, **more}


def columns(search_id: str) -> dict[str, list[cells.Cell]]:
    """The grid as it stands in the database: the cells of each MISP."""
    answers = Search.objects.get(public_id=search_id).answers.select_related("misp")
    return {one.misp.name: [cells.cell(byte) for byte in bytes(one.cells)] for one in answers}


def states(column: Iterable[cells.Cell]) -> set[str]:
    """The states that occur, with their reasons."""
    return {f"{one.state}: {one.reason}" if one.reason else one.state.value for one in column}


def hits_of_cells(search: Search) -> Pairs:
    """The hits by the grid in the database."""
    return {
        (misp, value_at(search, position))
        for misp, column in columns(str(search.public_id)).items()
        for position, one in enumerate(column)
        if one.state is CellState.HIT
    }


def value_at(search: Search, position: int) -> str:
    """A value of the question."""
    asked = unseal_question(search.public_id, search.sealed_question)
    return asked.entries[position].value.text


def events(stream: str, name: str) -> list[Any]:
    """The data of the events of this name in a stream."""
    found = []
    for block in stream.split("\n\n"):
        fields = dict(line.partition(": ")[::2] for line in block.splitlines())
        if fields.get("event") == name:
            found.append(json.loads(fields["data"]))
    return found


def _pairs(rows: Iterable[Any]) -> Pairs:
    return {(row["misp"], row["value"]) for row in rows}
