"""Running one search through the portal's API, with progress where somebody watches."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from securegrid.cli.answers import SearchAnswer
from securegrid.cli.clean import printable
from securegrid.cli.client import PortalClient, StreamEvent, json_object
from securegrid.cli.words import Language, Say, say

_POLL_S = 0.5


class Watcher(Protocol):
    """Somebody who wants to see how a search goes on."""

    def began(self, search: SearchAnswer) -> None:
        """The search runs."""

    def happened(self, event: StreamEvent) -> None:
        """The portal told news."""

    def line_broke(self) -> None:
        """The news ended too early; the search is read again until it is complete."""


async def ask(client: PortalClient, question: dict[str, object], watcher: Watcher) -> SearchAnswer:
    """Send ``question``, follow its stream and return the search when it is complete."""
    search = await client.start_search(question)
    watcher.began(search)
    if not search.is_complete:
        async for event in client.stream(search.id):
            watcher.happened(event)
    search = await client.search(search.id)
    if not search.is_complete:
        watcher.line_broke()
    # The portal itself ends every search at its deadline, so this ends too.
    while not search.is_complete:
        await asyncio.sleep(_POLL_S)
        search = await client.search(search.id)
    return search


class Silence:
    """Nobody watches."""

    def began(self, search: SearchAnswer) -> None:
        """Nothing to tell."""

    def happened(self, event: StreamEvent) -> None:
        """Nothing to tell."""

    def line_broke(self) -> None:
        """Nothing to tell."""


class TerminalProgress:
    """A bar on the terminal: how many MISPs are done, and the name of the last."""

    def __init__(self, progress: Progress, language: Language) -> None:
        self._progress = progress
        self._language = language
        self._task = progress.add_task(say(Say.RUNNING, language), total=None)
        self._done: set[str] = set()

    def began(self, search: SearchAnswer) -> None:
        """Show how many MISPs there are to wait for."""
        self._progress.update(self._task, total=len(search.misps))

    def happened(self, event: StreamEvent) -> None:
        """Show a MISP that is done."""
        news = json_object(event.data)
        if event.name != "misp" or news.get("state") in {None, "running"}:
            return
        self._done.add(str(news.get("id")))
        # Brackets would be read as markup.
        name = printable(str(news.get("name", ""))).replace("[", "(").replace("]", ")")
        self._progress.update(self._task, completed=len(self._done), description=name)

    def line_broke(self) -> None:
        """Say that the live connection broke."""
        self._progress.console.print(say(Say.STREAM_LOST, self._language))


@contextmanager
def watching(language: Language) -> Iterator[Watcher]:
    """Progress on standard error when it is a terminal, otherwise silence."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Silence()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as progress:
        yield TerminalProgress(progress, language)
