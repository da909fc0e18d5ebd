"""The way in: keys, methods, bodies, encodings, and answers without what they must not hold."""

import gzip
import json
import logging
import socket

import pytest

from securegrid.node.app import MAX_BODY_BYTES
from tests.contract.serving import ask
from tests.unit.node.conftest import ADMIN, OWNER, READER, Node

SECRET = "secret-of-the-incident.example"


@pytest.mark.parametrize("key", ["", "abc", "x" * 40, f"Bearer {OWNER}"])
@pytest.mark.parametrize("path", ["/servers/getVersion", "/nosuchcontroller/index", "/", "/a/b/c"])
def test_without_a_good_key_every_path_answers_the_same(node: Node, key: str, path: str) -> None:
    answered = ask(node.url, "GET", path, headers={"Authorization": key} if key else {})
    assert answered.status == 403
    assert answered.json()["message"].startswith("Authentication failed.")


@pytest.mark.parametrize("headers", [{"Authorization": f" {OWNER} "}, {"X-MISP-AUTH": OWNER}])
def test_a_key_may_have_blanks_around_it_or_the_other_header(
    node: Node, headers: dict[str, str]
) -> None:
    assert ask(node.url, "GET", "/servers/getVersion", headers=headers).status == 200


def test_a_body_is_not_read_before_the_key_is_good(node: Node) -> None:
    host, port = node.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(
            b"POST /events/add HTTP/1.1\r\nHost: node\r\nContent-Length: 50000000\r\n"
            b"Content-Type: application/json\r\n\r\n"
        )
        assert connection.recv(100).startswith(b"HTTP/1.1 403")


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH"])
def test_what_changes_something_wants_post(node: Node, method: str) -> None:
    event = node.add_event()
    assert node.ask(OWNER, method, f"/events/delete/{event['id']}").status == 405
    assert node.get(f"/events/view/{event['id']}")


def test_head_answers_without_a_body(node: Node) -> None:
    event = node.add_event()
    assert node.ask(OWNER, "HEAD", f"/events/view/{event['uuid']}").content == b""
    assert node.ask(OWNER, "HEAD", "/events/view/999").status == 404


@pytest.mark.parametrize(
    "body",
    [b"{", b"\xef\xbb\xbf{}", b'{"value": "caf\xe9"}', b'{"value": "\\ud800"}', b"[" * 100_000],
)
def test_a_body_that_is_no_json_is_refused(node: Node, body: bytes) -> None:
    headers = {"Authorization": OWNER, "Content-Type": "application/json"}
    answered = ask(node.url, "POST", "/attributes/restSearch", headers=headers, body=body)
    assert answered.status == 405
    assert answered.json()["message"].startswith("Invalid JSON input.")


def test_a_packed_body_is_read_and_a_packed_flood_is_not(node: Node) -> None:
    node.add_event(Attribute=[{"type": "domain", "value": SECRET}])
    headers = {
        "Authorization": OWNER,
        "Content-Type": "application/json",
        "Content-Encoding": "gzip",
    }
    packed = gzip.compress(json.dumps({"value": SECRET}).encode())
    answered = ask(node.url, "POST", "/attributes/restSearch", headers=headers, body=packed)
    assert len(answered.json()["response"]["Attribute"]) == 1
    flood = gzip.compress(b" " * (MAX_BODY_BYTES + 1))
    assert ask(node.url, "POST", "/events/add", headers=headers, body=flood).status == 413
    broken = ask(node.url, "POST", "/events/add", headers=headers, body=b"no gzip")
    assert broken.status == 405


def test_a_large_answer_is_packed_for_who_can_unpack_it(node: Node) -> None:
    path = "/attributes/describeTypes"
    plain = ask(node.url, "GET", path, headers={"Authorization": OWNER})
    packed = ask(node.url, "GET", path, headers={"Authorization": OWNER, "Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content


def test_a_failure_inside_is_told_without_details(
    node: Node, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Here a function is replaced: a healthy node offers no way to make it fail inside."""

    def broken(*_: object) -> None:
        raise ValueError(f"near {SECRET}")

    monkeypatch.setattr("securegrid.node.endpoints.attributes.find_attributes", broken)
    with caplog.at_level(logging.DEBUG):
        answered = node.ask(OWNER, "POST", "/attributes/restSearch", {"value": SECRET})
    assert answered.status == 500
    assert answered.json()["message"] == "An Internal Error Has Occurred."
    assert SECRET not in caplog.text
    assert "ValueError" in caplog.text


def test_neither_values_nor_keys_are_logged_or_told_in_errors(
    node: Node, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        answers = [
            node.ask(OWNER, "POST", "/attributes/restSearch", {"value": SECRET, "limit": "x"}),
            node.ask(OWNER, "POST", "/attributes/restSearch", {"value": [SECRET, ""]}),
            node.ask(OWNER, "GET", f"/attributes/restSearch?value={SECRET}"),
            node.ask(OWNER, "GET", f"/attributes/restSearch/value:{SECRET}/limit:x"),
            node.ask(OWNER, "GET", f"/attributes/restSearch/value%3A{SECRET}/limit:x"),
            node.ask(READER, "POST", "/events/add", {"info": SECRET}),
            node.ask("w" * 40, "POST", "/attributes/restSearch", {"value": SECRET}),
        ]
    assert all(answered.status >= 400 for answered in answers)
    told = caplog.text + "".join(answered.content.decode() for answered in answers)
    assert SECRET not in told
    assert "w" * 40 not in told
    assert OWNER not in told


@pytest.mark.parametrize("suffix", ["", ".json"])
def test_a_path_may_end_in_json(node: Node, suffix: str) -> None:
    assert node.get(f"/servers/getVersion{suffix}")["version"] == "2.5.1"


def test_parameters_may_be_named_in_the_path(node: Node) -> None:
    node.add_event(Attribute=[{"type": "ip-dst", "value": "203.0.113.1"}])
    found = node.get("/attributes/restSearch/value:203.0.113.1/returnFormat:json")
    assert len(found["response"]["Attribute"]) == 1


def test_a_search_that_finds_too_much_asks_for_pages(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit is lowered, since a quarter of a million rows take too long to make."""
    monkeypatch.setattr("securegrid.node.search.MAX_ROWS", 2)
    node.add_event(Attribute=[{"type": "ip-dst", "value": f"203.0.113.{n}"} for n in range(1, 4)])
    asked = {"type": "ip-dst"}
    assert node.ask(OWNER, "POST", "/attributes/restSearch", asked).status == 400
    assert len(node.found(OWNER, **asked, limit=3)) == 3


def test_an_administrator_is_shown_as_one(node: Node) -> None:
    for key, may_admin, may_add in (
        (ADMIN, True, True),
        (OWNER, False, True),
        (READER, False, False),
    ):
        role = node.get("/users/view/me", key=key)["Role"]
        assert (role["perm_site_admin"], role["perm_add"]) == (may_admin, may_add)
    assert node.ask(OWNER, "GET", "/users/view/99").status == 404
