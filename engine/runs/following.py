"""Follow a run that another program writes: read its folder again where anything may be new.

The folder may lie on a disk of another machine, which may answer late: a look belongs into a
thread of its own. The lock of the program that writes there may not be seen from here.
"""

import math
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from engine.errors import RunError
from engine.files.network_form import DRAWINGS
from engine.files.tensors import is_whole
from engine.runs.checkpoint_files import WEIGHTS, epoch_file
from engine.runs.file_reading import Stamp, is_settled, stamp_of
from engine.runs.run_folder import DESCRIPTION, INTERRUPTED, METRICS, TRAINING, Run, read_run

QUIET = 60.0  # s without a new epoch, from which a run whose lock is not seen has ended
_TRIES, _PAUSE = 3, 0.1  # s between them: what is just being written is whole at one of them
_RECENT = 3  # of the last weights, which may still be being written
_GROWING = (DESCRIPTION, METRICS, WEIGHTS, DRAWINGS)


class Follower:
    """Looks at the folder of one run, one look at a time."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.folder, self._clock = folder, clock
        self._run: Run | None = None
        self._stamp: Stamp = ()
        self._settled = self._lock_was_seen = False
        self._grew_at = -math.inf  # s on the clock

    def look(self) -> Run:
        """Return the run as it is now, with the epochs whose weights are whole.

        Raises RunError if there is none, it is damaged, or its network does not fit.
        """
        for _ in range(_TRIES - 1):
            try:
                return self._look()
            except RunError:
                time.sleep(_PAUSE)
        return self._look()

    def _look(self) -> Run:
        stamp = stamp_of(self.folder, _GROWING)
        if self._run is not None and self._settled and stamp == self._stamp:
            return self._run
        if not os.path.isdir(self.folder):
            raise RunError(
                f"{self.folder} is not there, or cannot be reached. See where the run is."
            )
        run = read_run(self.folder)
        problem = run.description.project.check().problem
        if problem is not None:
            raise RunError(f"The network of {self.folder} does not fit. {problem.text}")
        recent = run.kept_epochs[-_RECENT:]
        whole = (*run.kept_epochs[:-_RECENT], *filter(self._is_whole, recent))
        state = self._state(run)
        self._settled = is_settled(stamp) and state != TRAINING and whole == run.kept_epochs
        self._stamp, self._run = stamp, replace(run, kept_epochs=whole, state=state)
        return self._run

    def _is_whole(self, epoch: int) -> bool:
        try:
            return is_whole(self.folder / WEIGHTS / epoch_file(epoch))
        except OSError:  # it was taken away meanwhile
            return False

    def _state(self, run: Run) -> str:
        """Return the state; a lock that was never seen held says nothing of a run that grows."""
        if self._run is not None and run.metrics[-1:] != self._run.metrics[-1:]:
            self._grew_at = self._clock()
        if run.state != INTERRUPTED:
            self._lock_was_seen = self._lock_was_seen or run.state == TRAINING
            return run.state
        grows = not self._lock_was_seen and self._clock() - self._grew_at < QUIET
        return TRAINING if grows else INTERRUPTED
