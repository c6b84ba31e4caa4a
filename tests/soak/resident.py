"""How much memory this process has."""

import gc
from collections.abc import Iterable

import psutil

MEGABYTE = 1_000_000


def resident() -> int:
    """Return the resident memory in bytes, without what only waits to be collected."""
    gc.collect()
    size: int = psutil.Process().memory_info().rss
    return size


def growth_after(sizes: Iterable[int], few: int = 10) -> float:
    """Return how far the least of the last few sizes is above the least of the second few, in MB.

    What is done takes more or less memory for a while; what stays behind raises the least of it.
    The first few are not counted: caches and buffers of fixed size fill up.
    """
    found = list(sizes)
    return (min(found[-few:]) - min(found[few : 2 * few])) / MEGABYTE
