"""The worker: takes jobs from the queue and runs some at once, until it is told to end."""

import logging
import os
import signal
from typing import Any

import structlog
from huey.consumer import Consumer, Scheduler

from securegrid.portal.jobs.running import runs
from securegrid.portal.jobs.tasks import the_jobs

log = structlog.get_logger(__name__)

AT_ONCE = 4
"""Jobs at once, each in a thread; a sync mostly waits for its MISP and for its store."""
_ENDINGS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_POLLED_EVERY_S = 1.0
_END_WAIT_S = 3.0


class Times(Scheduler):  # type: ignore[misc]  # huey has no types
    """Asks at every second whether a periodic job is due; huey does so once a minute."""

    periodic_task_seconds = 1


class Worker(Consumer):  # type: ignore[misc]  # huey has no types
    """A consumer that, when it is told to end, first lets running syncs give their claims back."""

    scheduler_class = Times

    def __init__(self, jobs: Any, at_once: int) -> None:
        super().__init__(
            jobs,
            workers=at_once,
            max_delay=_POLLED_EVERY_S,
            health_check_interval=5,
            shutdown_timeout=_END_WAIT_S,
        )
        # Every way of ending is the orderly one; huey would begin anew on a hang-up.
        self._signal_actions = dict.fromkeys(_ENDINGS, (False, True))

    def stop(self, graceful: bool = False) -> None:
        """Stop taking jobs, and end those that run."""
        runs.end_all()
        super().stop(graceful)


def work(*, at_once: int = AT_ONCE) -> None:
    """Work until SIGTERM, SIGINT or SIGHUP."""
    # Its lines about each message are ours to write, and some quote the message.
    logging.getLogger("huey").setLevel(logging.WARNING)
    log.info("worker started", at_once=at_once)
    Worker(the_jobs(), at_once).run()
    log.info("worker ended")
    if runs.are_left:
        # What a thread writes now is whole or nothing; its claim ends by itself.
        os._exit(0)
