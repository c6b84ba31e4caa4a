"""Work that the threads of a pool share."""

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

from numpy.typing import NDArray

from engine.array_types import Array
from engine.compute.thread_pool import Pool

SHARED_VALUES = 16_384  # that are worth handing a part to another thread, of the simplest work


def in_parts(work: Callable[[int, int], Any], pool: Pool | None, threads: int) -> None:
    """Do work in so many parts at the same time: each is told which of how many it is."""
    if pool is None or threads == 1:
        work(0, 1)
        return
    pool.run([partial(work, part, threads) for part in range(threads)])


def parts_of(values: Array, pool: Pool | None) -> list[slice]:
    """Cut the samples of a batch into parts, one for each thread that is worth its while."""
    samples = len(values)
    threads = pool.threads if pool is not None and values.size >= SHARED_VALUES else 1
    count = max(1, min(threads, samples))
    edges = [samples * i // count for i in range(count + 1)]
    return [slice(a, b) for a, b in pairwise(edges)]


def by_parts(work: Callable[[int, slice], Any], parts: list[slice], pool: Pool | None) -> None:
    """Do work for some parts of a batch at the same time: each is told its number and samples."""
    jobs = [partial(work, number, part) for number, part in enumerate(parts)]
    if pool is None or len(jobs) == 1:
        for job in jobs:
            job()
        return
    pool.run(jobs)


def share(work: Callable[..., None], arrays: tuple[NDArray[Any], ...], pool: Pool | None) -> None:

    def do(_: int, part: slice) -> None:
        work(*(array[part] for array in arrays))

    by_parts(do, parts_of(arrays[0], pool), pool)
