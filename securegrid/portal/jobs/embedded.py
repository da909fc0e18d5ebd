"""The worker beside the portal as a process: ``python -m securegrid.portal.jobs.embedded PID``."""

import os
import sys

import django

from securegrid.portal.jobs.process import end_with, leave_no_core

NICE = 10
"""On a busy machine the pages come first."""


def main(parent: int) -> None:
    """Work until the portal, process ``parent``, ends or asks to."""
    end_with(parent)
    leave_no_core()
    os.nice(NICE)
    django.setup(set_prefix=False)
    from securegrid.portal.jobs.worker import work

    work()


if __name__ == "__main__":
    main(int(sys.argv[1]))
