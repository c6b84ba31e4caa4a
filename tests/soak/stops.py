"""How long a training works on after it was asked to stop."""

import math
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from engine.training.events import BatchDone, Event, Interrupted
from engine.training.run import Training

GAPS = 4  # of those between two looks, the longest, in which it is asked to stop
EARLY = 0.0005  # s after the beginning of such a gap


@dataclass
class StopRequest:
    """Asks to stop from a moment on; notes when it was looked for, in each thread."""

    at: float = math.inf
    noting: bool = False
    looks: dict[int, list[float]] = field(default_factory=dict)

    def __call__(self) -> bool:
        now = time.perf_counter()
        if self.noting:
            self.looks.setdefault(threading.get_ident(), []).append(now)
        return now >= self.at


@dataclass(frozen=True)
class StopTimes:
    """How long a step takes, and how long at most what is left of it after a request; seconds."""

    step: float
    longest: float


def stop_times(make: Callable[[StopRequest], Training]) -> StopTimes:
    """Measure how long a training works on after a request, where that takes longest.

    One step shows the longest times between two looks for a request. Others, which do the same, are
    asked to stop at the beginning of these. Closes the training.
    """
    request = StopRequest()
    training = make(request)
    try:
        events = training.run()
        _step(events)  # its memory is new
        request.noting = True
        started = time.perf_counter()
        _step(events)
        ended = time.perf_counter()
        request.noting = False
        checkpoints = [
            checkpoint - started for checkpoint in _longest_gaps(request, started, ended)
        ]
        longest = max(_after(events, request, checkpoint) for checkpoint in checkpoints)
    finally:
        training.close()
    return StopTimes(ended - started, longest)


def _longest_gaps(request: StopRequest, started: float, ended: float) -> list[float]:
    gaps = [
        (after - before, before)
        for looks in request.looks.values()
        for before, after in pairwise([started, *looks, ended])
    ]
    return [before for _, before in sorted(gaps, reverse=True)[:GAPS]]


def _after(events: Iterator[Event], request: StopRequest, checkpoint: float) -> float:
    """Ask a step to stop after so many seconds; return for how long it went on."""
    event: Event | None = None
    while not isinstance(event, BatchDone | Interrupted):  # the first may be the end of an epoch
        request.at = time.perf_counter() + checkpoint + EARLY
        event = next(events)
    took = time.perf_counter() - request.at
    request.at = math.inf
    return max(took, 0.0)  # the step may have been faster than the one before


def _step(events: Iterator[Event]) -> None:
    while not isinstance(next(events), BatchDone):
        pass
