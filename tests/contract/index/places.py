"""Where a store is kept, so that a test and the processes it starts open the same one."""

import importlib
import subprocess
import sys
from dataclasses import dataclass

from securegrid.index.port import Store


@dataclass(frozen=True, slots=True)
class Place:
    """``opener``, written ``module:function``, makes a Store of the text ``where``."""

    opener: str
    where: str

    def open(self) -> Store:
        """The store, opened anew: as another process of the portal would."""
        module, _, function = self.opener.partition(":")
        store: Store = getattr(importlib.import_module(module), function)(self.where)
        return store

    def child(self, task: str, *arguments: object) -> "subprocess.Popen[str]":
        """``child.py`` doing ``task`` on this store in a process of its own."""
        words = [self.opener, self.where, task, *map(str, arguments)]
        return subprocess.Popen(
            [sys.executable, "-m", "tests.contract.index.child", *words],
            stdout=subprocess.PIPE,
            text=True,
        )
