"""RunClock: how far and how fast a training run is."""

import time

from engine.training.events import BatchDone
from gui.background.mailbox import RunProgress


class RunClock:
    """Measures a run of `epochs` after `first_epoch`: time without pauses, and recent speed.

    `begun` is the time in epochs from which it is measured, if that is not the run's beginning.
    """

    WINDOW = 1.0

    def __init__(self, first_epoch: int, epochs: int, begun: float | None = None) -> None:
        self._first, self._epochs = first_epoch, epochs
        self._position = self._begun = first_epoch if begun is None else begun
        self._elapsed = self._begun_elapsed = 0.0
        self._since: float | None = None
        self._samples = 0
        self._speed = 0.0
        self._speed_samples = 0
        self._speed_elapsed = 0.0

    def go_on(self) -> None:
        """Start or go on counting."""
        if self._since is None:
            self._since = time.perf_counter()

    def rest(self) -> None:
        """Stop counting."""
        self._elapsed, self._since = self.elapsed(), None

    def elapsed(self) -> float:
        """Return the seconds of training so far."""
        running = 0.0 if self._since is None else time.perf_counter() - self._since
        return self._elapsed + running

    def change_pace(self) -> None:
        """Forget how fast it went: from now on it goes faster or more slowly."""
        self._begun, self._begun_elapsed = self._position, self.elapsed()
        self._speed_samples, self._speed_elapsed = self._samples, self._begun_elapsed
        self._speed = 0.0

    def count(self, samples: int) -> None:
        """Take the samples of a finished batch into account."""
        self._samples += samples

    def progress(self, event: BatchDone) -> RunProgress:
        """Return where the run stands after its newest batch."""
        elapsed, self._position = self.elapsed(), event.position
        window = elapsed - self._speed_elapsed
        if window >= self.WINDOW or self._speed_elapsed == self._begun_elapsed:
            self._speed = (self._samples - self._speed_samples) / max(window, 1e-9)
        if window >= self.WINDOW:
            self._speed_samples, self._speed_elapsed = self._samples, elapsed
        fraction = (event.position - self._first) / self._epochs
        last = self._first + self._epochs
        taken, done = elapsed - self._begun_elapsed, event.position - self._begun
        remaining = taken * (last - event.position) / done
        return RunProgress(event.epoch, last, fraction, self._speed, elapsed, remaining)
