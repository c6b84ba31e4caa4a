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


def growth_after_ten(sizes: Iterable[int]) -> float:
    """Return how far the least of the last ten sizes is above the least of the second ten, in MB.

    What is done takes more or less memory for a while; what stays behind raises the least of it.
    The first ten are not counted: caches and buffers of fixed size fill up.
    """
    found = list(sizes)
    return (min(found[-10:]) - min(found[10:20])) / MEGABYTE
