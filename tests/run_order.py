"""Where and when tests run: a file in one process, all files with tests of the real worker in the same."""

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from xdist.scheduler import LoadFileScheduling

SLOW = {"workers", "embedded"}  # they start processes, and kill them
_ASKS_FOR_WORKER = re.compile(r'usefixtures\("worker"\)|\bworker: None\b')


@cache
def asks_for_worker(path: Path) -> bool:
    """Whether a file has tests of the real worker: by its text, as who spreads the tests imports none."""
    return _ASKS_FOR_WORKER.search(path.read_text(encoding="utf-8")) is not None


class OneProcessHasTheWorker(LoadFileScheduling):
    """A worker and a beat take a core for seconds to start, so not each process has some of their tests."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return "worker" if asks_for_worker(self.config.rootpath / file) else file


def order_items(items: list[pytest.Item]) -> None:
    """What waits for processes comes first, or one of the parallel runs is left with it; then what is long.

    Tests of the worker follow on each other, so that it can end after the last of them.
    """
    tests = Counter(item.path for item in items)
    items.sort(
        key=lambda item: (
            not asks_for_worker(item.path),
            item.path.parent.name not in SLOW,
            -tests[item.path],
        )
    )
