"""Throttle: how often the worker may do side jobs."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Throttle:
    """Spaces out a repeated side job so that it takes at most a share of the time.

    `least` is the shortest time between two jobs in seconds, `share` the part of all time that
    they may take.
    """

    def __init__(self, *, least: float, share: float) -> None:
        self._least, self._share = least, share
        self._next, self._wait = 0.0, least

    def due(self) -> bool:
        """Return whether the job may be done now."""
        return time.perf_counter() >= self._next

    def timed(self, job: Callable[[], T]) -> T:
        """Do the job, and put off the next by what it took."""
        started = time.perf_counter()
        try:
            return job()
        finally:
            self.spend(time.perf_counter() - started)

    def spend(self, seconds: float) -> None:
        """Put off the next job by what one took that was just done."""
        self._wait = max(self._least, seconds / self._share)
        self.put_off()

    def put_off(self) -> None:
        """Wait as long as after the last job: something else has done what it is for."""
        self._next = time.perf_counter() + self._wait
