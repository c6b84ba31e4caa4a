"""Throttle: how often side jobs may be done beside a training."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Throttle:
    """Spaces out a repeated side job so that it takes at most a share of the time.

    `least` is the shortest time between two jobs in seconds, `share` the part of all time that
    they may take. A job costs what the cheaper of the last two took: one that was held up by other
    programs says nothing of the next, and must not put it off for long. With a `least`, the first
    costs nothing: it often loads what all others find there.
    """

    def __init__(self, *, least: float, share: float) -> None:
        self._least, self._share = least, share
        self._next, self._wait = time.perf_counter(), least
        self._last: float | None = None  # what the last job took

    def due(self) -> bool:
        """Return whether the job may be done now."""
        return time.perf_counter() >= self._next

    def seconds_left(self) -> float:
        """Return how long it is until the job may be done."""
        return max(0.0, self._next - time.perf_counter())

    def timed(self, job: Callable[[], T]) -> T:
        """Do the job, and put off the next by what it took."""
        started = time.perf_counter()
        try:
            return job()
        finally:
            self.spend(time.perf_counter() - started)

    def spend(self, seconds: float) -> None:
        """Put off the next job by what one took that was just done."""
        first = 0.0 if self._least else seconds
        cost = min(seconds, first if self._last is None else self._last)
        self._last = seconds
        self._wait = max(self._least, cost / self._share)
        self.put_off()

    def put_off(self) -> None:
        """Wait as long as after the last job: something else has done what it is for."""
        self._next = time.perf_counter() + self._wait
