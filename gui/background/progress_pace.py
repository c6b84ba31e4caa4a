"""ProgressPace: tells how far a run is, no more often than it can be read."""

import time
from collections.abc import Callable

from gui.background.mailbox import RunProgress

PROGRESS_SECONDS = 0.25  # between two accounts of a run's progress: faster, none can be read


class ProgressPace:
    """Keeps the newest account of a run's progress until it is time to `tell` it."""

    def __init__(self, tell: Callable[[RunProgress], None]) -> None:
        self._tell = tell
        self._newest: RunProgress | None = None  # that was not told yet
        self._due = 0.0  # s on the clock

    def add(self, progress: RunProgress | None) -> None:
        """Take a newer account, if there is one."""
        self._newest = progress or self._newest

    def forget(self) -> None:
        """Tell nothing of a run that is no more."""
        self._newest = None

    def tell(self, *, training: bool) -> None:
        """Tell how far the run is, while it trains only now and then."""
        now = time.perf_counter()
        if self._newest is not None and (not training or now >= self._due):
            progress, self._newest = self._newest, None
            self._due = now + PROGRESS_SECONDS
            self._tell(progress)
