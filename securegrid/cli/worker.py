"""``securegrid worker``: keeps the indexes up to date, beside as many others as there are."""

from typing import Annotated

import typer

from securegrid.cli.serve import prepare


def worker(
    at_once: Annotated[
        int, typer.Option(min=1, max=32, help="Jobs at once; each sync is one.")
    ] = 4,
) -> None:
    """Run a worker until SIGTERM or Ctrl-C. Settings are those of the portal."""
    from securegrid.portal.jobs.process import leave_no_core

    leave_no_core()
    prepare(migrate=False)
    from securegrid.portal.jobs.worker import work

    work(at_once=at_once)
