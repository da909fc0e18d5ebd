"""A message says which job and which MISP, in JSON; whatever else lies there is refused."""

import json
import pickle
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from huey.registry import Message

from securegrid.portal.jobs.messages import (
    LONGEST_MESSAGE,
    BadMessage,
    Job,
    JsonSerializer,
    task_name,
)

MISP = UUID("01234567-89ab-4cde-8f01-23456789abcd")
ID = UUID("76543210-ba98-4cde-8f01-23456789abcd")
"""The same in every test worker: they compare the names of tests."""
serializer = JsonSerializer()


def message(job: Job, *args: Any, **more: Any) -> Message:
    """A message as huey makes it of a job with nothing special about it."""
    given = {"kwargs": {}, "retries": 0, "retry_delay": 0, "retry_backoff": 0} | more
    return Message(str(uuid4()), task_name(job), args=args, **given)


@pytest.mark.parametrize(("job", "args"), [
    (Job.LOOK, ()), (Job.SWEEP, ()), (Job.SYNC, (str(MISP),)), (Job.IMPORT, (str(MISP),)),
    (Job.QUALITY, (str(MISP),)),
])  # fmt: skip
def test_a_message_comes_back_as_it_went(job: Job, args: tuple[str, ...]) -> None:
    sent = message(job, *args)
    got = serializer.deserialize(serializer.serialize(sent))
    assert (got.id, got.name, got.args) == (sent.id, sent.name, sent.args)


def test_a_message_is_json_and_holds_ids_only() -> None:
    sent = message(Job.SYNC, str(MISP))
    data = serializer.serialize(sent)
    assert json.loads(data) == {"job": "sync", "id": sent.id, "misp": str(MISP)}
    assert len(data) < LONGEST_MESSAGE


@pytest.mark.parametrize("more", [
    {"args": ("bad.example",)}, {"args": (str(MISP), "bad.example")}, {"args": (b"x" * 16,)},
    {"kwargs": {"value": "bad.example"}}, {"on_complete": message(Job.LOOK)},
    {"on_error": message(Job.LOOK)}, {"chord_config": ("a", 1, 0, message(Job.LOOK))},
    {"name": "os.system"}, {"retries": 3}, {"eta": "tomorrow"},
])  # fmt: skip
def test_nothing_else_can_be_sent(more: dict[str, Any]) -> None:
    with pytest.raises(BadMessage) as refused:
        serializer.serialize(message(Job.SYNC, str(MISP))._replace(**more))
    assert "bad.example" not in str(refused.value)


class Trap:
    """Unpickled, it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return (Path.touch, (self.path,))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_is_refused_and_never_loaded(protocol: int, tmp_path: Path) -> None:
    trap = pickle.dumps(Trap(tmp_path / "sprung"), protocol)
    with pytest.raises(BadMessage):
        serializer.deserialize(trap)
    assert not (tmp_path / "sprung").exists()
    pickle.loads(trap)
    assert (tmp_path / "sprung").exists(), "the trap itself works"


def wire(**given: Any) -> bytes:
    return json.dumps({"job": "sync", "id": str(ID), "misp": str(MISP)} | given).encode()


@pytest.mark.parametrize("data", [
    b"", b"{", b"null", b"[]", b"\xff\xfe", b"\x1f\x8b\x08", b'"sync"', b"{}",
    wire(job="rm"), wire(job="LOOK"), wire(job=1), wire(id="1"), wire(misp="bad.example"),
    wire(misp=None), wire(job="look"), wire(more=1), wire(imported=str(MISP)),
    wire(job="import"), wire(job="quality", misp=None), wire(job="quality", imported=str(MISP)),
    wire(job="import", imported=str(MISP)), wire(args=["bad.example"]),
    wire() + b"x", b" " * LONGEST_MESSAGE + wire(), b"[" * 100_000,
], ids=lambda data: data[:40].decode(errors="replace"))  # fmt: skip
def test_what_is_no_message_is_refused_without_a_word_of_it(data: bytes) -> None:
    with pytest.raises(BadMessage) as refused:
        serializer.deserialize(data)
    assert "example" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__ or refused.value.__context__ is None
