"""CapturedUpdates: updates by gradients that come in the same arrays are replayed."""

from collections.abc import Callable, Mapping
from typing import Any

from engine.compute.plain_numerics import Numerics
from engine.compute.thread_pool import Capture, Pool

MOST = 4  # that are kept: full batches, the smaller one at an epoch's end, and few others

Given = Mapping[Any, Any]


class CapturedUpdates:
    """Updates by what they are given: each is done as ever twice, noted the second time."""

    def __init__(self, pool: Pool, numerics: Numerics) -> None:
        self._pool, self._numerics = pool, numerics
        # By identity; what an update was given is held, so that nothing else gets its identity.
        self._held: dict[int, tuple[Given, Capture | None]] = {}

    def update(self, given: Given, work: Callable[[Given], None]) -> None:
        """Do an update by what is given, whose arrays are the same each time that it is."""
        held = self._held.get(id(given))
        if held is None:
            self._hold(given)
            work(given)
            return
        _, captured = held
        if captured is not None:
            captured.replay()
            return
        capture = self._numerics.capture(self._pool)
        if capture is None:
            work(given)
            return
        with capture.recording():
            work(given)
        self._held[id(given)] = given, capture

    def _hold(self, given: Given) -> None:
        if len(self._held) == MOST:
            del self._held[next(iter(self._held))]
        self._held[id(given)] = given, None
