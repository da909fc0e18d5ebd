"""The box: what it understands, what is dropped, and what happens to input that is no good."""

import re

import pytest
from django.test import Client
from django.test.utils import override_settings

from securegrid.portal.accounts.models import User
from securegrid.portal.searches.models import Search
from securegrid.portal.searches.pages.repeating import as_text
from securegrid.values.extract import extract
from tests.conftest import MakeMisp

pytestmark = pytest.mark.django_db

TEXT = "198[.]51[.]100[.]1\nevil.example.org\nother.example.org\nnot a value at all\n300.1.1.1"


@pytest.fixture
def client(analyst: User) -> Client:
    signed_in = Client(headers={"accept-language": "en"})
    signed_in.force_login(analyst)
    return signed_in


def told(client: Client, **form: object) -> str:
    answer = client.post("/search/understood", {"text": TEXT, **form})
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def rows(html: str) -> list[str]:
    return re.findall(r'name="drop" value="([^"]+)"', html)


def test_it_says_what_it_understood(client: Client) -> None:
    html = told(client)
    assert rows(html) == ["198.51.100.1", "evil.example.org", "other.example.org"]
    assert "198[.]51[.]100[.]1" in html
    assert "Search 3 values" in html
    assert "300.1.1.1" in html
    assert "not a possible address" in html


def test_it_speaks_japanese(client: Client) -> None:
    answer = client.post(
        "/search/understood", {"text": TEXT}, headers={"accept-language": "ja"}
    ).content.decode()
    assert "3件を検索" in answer
    assert "アドレスとして正しくありません" in answer


def test_nothing_is_stored_by_looking(client: Client) -> None:
    told(client)
    assert not Search.objects.exists()


def test_drops_survive_typing_on_paging_and_other_drops(client: Client) -> None:
    html = told(client, drop="evil.example.org")
    assert rows(html) == ["198.51.100.1", "other.example.org"]
    assert '<input type="hidden" name="dropped" value="evil.example.org">' in html
    html = told(client, text=TEXT + "\nmore.example.org", dropped="evil.example.org", page="2")
    assert "evil.example.org" not in rows(html)
    assert "more.example.org" in rows(html)


def test_a_whole_kind_is_dropped_and_taken_back(client: Client) -> None:
    html = told(client, drop_kind="hostname")
    assert rows(html) == ["198.51.100.1"]
    assert len(rows(told(client, dropped_kind="hostname", restore_kind="hostname"))) == 3
    assert len(rows(told(client, dropped=["evil.example.org"], restore_all="1"))) == 3
    assert len(rows(told(client, dropped=["evil.example.org"], restore="evil.example.org"))) == 3


def test_one_kind_is_shown_alone(client: Client) -> None:
    assert rows(told(client, show="ipv4")) == ["198.51.100.1"]
    assert rows(told(client, show="nonsense")) == rows(told(client))


def test_many_values_come_page_by_page(client: Client) -> None:
    text = "\n".join(f"10.0.{n // 256}.{n % 256}" for n in range(10_000))
    html = told(client, text=text, page="200")
    assert "Search 10,000 values" in html
    assert len(rows(html)) == 50
    assert rows(html)[-1] == "10.0.39.15"


def test_without_scripts_the_whole_page_comes_back(client: Client) -> None:
    answer = client.post("/search/", {"text": TEXT, "drop": "evil.example.org", "label": "Kept"})
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "300.1.1.1</textarea>" in html
    assert 'value="Kept"' in html
    assert rows(html) == ["198.51.100.1", "other.example.org"]


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"text": ""}, "Nothing in the input can be searched for"),
        ({"text": "<script>alert(1)</script>"}, "Nothing in the input can be searched for"),
        ({"text": "\x00\x01\x02PNG\x00"}, "Nothing in the input can be searched for"),
        ({"text": "\n".join(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}" for n in range(10_001))},
         "One search takes at most 10,000 values"),
        ({"text": TEXT, "label": "x" * 201}, "at most 200 characters"),
        ({"text": TEXT, "deadline_s": "0"}, "greater than or equal to 1"),
        ({"text": TEXT, "deadline_s": "nan"}, "Enter a number"),
        ({"text": TEXT, "misp": "unknown"}, "not in this alliance"),
        ({"text": TEXT, "misp": []}, "There is no MISP to ask"),
    ],
)  # fmt: skip
def test_bad_input_is_explained_and_nothing_is_lost(
    form: dict[str, object], words: str, client: Client, make_misp: MakeMisp
) -> None:
    misp = make_misp()
    answer = client.post("/search/", {"action": "run", "misp": str(misp.public_id), **form})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert words in html
    assert "<script>alert" not in html
    assert not Search.objects.exists()
    if form["text"] == TEXT:
        assert "evil.example.org" in html
    box = re.search(r"<textarea name=\"text\".*?>\n(.*?)</textarea>", html, re.DOTALL)
    assert box
    assert len(box[1]) >= len(str(form["text"]))


def test_a_text_that_is_too_long_is_given_back(
    client: Client, make_misp: MakeMisp, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_misp()
    text = "a.example.org\n" * 800_000
    answer = client.post("/search/", {"text": text, "action": "run"})
    assert answer.status_code == 413
    assert "longer than 10,000,000 bytes" in answer.content.decode()


@pytest.mark.parametrize("address", ["/search/", "/search/understood"])
def test_a_form_that_cannot_be_read_gets_a_clear_word(client: Client, address: str) -> None:
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=100):
        answer = client.post(address, {"text": "a.example.org\n" * 100, "action": "run"})
    assert answer.status_code in {200, 413}
    assert "Nothing was searched" in answer.content.decode()


@pytest.mark.parametrize(
    "text",
    [
        "198.51.100.1\nevil.example.org\n",
        "value,kind,label,note\nd41d8cd98f00b204e9800998ecf8427e,imphash,a,b\n",
        'value,label,note\nevil.example.org,"a, b","quote "" in it"\n',
    ],
)
def test_repeating_means_the_same_question(text: str) -> None:
    once = extract(text).entries
    again = extract(as_text(once)).entries
    assert [(e.value, e.note, e.label) for e in again] == [(e.value, e.note, e.label) for e in once]
