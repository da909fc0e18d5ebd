"""``securegrid demo``: a whole alliance on this machine, from the first start to Ctrl-C."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from securegrid.cli.asking import Silence, ask
from securegrid.cli.client import Portal, PortalClient
from securegrid.cli.demo_words import Tell, told, welcome
from securegrid.cli.problem import Problem
from securegrid.cli.words import Language, Say, user_language
from securegrid.demo import cast, real
from securegrid.demo.beginning import Source, begin
from securegrid.demo.blacktech import list_text
from securegrid.demo.folder import Folder, FolderBusy, State, locked, state_from
from securegrid.demo.log_import import imports, written
from securegrid.demo.processes import Child, free_ports, is_free, start, stop

_READY_WITHIN_S = 60.0
_LOOK_EVERY_S = 0.2


def demo(
    port: Annotated[int, typer.Option(min=1, max=65535, help="The portal's port.")] = 8000,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin anew.")] = False,
    data: Annotated[
        Path | None, typer.Option("--data", help="A folder of real data to use instead.")
    ] = None,
    folder: Annotated[Path, typer.Option(help="Where everything is kept.")] = Path("var/demo"),
) -> None:
    """Run a demo alliance: the portal and four embedded MISP nodes, until Ctrl-C."""
    language = user_language()
    source = _source(data)
    with contextlib.suppress(_Stopped), _stoppable():
        try:
            with locked(folder.absolute()):
                _run(Folder(folder.absolute(), source.data_set), source, port, fresh, language)
        except FolderBusy as busy:
            raise Problem(Say.DEMO_RUNS, folder=folder) from busy


class _Stopped(BaseException):
    """Somebody wants the demo to end."""


@contextlib.contextmanager
def _stoppable() -> Iterator[None]:
    """Turn Ctrl-C, a hang-up and a request to end into ``_Stopped``, once."""
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def end(_number: int, _frame: FrameType | None) -> None:
        for each in signals:
            signal.signal(each, signal.SIG_IGN)  # stopping is not to be stopped half-way
        raise _Stopped

    before = {each: signal.signal(each, end) for each in signals}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _source(data: Path | None) -> Source:
    if data is None:
        return Source()
    absent = real.missing(data)
    if absent:
        raise Problem(Say.DEMO_NO_DATA, folder=data, absent=", ".join(absent))
    return Source(data.absolute())


def _run(folder: Folder, source: Source, port: int, fresh: bool, language: Language) -> None:
    if not is_free(port):
        raise Problem(Say.DEMO_PORT_BUSY, port=port)
    state = _prepared(folder, source, port, fresh, language)
    children: list[Child] = []
    try:
        _start_nodes(folder, state, children)
        state = _with_logs_read(folder, state, children, language)
        state = _enrolled(folder, state, source, port)
        folder.write_state(state)
        address = f"http://127.0.0.1:{port}"
        _start_portal(folder, state, port, children)
        _wait_for_all(children, (*(node.port for node in state.nodes), port))
        folder.write_credentials(address, state)
        if not state.first_search:
            _wait_for_indexes(folder, state, port, language)
            state = _with_first_search(folder, state, source, address, language)
        _leave_list(folder, source)
        print(welcome(address, state, folder, source, language), flush=True)
        _stay_up(children)
    finally:
        told(Tell.STOPPING, language)
        stop(children)


def _prepared(folder: Folder, source: Source, port: int, fresh: bool, language: Language) -> State:
    """What an earlier run left, or everything made anew; with ports that are free now."""
    state = None if fresh else folder.read_state()
    wanted = tuple(port + step for step in range(1, len(cast.MISPS) + 1))
    if state is not None:
        ports = tuple(node.port for node in state.nodes)
        return state.moved(free_ports(ports, frozenset({port})))
    told(Tell.PREPARING_REAL if source.real_data else Tell.PREPARING, language)
    ports = free_ports(wanted, frozenset({port}))
    return begin(
        folder,
        source,
        ports,
        lambda name, loaded: told(
            Tell.FILLED, language, name=name, events=loaded.events, attributes=loaded.attributes
        ),
    )


def _start_nodes(folder: Folder, state: State, children: list[Child]) -> None:
    for node in state.nodes:
        file = str(folder.node_file(node.slug))
        arguments = ("node", "serve", "--db", file, "--port", str(node.port))
        children.append(start(node.name, arguments, folder.log_file(node.slug), _clean_env()))


def _with_logs_read(
    folder: Folder, state: State, nodes: Sequence[Child], language: Language
) -> State:
    """The nodes with what commands read out of logs, both at once."""
    if state.logs_read:
        return state
    told(Tell.READING, language)
    _wait_for_all(nodes, tuple(node.port for node in state.nodes))
    running: list[Child] = []
    try:
        for one in imports(folder, state.nodes):
            log = folder.log_file(f"ingest-{one.node.slug}")
            running.append(start(one.node.name, one.arguments, log, _clean_env()))
        for child in running:
            if child.process.wait():
                raise Problem(Say.DEMO_PART_FAILED, part=child.name, words=child.last_words())
    finally:
        stop(running)
    for name, counts in written(folder, state.nodes):
        events, attributes = counts.events_made, counts.attributes_added
        told(Tell.FILLED, language, name=name, events=events, attributes=attributes)
    done = replace(state, logs_read=True)
    folder.write_state(done)
    return done


def _enrolled(folder: Folder, state: State, source: Source, port: int) -> State:
    """The portal's database made or brought up to date, in a process of its own."""
    asked = {"state": asdict(state), "real": source.real_data is not None}
    done = subprocess.run(
        [sys.executable, "-m", "securegrid.demo.enrol"],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        env=_portal_env(folder, state, port),
        check=False,
    )
    if done.returncode:
        raise Problem(Say.DEMO_PART_FAILED, part="enrol", words=done.stderr[-1500:].strip())
    return state_from(json.loads(done.stdout))


def _start_portal(folder: Folder, state: State, port: int, children: list[Child]) -> None:
    env = _portal_env(folder, state, port)
    child = start("portal", ("serve", "--port", str(port)), folder.log_file("portal"), env)
    children.append(child)


def _portal_env(folder: Folder, state: State, port: int) -> dict[str, str]:
    """The settings of the demo's portal; those of the surroundings do not count."""
    return {
        **_clean_env(),
        "DJANGO_SETTINGS_MODULE": "securegrid.portal.settings",
        "SECUREGRID_MODE": "demo",
        "SECUREGRID_SECRET_KEY": state.secret_key,
        "SECUREGRID_DATABASE_URL": f"sqlite:///{folder.home / 'portal.sqlite3'}",
        "SECUREGRID_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "SECUREGRID_ALLOW_LOOPBACK_MISPS": "true",
    }


def _clean_env() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if "SECUREGRID_" not in name}


def _wait_for_all(children: Sequence[Child], ports: Sequence[int]) -> None:
    """Wait until every part listens; they start side by side."""
    for child, port in zip(children, ports, strict=True):
        _wait_until_listening(child, port)


def _wait_until_listening(child: Child, port: int) -> None:
    until = time.monotonic() + _READY_WITHIN_S
    while time.monotonic() < until:
        if child.is_dead:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(_LOOK_EVERY_S)
    raise Problem(Say.DEMO_PART_FAILED, part=child.name, words=child.last_words())


def _wait_for_indexes(folder: Folder, state: State, port: int, language: Language) -> None:
    """The portal's worker fills them as soon as it runs; the first search is to find them full."""
    told(Tell.INDEXING, language)
    done = subprocess.run(
        [sys.executable, "-m", "securegrid.demo.syncing"],
        env=_portal_env(folder, state, port),
        capture_output=True,
        check=False,
    )
    if done.returncode:
        told(Tell.NOT_INDEXED, language)


def _with_first_search(
    folder: Folder, state: State, source: Source, address: str, language: Language
) -> State:
    """The trial's search in the history, run once and through the API like any other."""
    told(Tell.SEARCHING, language)
    token = next(one.token for one in state.people if one.email == cast.TRIAL_ANALYST)
    found = asyncio.run(_search(Portal(address, token), source.first_question()))
    done = replace(state, first_search=found)
    folder.write_state(done)
    return done


async def _search(portal: Portal, question: Mapping[str, object]) -> str:
    async with PortalClient(portal) as client:
        return (await ask(client, dict(question), Silence())).id


def _leave_list(folder: Folder, source: Source) -> None:
    """The searched list as a file, for ``securegrid trial`` and for pasting."""
    if source.real_data is None:
        (folder.root / "blacktech.csv").write_text(list_text(), encoding="utf-8")


def _stay_up(children: list[Child]) -> None:
    """Wait for Ctrl-C; a part that ends by itself ends the demo, with its last words."""
    while True:
        for child in children:
            if child.is_dead:
                words = child.last_words()
                raise Problem(Say.DEMO_PART_FAILED, part=child.name, words=words)
        time.sleep(_LOOK_EVERY_S)
