"""Killed at any write of a sync, an index answers rightly or not at all, and heals."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from starlette.types import Receive, Scope, Send

from securegrid.node.accounts import Role
from securegrid.node.app import app_of
from securegrid.node.records import NewAttribute, NewEvent
from securegrid.node.store import Store
from tests.contract.serving import served
from tests.privacy.killing import AFTER, BEFORE, EDITED, KEY, Story
from tests.privacy.world import NOW

Held = Mapping[str, tuple[str, ...]]


class _Edited:
    """A MISP that is as after its owner's edits once a file says so."""

    def __init__(self, folder: Path) -> None:
        self._flag = folder / EDITED
        self._before = app_of(_store(folder / "before.sqlite3", BEFORE, 0))
        self._after = app_of(_store(folder / "after.sqlite3", AFTER, 1_000))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self._after if self._flag.exists() else self._before)(scope, receive, send)


def _store(path: Path, held: Held, later_s: int) -> Store:
    store = Store(path, clock=lambda: NOW, host_org="ORG")
    store.add_key(Role.READ_ONLY, raw=KEY)
    store.load(_event(name, values, later_s) for name, values in held.items())
    return store


def _event(name: str, values: tuple[str, ...], later_s: int) -> NewEvent:
    attributes = tuple(NewAttribute(type="domain", value=value) for value in values)
    at = NOW if BEFORE.get(name) == values else NOW + later_s
    identity = str(uuid5(NAMESPACE_URL, name))
    return NewEvent(
        info="E", attributes=attributes, uuid=identity, published=True, timestamp=at
    )  # fmt: skip


def _kills(folder: Path) -> list[dict[str, Any]]:
    """Every kill in every story."""
    command = [sys.executable, "-m", "tests.privacy.killing", str(folder)]
    with served(_Edited(folder)) as url:
        ran = subprocess.run(
            [*command, url], capture_output=True, text=True, timeout=240, check=False
        )
    assert ran.returncode == 0, ran.stderr
    return [json.loads(line) for line in ran.stdout.splitlines()]


def test_killed_at_every_write_of_a_sync(tmp_path: Path) -> None:
    kills = _kills(tmp_path)
    for story in Story:
        _check(story, [kill for kill in kills if kill["story"] == story])


def _check(story: Story, kills: list[dict[str, Any]]) -> None:
    assert len(kills) > 7
    assert kills[-1]["ended"] == 0
    assert all(kill["killed"] for kill in kills[:-1])
    for kill in kills:
        assert kill["code"] == 0, kill
        assert kill["bare"] == [], kill
        assert _is_right(story, kill["left"]), kill
        assert kill["healed"] == _all(AFTER), kill
        assert kill["alone"], kill
    seen = [kill["left"] for kill in kills]
    assert _at_first(story) in seen
    assert _all(AFTER) in seen


def _is_right(story: Story, left: list[str] | None) -> bool:
    """Whether an index may answer so: nothing, or of each event all that was, or all that is."""
    if story is not Story.NEXT:  # a generation answers only when it is whole
        return left in (_at_first(story), _all(AFTER))
    return left is not None and all(
        set(left) & (was | now) in (was, now)
        for was, now in (
            (set(BEFORE.get(name, ())), set(AFTER.get(name, ()))) for name in {*BEFORE, *AFTER}
        )
    )


def _at_first(story: Story) -> list[str] | None:
    return None if story is Story.FIRST else _all(BEFORE)


def _all(held: Held) -> list[str]:
    return sorted(value for values in held.values() for value in values)
