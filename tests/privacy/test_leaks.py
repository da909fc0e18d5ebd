"""What syncs and searches leave behind holds no value that did not hit, and no auth key."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from securegrid.portal.indexing import services as indexing
from securegrid.portal.jobs.messages import Job
from securegrid.portal.jobs.queue import made
from securegrid.portal.jobs.tasks import with_jobs
from securegrid.portal.searches import readers
from tests.faults.conftest import Told
from tests.faults.fault import Fault
from tests.faults.stage import KEY, Stage
from tests.privacy import footprints
from tests.privacy.finder import Finder
from tests.privacy.indexed import Portal, hits_of
from tests.privacy.questions import HITS
from tests.privacy.world import HELD, MISSES, WRITTEN, World

pytestmark = pytest.mark.django_db(transaction=True)
LOOKS_INTO_FILES = True

NAMED = {"label": "Operation Gyrfalcon", "purpose": "For the Lammergeier case"}
REJECTED = "not-a-value-Sparrowhawk!"
MIXED = (*MISSES, *HITS[-30:], *WRITTEN, REJECTED)
SECRET = (*MISSES, *WRITTEN, *NAMED.values(), REJECTED, KEY)
HELD_VALUES = tuple(dict.fromkeys(value for held in HELD.values() for _, value in held))
CUT = 12
"""Tables and logs are full of random UUIDs: 8 hex characters would be found by accident."""


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[set[str]]:
    """The files that are opened for writing during the test."""
    with footprints.watching(tmp_path / "temporary") as paths:
        yield paths


def _sync_by_jobs(portal: Portal) -> bytes:
    """Sync as workers do; what lay in the queue meanwhile."""
    jobs = with_jobs(made(connection.settings_dict, connection.vendor))
    jobs.flush()
    jobs.send(Job.LOOK)
    lain = b""
    while len(jobs):
        lain += footprints.queue()
        jobs.execute(jobs.dequeue())
    jobs.storage.close()
    assert all(
        one.standing is indexing.Standing.READY
        for one in indexing.overviews(portal.misps.values(), timezone.now())
    )
    return lain


def _everything_happens(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """Syncs, searches and failures of all kinds; what lay in the queue of jobs."""
    for name, node in portal.world.items():
        given: dict[str, Any] = {"mode": "indexed"}
        portal.misps[name] = portal.stage.connect(node.wire, name, **given)  # type: ignore[arg-type]
    lain = _sync_by_jobs(portal)
    portal.ask(MIXED, **NAMED)
    portal.ask(MIXED, related=True, private=True)
    portal.ask(MISSES, related=True)
    portal.world["A"].wire.fault = Fault.ERROR_500
    portal.world["B"].wire.fault = Fault.RESETS
    portal.ask(MIXED, **NAMED)
    indexing.sync_now(portal.misps["A"], timezone.now())
    _failing_lookup(portal, monkeypatch)
    portal.forget()
    return lain


def _failing_lookup(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store whose errors quote whatever it was asked, as drivers do."""

    def quote(_reader: object, _misps: object, values: list[Any], **_: object) -> None:
        raise RuntimeError(f"no row for {[value.text for value in values]}")

    with monkeypatch.context() as broken:
        broken.setattr(readers, "look_up", quote)
        told = portal.ask(MIXED)
    assert told["cells"]["not_answered"]


def test_no_file_table_log_or_metric_holds_a_secret(
    stage: Stage,
    world: World,
    told: Told,
    watched: set[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    portal = Portal(stage, world)
    lain = _everything_happens(portal, monkeypatch)
    keys = portal.keys()
    assert len(keys) == len(world)
    index = footprints.index_files(*map(portal.generation, portal.misps))
    never = {  # neither what was searched nor what is held
        "logs": told.everything().encode(),
        "metrics": footprints.metrics(),
        "jobs": lain,
        "temporary files": footprints.inside(tmp_path / "temporary"),
    }
    secret = Finder(SECRET, keys, cut=CUT)
    either = Finder([*SECRET, *HELD_VALUES[-30:]], keys, cut=CUT)
    for name, found in never.items():
        assert either.found_in(found) == {}, name
    for name, found in {
        "database": footprints.database(),
        "index": index,
        "written files": footprints.contents(watched - _looked_at(world)),
    }.items():
        assert secret.found_in(found) == {}, name
    assert Finder(HELD_VALUES[-30:]).found_in(index) == {}
    # The looks are not in vain: the index's own fingerprints and the searcher's hits are found.
    assert set(Finder(HELD_VALUES[-2:], keys).found_in(index)) == set(HELD_VALUES[-2:])
    assert HITS[-1] in Finder([HITS[-1]]).found_in(footprints.database())
    assert any("sqlite" in path for path in watched)


def _looked_at(world: World) -> set[str]:
    """The files of the MISPs themselves, and of the database."""
    return {*(str(node.store.path) for node in world.values()), footprints.database_file()}


def test_the_owner_sees_hits_only_and_nobody_else_sees_them(portal: Portal, told: Told) -> None:
    stage = portal.stage
    asked = portal.ask(MIXED, related=True, **NAMED)
    portal.ask(MISSES)
    expected = hits_of(asked)
    api = stage.call(stage.owner, "GET", "/owner/hits?per_page=200").body
    assert {(line["misp"], line["value"]) for line in api["hits"]} == expected
    finder = Finder([*SECRET], cut=CUT)
    hit = Finder(HITS[-30:], cut=CUT)
    own = ("/owner/", "/owner/csv", "/misps/", "/health/", *_pages(portal))
    for path in own:
        page = stage.page(stage.owner, path)
        assert finder.found_in(page) == {}, path
    for path in ("/owner/csv", "/owner/"):
        assert hit.found_in(stage.page(stage.owner, path)), path
    for person, paths in (
        (stage.bystander, ("/owner/", "/owner/csv", "/misps/", "/health/")),
        (stage.operator, ("/misps/", "/health/", *_pages(portal))),
    ):
        for path in paths:
            page = stage.page(person, path)
            assert finder.found_in(page) == hit.found_in(page) == {}, (person.name, path)
    for person in (stage.bystander, stage.operator, stage.analyst):
        for path in ("/owner/hits", "/owner/hits?format=csv", "/health", "/misps"):
            content = stage.call(person, "GET", path).content
            assert finder.found_in(content) == hit.found_in(content) == {}, (person.name, path)


def _pages(portal: Portal) -> list[str]:
    """The pages of one MISP."""
    name = portal.misps["A"].public_id
    return [f"/misps/{name}/", f"/misps/{name}/index", f"/health/{name}/"]
