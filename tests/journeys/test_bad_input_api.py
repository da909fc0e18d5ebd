"""What programs may send by mistake or malice: told clearly, in their language, nothing kept."""

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from securegrid.portal.accounts import services as accounts
from securegrid.portal.accounts.models import User
from securegrid.portal.accounts.roles import Scope
from securegrid.portal.alliance.models import Misp
from securegrid.portal.disclosure.models import LedgerEntry
from securegrid.portal.searches.models import Search

pytestmark = pytest.mark.django_db(transaction=True)

SECONDS = 10.0
"""Of computing, more than any of these may take."""
MARK = "uniquemark"
DEEP = 100_000
MIB = 1024 * 1024

Told = tuple[int, dict[str, Any]]


class Program:
    """A client of the API; every refusal is checked in both languages."""

    def __init__(self, user: User) -> None:
        lifetime = timedelta(days=1)
        self._token, _ = accounts.issue_token(user, "t", tuple(Scope), lifetime, timezone.now())

    def send(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        language: str = "en",
        content_type: str = "application/json",
    ) -> Told:
        """Status and error of one request; anything but a clear answer fails."""
        started = time.process_time()
        answer = Client(raise_request_exception=False).generic(
            method,
            f"/api/v1{path}",
            body,
            content_type=content_type,
            headers={"Authorization": f"Bearer {self._token}", "Accept-Language": language},
        )
        assert time.process_time() - started < SECONDS
        return answer.status_code, answer.json() if not answer.streaming else {}

    def refused(self, method: str, path: str, body: bytes = b"", **more: Any) -> Told:
        """The same, for what must be refused in either language, quoting nothing."""
        status, english = self.send(method, path, body, **more)
        again, japanese = self.send(method, path, body, language="ja", **more)
        assert status == again
        for told in (english, japanese):
            assert set(told) == {"error"}
            assert MARK not in json.dumps(told)
        assert english["error"]["code"] == japanese["error"]["code"] != "internal"
        assert english["error"]["message"].isascii()
        assert not japanese["error"]["message"].isascii()
        return status, english["error"]


@pytest.fixture
def program(stranger: User, misp: Misp) -> Iterator[Program]:
    """Someone of another member; afterwards nothing may have been stored or sent."""
    yield Program(stranger)
    assert not Search.objects.exists()
    assert not LedgerEntry.objects.exists()


def question(**more: Any) -> bytes:
    return json.dumps({"text": f"{MARK}.example", "deadline_s": 1} | more).encode()


@pytest.mark.parametrize("path", ["/searches", "/extract"])
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b" \n", id="blank"),
        pytest.param(bytes(range(256)) * 40, id="binary"),
        pytest.param(b"\x1f\x8b\x08\x00" + b"\x00" * 100, id="gzip"),
        pytest.param(json.dumps({"text": MARK}).encode("utf-16"), id="utf-16"),
        pytest.param(b"\xef\xbb\xbf" + json.dumps({"text": MARK}).encode(), id="byte order mark"),
        pytest.param('{"text": "uniquemark é"}'.encode("latin-1"), id="latin-1"),
        pytest.param('{"text": "uniquemark 悪い"}'.encode("shift_jis"), id="shift_jis"),
        pytest.param(b'{"text": "uniquemark\n"}', id="a control character in a string"),
        pytest.param(b'{"text": "uniquemark"', id="cut off"),
        pytest.param(b'{"text": "uniquemark",}', id="a comma too many"),
        pytest.param(b"{'text': 'uniquemark'}", id="wrong quotes"),
        pytest.param(b'{"deadline_s": NaN}', id="nan"),
        pytest.param(b"[" * DEEP, id="nested lists, open"),
        pytest.param(b"[" * DEEP + b"]" * DEEP, id="nested lists"),
        pytest.param(b'{"a":' * DEEP + b"1" + b"}" * DEEP, id="nested objects"),
        pytest.param(b'{"values": ' + b"[" * DEEP + b"]" * DEEP + b"}", id="nested values"),
    ],
)
def test_what_is_no_json(program: Program, path: str, body: bytes) -> None:
    assert program.refused("POST", path, body)[1]["code"] in {"malformed", "invalid", "missing"}


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"text": ["uniquemark"]}, "text"),
        ({"values": "uniquemark"}, "values"),
        ({"values": {"uniquemark": 1}}, "values"),
        ({"values": [1]}, None),
        ({"values": [None]}, None),
        ({"values": [["uniquemark"]]}, None),
        ({"values": [{"value": "a.example", "note": 1}]}, None),
        ({"values": [{"value": "a.example", "uniquemark": ""}]}, None),
        ({"values": [{"value": "a.example", "note": "x" * 10_001}]}, None),
        ({"values": [{"value": "a.example", "label": "x" * 1_001}]}, None),
        ({"values": ["x" * 10, {"value": "x" * 2_000_001}]}, None),
        ({"label": 7}, "label"),
        ({"purpose": ["uniquemark"]}, "purpose"),
        ({"wait": 1}, "wait"),
        ({"misps": MARK}, "misps"),
        ({"misps": [7]}, "misps.0"),
        ({"deadline_s": True}, "deadline_s"),
        ({"deadline_s": [1]}, "deadline_s"),
        ({"deadline_s": 10**400}, "deadline_s"),
    ],
)
def test_wrong_types(program: Program, more: dict[str, Any], field: str | None) -> None:
    status, error = program.refused("POST", "/searches", question(**more))
    assert (status, error["code"]) in {(422, "invalid"), (422, "unknown_field"), (400, "malformed")}
    assert field is None or error.get("field") in {field, None}


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"deadline_s": 0.99}, 422, "deadline_invalid"),
        ({"deadline_s": 120.01}, 422, "deadline_invalid"),
        ({"deadline_s": -1}, 422, "deadline_invalid"),
        ({"deadline_s": 1e308}, 422, "deadline_invalid"),
        ({"label": MARK * MIB}, 422, "label_invalid"),
        ({"label": "uniquemark\x1b[2J"}, 422, "label_invalid"),
        ({"label": "uniquemark\x85"}, 422, "label_invalid"),
        ({"purpose": MARK * 201}, 422, "purpose_invalid"),
        ({"purpose": "uniquemark\x07"}, 422, "purpose_invalid"),
        ({"misps": [""]}, 422, "unknown_misp"),
        ({"misps": [MARK, "\0", "' OR 1=1 --", "<script>"]}, 422, "unknown_misp"),
        ({"misps": [f"{MARK}{n}" for n in range(100_000)]}, 422, "unknown_misp"),
        ({"misps": ["00000000-0000-4000-8000-000000000000"]}, 422, "unknown_misp"),
        ({"misps": []}, 422, "no_misps"),
        ({"text": " \u3000\u200b\ufeff"}, 422, "no_values"),
        ({"text": "\x01\x02\x1b\x7f" * 1_000}, 422, "no_values"),
        ({"text": "\ufffd" * 1_000}, 422, "no_values"),
        ({"text": "a" * MIB}, 422, "no_values"),
        ({"text": "", "values": ["a" * MIB]}, 422, "no_values"),
        ({"text": "", "values": ["https://e.example/" + "a" * MIB]}, 422, "no_values"),
        ({"text": "<script>alert('uniquemark')</script>\n" * 1_000}, 422, "no_values"),
        ({"text": "\n".join(f"h{n}.example" for n in range(200_000))}, 422, "too_many_values"),
        ({"values": [f"h{n}.example" for n in range(200_000)]}, 422, "too_many_values"),
        ({"values": ["a.example"] * 200_001}, 422, "too_many_values"),
    ],
    ids=lambda part: ascii(part)[:40],
)
def test_bad_values(program: Program, more: dict[str, Any], status: int, code: str) -> None:
    told = program.refused("POST", "/searches", question(**more))
    assert (told[0], told[1]["code"]) == (status, code)


@pytest.mark.parametrize(
    "path",
    [
        *("/searches?page=0", "/searches?page=-1", "/searches?page=x", f"/searches?page={10**40}"),
        *("/searches?per_page=0", "/searches?per_page=99999999", "/searches?per_page=1.5"),
        *("/owner/hits?since=uniquemark", "/owner/hits?since=99999-01-01", "/owner/hits?misp=%00"),
        *("/owner/hits?value=%00", "/owner/hits?format=uniquemark", "/health?hours=0"),
        *("/health?hours=1e9", "/owner/hits?misp=%FF%FE", "/searches/uniquemark/cells"),
        "/owner/hits?since=0001-01-01T00:00:00%2B23:59",
    ],
)
def test_bad_addresses(program: Program, path: str) -> None:
    assert program.refused("GET", path)[0] in {400, 404, 422}


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/misps", {"name": "", "url": "https://m.example.org", "key": "k" * 40}),
        ("/misps", {"name": MARK * MIB, "url": "https://m.example.org", "key": "k" * 40}),
        ("/misps", {"name": "uniquemark\0", "url": "https://m.example.org", "key": "k" * 40}),
        ("/misps", {"name": "m", "url": "javascript:uniquemark", "key": "k" * 40}),
        ("/misps", {"name": "m", "url": "file:///etc/uniquemark", "key": "k" * 40}),
        ("/misps", {"name": "m", "url": "https://" + MARK * MIB, "key": "k" * 40}),
        ("/misps", {"name": "m", "url": "http://169.254.169.254/uniquemark", "key": "k" * 40}),
        ("/misps", {"name": "m", "url": "https://[uniquemark", "key": "k" * 40}),
        ("/misps", {"name": "m", "url": "https://m.example.org", "key": "uniquemark\r\nX: y"}),
        ("/users", {"email": "uniquemark", "roles": ["analyst"]}),
        ("/users", {"email": MARK * MIB + "@example.org", "roles": ["analyst"]}),
        ("/users", {"email": "a@example.org", "roles": ["uniquemark"]}),
        ("/users", {"email": "a@example.org", "roles": []}),
        ("/tokens", {"name": MARK * MIB, "scopes": ["search"]}),
        ("/tokens", {"name": "t", "scopes": ["uniquemark"]}),
        ("/tokens", {"name": "t", "scopes": ["search"], "days": 10**30}),
    ],
    ids=lambda part: ascii(part)[:40],
)
def test_bad_things(program: Program, path: str, sent: dict[str, Any]) -> None:
    assert program.refused("POST", path, json.dumps(sent).encode())[0] in {400, 422}


def test_what_was_rejected_comes_back_as_text_and_cut(program: Program) -> None:
    written = "<img src=x onerror=alert(1)>" + "a" * MIB
    body = json.dumps({"values": ["ok.example", written, "=1+1", "\x1b[2J"]}).encode()
    status, told = program.send("POST", "/extract", body)
    assert status == 200
    assert [one["value"] for one in told["values"]] == ["ok.example"]
    assert {piece["reason"] for piece in told["rejected"]}
    assert all(len(piece["written"]) < 3_000 for piece in told["rejected"])
