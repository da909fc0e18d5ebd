"""From an upload through a worker to a node and back: what is written, what goes, what waits."""

import json
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.utils import timezone
from pymisp import PyMISP

from securegrid.portal.accounts.models import User
from securegrid.portal.alliance import services as alliance
from securegrid.portal.imports import claims, files, services
from securegrid.portal.imports.detecting import detected
from securegrid.portal.imports.formats import Told, checked
from securegrid.portal.imports.models import Import, State
from securegrid.portal.imports.records import ClaimLost, Fault, Progress
from securegrid.portal.imports.sealed import preview_of
from securegrid.portal.jobs.importing import Job
from securegrid.portal.jobs.running import Runs
from tests.conftest import KEY
from tests.unit.portal.imports.conftest import LATER, LINES, READ_ONLY, Node, Upload, fresh, worked

pytestmark = pytest.mark.django_db(transaction=True)


def held(node: Node) -> dict[str, set[str]]:
    """What the node has: values by event title."""
    misp = PyMISP(node.url, KEY, ssl=False)
    events = misp.search(controller="events", limit=100, page=1, pythonify=True)
    return {
        event.info: {
            str(each.value)
            for each in (*event.attributes, *(a for o in event.objects for a in o.attributes))
        }
        for event in events
    }


def published(node: Node, imported: Import, **how: object) -> Import:
    """The import read, published and looked at again."""
    ready = worked(imported)
    assert ready.state == State.READY, ready.last_error
    services.publish(ready, node.misp, **how)  # type: ignore[arg-type]
    return worked(ready)


def test_an_upload_is_read_and_nothing_is_written_before_somebody_says_so(
    node: Node, upload: Upload
) -> None:
    ready = worked(upload())
    assert (ready.state, ready.lines, ready.events) == (State.READY, 3, 2)
    preview = preview_of(ready)
    assert preview is not None
    assert {event.info.rsplit(" ", 1)[-1] for event in preview.events} == {
        "198.51.100.7", "203.0.113.9",
    }  # fmt: skip
    assert all(event.samples and event.attributes for event in preview.events)
    assert held(node) == {}


def test_it_is_published_and_the_upload_deleted(node: Node, upload: Upload, folder: Path) -> None:
    done = published(node, upload(), force=True)
    assert (done.state, done.events_written) == (State.PUBLISHED, 2)
    assert done.attributes_written >= 20
    assert done.has_written
    assert not (folder / str(done.public_id)).exists()
    assert any("198.51.100.7" in values for values in held(node).values())


def test_an_undo_deletes_exactly_what_the_import_wrote(node: Node, upload: Upload) -> None:
    misp = PyMISP(node.url, KEY, ssl=False)
    misp.add_event({"info": "Of others", "Attribute": [{"type": "domain", "value": "a.example"}]})
    done = published(node, upload(), force=True)
    assert len(held(node)) == 3
    services.undo(done)
    undone = worked(done)
    assert (undone.state, undone.has_written) == (State.UNDONE, False)
    assert held(node) == {"Of others": {"a.example"}}


def test_the_same_log_twice_is_found_out(node: Node, upload: Upload) -> None:
    published(node, upload(), force=True)
    before = held(node)
    again = worked(upload(name="b.log"))
    assert (again.state, again.last_error) == (State.FAILED, Fault.NOTHING_NEW)
    assert held(node) == before


def test_a_later_part_of_the_day_extends_the_same_events(node: Node, upload: Upload) -> None:
    published(node, upload(), force=True)
    titles = set(held(node))
    done = published(node, upload(LATER), force=True)
    assert done.state == State.PUBLISHED
    assert set(held(node)) == titles
    assert any("sensor-3" in text for values in held(node).values() for text in values)


def test_what_breaks_a_rule_is_left_out_unless_forced(node: Node, upload: Upload) -> None:
    private = LINES[0].replace("198.51.100.7", "192.168.1.2")
    done = published(node, upload(private))
    assert done.errors > 0
    assert done.attributes_refused > 0
    assert not any("192.168.1.2" in values for values in held(node).values())


def test_a_key_that_may_only_read_writes_nothing_and_another_one_does(
    node: Node, upload: Upload
) -> None:
    alliance.replace_key(node.misp, READ_ONLY)
    refused = published(node, upload())
    assert (refused.state, refused.last_error) == (State.READY, "no_permission")
    assert held(node) == {}
    services.publish(refused, node.misp, key=KEY, force=True)
    assert bytes(fresh(refused).sealed_key)
    done = worked(refused)
    assert (done.state, bytes(done.sealed_key)) == (State.PUBLISHED, b"")


@pytest.mark.parametrize(("text", "fault"), [
    ("nothing that a honeypot says\n" * 3, Fault.FORMAT_NOT_KNOWN),
    ("\x00\x01\x02", Fault.FORMAT_NOT_KNOWN),
])  # fmt: skip
def test_a_file_that_no_reader_knows_fails(upload: Upload, text: str, fault: Fault) -> None:
    failed = worked(upload(text))
    assert (failed.state, failed.last_error) == (State.FAILED, fault)


ACCESS = '203.0.113.1 - - [20/Nov/2026:01:02:03 +0900] "GET / HTTP/1.1" 200 1 "-" "Mozilla/5.0"\n'
EVENT = {"Event": {"info": "E", "date": "2026-11-20", "uuid": str(UUID(int=5)), "Attribute": []}}
FORTIGATE = (
    'date=2026-11-20 time=01:02:03 logid="0419016384" type="utm" subtype="ips" '
    'srcip=198.51.100.1 dstip=203.0.113.1 attack="A" action="dropped"\n'
)


@pytest.mark.parametrize(("text", "format_"), [
    (LINES[0] * 3, "honeypot"), (ACCESS * 3, "access-log"), (FORTIGATE * 3, "fortigate"),
    (json.dumps(EVENT), "misp-json"), ("IOC,note\nevil.example,x\n", "table"),
])  # fmt: skip
def test_the_format_is_recognised_by_the_content(tmp_path: Path, text: str, format_: str) -> None:
    path = tmp_path / "upload"
    path.write_text(text)
    told = checked(Told(source="S"), timezone.now())["options"]
    found = detected(str(path), int(timezone.now().timestamp()), told)
    assert found is not None
    assert found.name == format_


def test_a_recognised_format_is_kept(node: Node, upload: Upload) -> None:
    assert worked(upload(format="auto")).format == "honeypot"


def test_a_table_is_read_by_the_columns_that_were_told(node: Node, upload: Upload) -> None:
    table = "a,b\nevil.example,first\nbad.example,second\n"
    done = published(node, upload(table, format="table", columns="value=a\ncomment=b"), force=True)
    assert done.state == State.PUBLISHED
    assert {"evil.example", "bad.example"} <= set().union(*held(node).values())


def test_bad_lines_are_counted_and_shown(upload: Upload, node: Node) -> None:
    ready = worked(upload(LINES[0] + "broken\x1b[2J line\n" + LINES[1]))
    preview = preview_of(ready)
    assert preview is not None
    assert ready.bad_lines == preview.bad[0].count == 1
    assert preview.bad[0].examples[0].number == 2
    assert "\x1b" not in preview.bad[0].examples[0].head


def test_a_misp_that_is_away_is_tried_again_later(
    node: Node, upload: Upload, make_misp: object, owner: User
) -> None:
    ready = worked(upload())
    away = make_misp(url="http://127.0.0.1:9", tls="insecure")  # type: ignore[operator]
    services.publish(ready, away)
    claim = services.claim(fresh(ready), timezone.now())
    assert claim is not None
    Job(claim, Runs(), patience_s=0.0).run()
    waits = fresh(ready)
    assert (waits.state, waits.failures) == (State.PUBLISHING, 1)
    assert waits.due_at is not None
    assert waits.due_at > timezone.now()
    assert waits not in services.due(timezone.now())
    assert waits in services.due(timezone.now() + timedelta(hours=1))


def test_one_worker_at_a_time_and_a_stopped_one_loses_its_claim(node: Node, upload: Upload) -> None:
    ready = worked(upload())
    services.publish(ready, node.misp)
    claim = services.claim(fresh(ready), timezone.now())
    assert claim is not None
    assert services.claim(fresh(ready), timezone.now()) is None
    services.note(claim, timezone.now(), Progress(1, 2))
    running = claims.running(fresh(ready), timezone.now())
    assert running is not None
    assert running.progress == Progress(1, 2)
    services.stop(fresh(ready))
    with pytest.raises(ClaimLost):
        services.note(claim, timezone.now(), Progress(2, 2))
    assert fresh(ready).state == State.READY


def test_a_worker_that_ends_gives_the_import_back_and_another_finishes_it(
    node: Node, upload: Upload
) -> None:
    ready = worked(upload())
    services.publish(ready, node.misp, force=True)
    claim = services.claim(fresh(ready), timezone.now())
    assert claim is not None
    ending = Runs()
    ending.end_all()
    Job(claim, ending).run()
    back = fresh(ready)
    assert (back.state, back.claim, back.failures) == (State.PUBLISHING, None, 0)
    assert worked(back).state == State.PUBLISHED
    assert len(held(node)) == 2


def test_a_worker_that_dies_before_it_tells_of_the_end_leaves_no_doubt(
    node: Node, upload: Upload
) -> None:
    done = published(node, upload(), force=True)
    before = held(node)
    Import.objects.filter(pk=done.pk).update(state=State.PUBLISHING, file_deleted_at=None)
    files.keep(UUID(int=9), ["".join(LINES).encode()], 10_000)
    files.upload_of(UUID(int=9)).parent.rename(files.upload_of(done.public_id).parent)
    again = worked(done)
    assert (again.state, again.has_written, again.events_written) == (State.PUBLISHED, True, 2)
    assert held(node) == before
    services.undo(again)
    assert worked(again).state == State.UNDONE
    assert held(node) == {}


def test_work_of_a_dead_worker_is_free_again(upload: Upload) -> None:
    imported = upload()
    assert services.claim(imported, timezone.now()) is not None
    assert services.due(timezone.now()) == []
    assert services.due(timezone.now() + timedelta(minutes=3)) == [imported]


def test_what_nobody_publishes_is_deleted_after_some_days(
    node: Node, upload: Upload, folder: Path
) -> None:
    ready = worked(upload())
    assert services.expire(timezone.now() + timedelta(days=6)) == 0
    assert services.expire(timezone.now() + timedelta(days=8)) == 1
    gone = fresh(ready)
    assert (gone.state, bytes(gone.sealed_preview)) == (State.DISCARDED, b"")
    assert not (folder / str(gone.public_id)).exists()


def test_folders_that_belong_to_nothing_are_swept_away(upload: Upload, folder: Path) -> None:
    stray = folder / str(UUID(int=1))
    stray.mkdir(parents=True)
    imported = upload()
    assert services.sweep(timezone.now()) == 0, "it may be an upload that goes on"
    assert services.sweep(timezone.now() + timedelta(days=2)) == 1
    assert not stray.exists()
    assert (folder / str(imported.public_id)).exists()
    Import.objects.update(file_deleted_at=timezone.now())  # by another machine
    assert services.sweep(timezone.now() + timedelta(days=2)) == 1
