"""Work that the threads of a pool share."""

from collections.abc import Callable
from functools import partial
from typing import Any

from engine.compute.thread_pool import Pool


def in_parts(work: Callable[[int, int], Any], pool: Pool | None, threads: int) -> None:
    """Do work in so many parts at the same time: each is told which of how many it is."""
    if pool is None or threads == 1:
        work(0, 1)
        return
    pool.run([partial(work, part, threads) for part in range(threads)])
