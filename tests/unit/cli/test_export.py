"""``securegrid export``: from an embedded node into every form, filtered, defused and whole."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from aiohttp import web

from securegrid.cli.export import command
from securegrid.cli.main import exit_code_of
from securegrid.ingest.model import Block
from securegrid.ingest.readers.format import Format, ReadOptions
from securegrid.ingest.readers.misp_json import MISP_JSON
from securegrid.ingest.readers.stix import STIX
from securegrid.misp import exporting
from securegrid.node.accounts import Role
from securegrid.node.app import app_of
from securegrid.node.records import NewAttribute, NewEvent, NewTag
from securegrid.node.store import Store
from tests.contract.serving import served
from tests.fake_misp import answer_status, attribute, event, serving
from tests.unit.ingest.readers.blocks import OPTIONS, by_event, flat, shape_options

KEY = "k" * 40
FIRST = "0d7b9f0e-1111-4111-8111-000000000001"
HOSTILE = "=cmd|' /C calc'!A0"


class Ran(NamedTuple):
    """How it ended."""

    code: int
    out: str
    err: str


Export = Callable[..., Ran]


def _events() -> Iterator[NewEvent]:
    seen = {"first_seen": "2021-05-13T01:00:00+00:00", "last_seen": "2021-05-13T02:00:00+00:00"}
    yield NewEvent(
        info="(2021-05-13) どこどこJP",
        date="2021-05-13",
        uuid=FIRST,
        tags=(NewTag("docodoco.jp"), NewTag("tlp:green")),
        attributes=(
            NewAttribute("ip-src", "45.32.43.59", "Network activity", to_ids=True, **seen),
            NewAttribute("ip-src", "45.76.102.145", "Network activity", tags=(NewTag("seen"),)),
            NewAttribute("text", "OS: Linux", "Other", comment=HOSTILE),
        ),
    )
    yield NewEvent(
        info="=A report",
        date="2021-06-01",
        tags=(NewTag("type:OSINT"),),
        attributes=(
            NewAttribute("domain", "evil.example", "Network activity"),
            NewAttribute("domain|ip", "dxc.example|45.32.43.59", "Network activity"),
            NewAttribute("sha256", "a" * 64, "Payload delivery", to_ids=True),
        ),
    )


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A node with two events."""
    store = Store(tmp_path_factory.mktemp("node") / "node.sqlite3")
    store.load(_events())
    store.add_key(Role.READ_ONLY, raw=KEY)
    with served(app_of(store)) as url:
        yield url
    store.close()


@pytest.fixture
def export(node: str, tmp_path: Path, capfdbinary: Any, monkeypatch: pytest.MonkeyPatch) -> Export:
    """``export("--type", "ip-src", …)``"""
    (tmp_path / "key").write_text(KEY + "\n")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def run(*options: str, misp: str = node) -> Ran:
        code = exit_code_of(["export", misp, "--key-file", str(tmp_path / "key"), *options])
        told = capfdbinary.readouterr()
        return Ran(code, told.out.decode(), told.err.decode())

    return run


def by_uuid(told: dict[str, Any]) -> dict[str, list[Any]]:
    """The attributes of each event, wherever they stand in the document."""
    events: dict[str, list[Any]] = {}
    for one in told["response"]:
        events.setdefault(one["Event"]["uuid"], []).extend(one["Event"]["Attribute"])
    return events


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_csv_has_a_line_per_attribute_with_its_event(export: Export) -> None:
    code, out, err = export("--everything")
    assert (code, err) == (0, "6 attributes exported.\n")
    first, second, third, *_ = rows(out)
    assert first | {"timestamp": "", "uuid": "", "event_org": ""} == {
        "event_date": "2021-05-13", "event_org": "", "event_info": "(2021-05-13) どこどこJP",
        "event_tags": "docodoco.jp; tlp:green", "event_uuid": FIRST, "type": "ip-src",
        "category": "Network activity", "value": "45.32.43.59", "to_ids": "1", "comment": "",
        "first_seen": first["first_seen"], "last_seen": first["last_seen"],
        "attribute_tags": "", "object_relation": "", "timestamp": "", "uuid": "",
    }  # fmt: skip
    assert first["first_seen"].startswith("2021-05-13T01:00:00")
    assert second["attribute_tags"] == "seen"
    assert third["comment"] == "'" + HOSTILE
    assert rows(out)[3]["event_info"] == "'=A report"


@pytest.mark.parametrize(
    ("options", "values"),
    [
        (("--type", "domain"), ["evil.example"]),
        (("--type", "domain", "--type", "sha256"), ["evil.example", "a" * 64]),
        (("--category", "Other"), ["OS: Linux"]),
        (("--tag", "seen"), ["45.76.102.145"]),
        (("--tag", "type:OSINT", "--type", "domain"), ["evil.example"]),
        (("--value", "evil[.]example"), ["evil.example"]),
        (("--value", "45.32.43.59"), ["45.32.43.59", "dxc.example|45.32.43.59"]),
        (("--from", "2021-05-14"), ["evil.example", "dxc.example|45.32.43.59", "a" * 64]),
        (("--to", "2021-05-13", "--type", "text"), ["OS: Linux"]),
        (("--from", "2021-05-13", "--to", "2021-05-13", "--category", "Other"), ["OS: Linux"]),
        (("--type", "mutex"), []),
        (("--tag", "no-such-tag"), []),
    ],
)
def test_filters_are_met_together(
    export: Export, options: tuple[str, ...], values: list[str]
) -> None:
    code, out, _ = export(*options, "--format", "text")
    assert (code, out.splitlines()) == (0, values)


def test_json_is_a_misps_own_answer(export: Export) -> None:
    _, out, _ = export("--everything", "--format", "json")
    first, second = (one["Event"] for one in json.loads(out)["response"])
    assert (first["uuid"], first["date"]) == (FIRST, "2021-05-13")
    assert {tag["name"] for tag in first["Tag"]} == {"docodoco.jp", "tlp:green"}
    assert second["Attribute"][0]["value"] == "evil.example"
    assert [tag["name"] for one in first["Attribute"] for tag in one["Tag"]] == ["seen"]
    assert json.loads(export("--type", "mutex", "--format", "json").out) == {"response": []}


@pytest.mark.parametrize(("form", "reader"), [("json", MISP_JSON), ("stix2", STIX)])
@pytest.mark.parametrize("limit", [2, 5_000])
def test_what_is_exported_can_be_imported_again(
    export: Export,
    form: str,
    reader: Format[ReadOptions],
    limit: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pages = exporting.export_pages
    monkeypatch.setattr(command, "export_pages", lambda *a: pages(*a, limit=limit))
    whole = export("--everything", "--format", form).out.encode()

    batch = reader.make_reader(whole[:65_536], OPTIONS).read(Block(whole, 1))
    shape = reader.shape(shape_options("export"))
    drafts = [one for key, items in by_event(batch).items() for one in shape.contents(key, items)]

    assert batch.bad == ()
    assert {one.value for one in flat(drafts)} == {
        one.value for event in _events() for one in event.attributes
    }


def test_stix_is_one_bundle_with_a_grouping_for_each_event(export: Export) -> None:
    code, out, err = export("--everything", "--format", "stix2")
    bundle = json.loads(out)
    objects = bundle["objects"]
    assert (code, bundle["type"], err) == (0, "bundle", "6 attributes exported.\n")
    assert len({one["id"] for one in objects}) == len(objects)
    groupings = [one for one in objects if one["type"] in {"grouping", "report"}]
    assert [one["name"] for one in groupings] == ["(2021-05-13) どこどこJP", "=A report"]
    patterns = [one["pattern"] for one in objects if one["type"] == "indicator"]
    assert any("45.32.43.59" in pattern for pattern in patterns)
    assert any("a" * 64 in pattern for pattern in patterns)
    referred = {ref for one in groupings for ref in one["object_refs"]}
    assert referred <= {one["id"] for one in objects}


@pytest.mark.parametrize("form", ["csv", "json", "stix2", "text"])
def test_pages_make_the_same_document_as_one_page(
    export: Export, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = export("--everything", "--format", form).out
    pages = exporting.export_pages
    monkeypatch.setattr(command, "export_pages", lambda *a: pages(*a, limit=2))
    paged = export("--everything", "--format", form).out

    if form == "json":
        paged, whole = (json.dumps(by_uuid(json.loads(text))) for text in (paged, whole))
    if form != "stix2":
        assert paged == whole
        return
    objects, in_whole = (json.loads(text)["objects"] for text in (paged, whole))
    assert len({one["id"] for one in objects}) == len(objects)
    groups = {"grouping", "report"}
    assert {one["id"] for one in objects if one["type"] not in groups} == {
        one["id"] for one in in_whole if one["type"] not in groups
    }


def test_nothing_is_asked_without_a_filter(export: Export) -> None:
    code, out, err = export()
    assert (code, out) == (1, "")
    assert "--everything" in err


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--value", "%"), "--value"),
        (("--type", ""), "--type"),
        (("--tag", "!x"), "--tag"),
        (("--category", " "), "--category"),
        (("--from", "yesterday"), "is no day"),
        (("--from", "2021-05-14", "--to", "2021-05-13"), "after --to"),
        (tuple(one for n in range(191) for one in ("--type", f"t{n}")), "190"),
    ],
)
def test_what_cannot_be_asked_is_told(export: Export, options: tuple[str, ...], told: str) -> None:
    code, out, err = export(*options)
    assert (code, out) == (1, "")
    assert told in err


def test_a_file_has_its_name_only_when_it_is_whole(export: Export, tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    assert export("--type", "domain", "--out", str(file)).code == 0
    assert len(rows(file.read_text())) == 1
    with serving() as start:
        broken = start([], behaviour=answer_status(403))
        arguments = ("--value", "evil.example", "--out", str(file))
        code, _, err = export(*arguments, misp=broken.url)
    assert code == 1
    assert "not whole" in err
    assert len(rows(file.read_text())) == 1


def test_a_wrong_key_is_told_without_showing_it(export: Export, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("w" * 40)
    code, _, err = export("--everything", "--key-file", str(wrong))
    assert code == 1
    assert "w" * 40 not in err


def test_a_misp_that_ignores_the_filter_is_not_believed(
    export: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = exporting.export_pages
    monkeypatch.setattr(command, "export_pages", lambda *a: pages(*a, limit=1))
    rows = [attribute("evil.example", event(1)), attribute("other.example", event(1))]

    async def careless(_request: web.Request) -> web.StreamResponse:
        return web.json_response({"response": {"Attribute": rows}})

    with serving() as start:
        ran = export("--value", "third.example", misp=start([], behaviour=careless).url)
    assert ran.code == 1
    assert "does not apply the filter" in ran.err


def test_stopping_is_told_and_leaves_no_whole_file(
    export: Export, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "export_pages", stopped)
    ran = export("--everything", "--out", str(tmp_path / "out.csv"))
    assert ran.code == 130
    assert "not whole" in ran.err
    assert not (tmp_path / "out.csv").exists()


def test_a_key_comes_from_standard_input_too(
    node: str, capfdbinary: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(KEY + "\n"))
    assert exit_code_of(["export", node, "--key-stdin", "--type", "domain"]) == 0
    assert len(rows(capfdbinary.readouterr().out.decode())) == 1
