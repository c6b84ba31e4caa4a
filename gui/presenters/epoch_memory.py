"""EpochMemory: the epochs since training began from the seed, as the coach knows them."""

import copy
from collections import deque
from collections.abc import Sequence

from engine.advice.accuracy_falls import FallWatch
from engine.advice.facts import RUN_BEFORE, Epoch
from engine.training.best_epoch import is_better
from gui.background.mailbox import BestEpoch
from gui.presenters.run_start import RunStart, Trained

_REMEMBERED = 50  # epochs


class EpochMemory:
    """The last epochs and the best; and at which test accuracy the run before ended.

    `run` counts the runs, `rate` is the learning rate that the last one began with, `chance` the
    accuracy up to which its network may just be guessing. `before_name` says what `before` is the
    accuracy of.
    """

    def __init__(self) -> None:
        self.run, self.rate, self.chance = 0, 0.0, 0.0
        self.epochs: deque[Epoch] = deque(maxlen=_REMEMBERED)
        self.best: Epoch | None = None
        self.falls = FallWatch()
        self.before: float | None = None
        self.before_name = RUN_BEFORE
        self._last: float | None = None  # test accuracy of the newest epoch of any run
        self._start: RunStart | None = None  # of a run from weights of unknown epochs
        self._back_at: Epoch | None = None  # the epoch that was gone back to

    def begin_run(self, rate: float, age: int, chance: float) -> None:
        """Take what was learned last for the accuracy before.

        A network of another age than the epoch that was gone back to does not go on from there.
        """
        self.run, self.rate, self.chance = self.run + 1, rate, chance
        back, self._back_at = self._back_at, None
        if back is not None and back.number == age:
            self.before, self.before_name = back.test_accuracy, back.place
        else:
            self.before, self.before_name = self._last, RUN_BEFORE

    def begin_from(self, start: RunStart | None) -> None:
        """Let the weights that are trained on count as the first epoch: it may be the best."""
        self.forget()
        self._start = start
        if start is not None:
            self.add(start.epoch)

    def begin_before(self, start: RunStart, since: Sequence[Epoch]) -> None:
        """Begin with an earlier epoch, and those since then, if it is better than all others."""
        if self.best is not None and not is_better(start.epoch, self.best):
            return
        last, fall = since[-1].number if since else 0, self.falls.fall
        known = [each for each in self.epochs if each.number > last or each.is_within]
        self.begin_from(start)
        for epoch in (*since, *known):
            self.add(epoch)
        if fall is not None:  # of steps that no epoch tells of
            self.falls.note(fall.pace)

    def add(self, epoch: Epoch) -> None:
        """Remember an epoch that is done."""
        self.epochs.append(epoch)
        self._last = epoch.test_accuracy
        if self.best is None or is_better(epoch, self.best):
            self.best = epoch
        self.falls.add(epoch, self.best, self.chance)

    def forget(self) -> None:
        """Begin with a run from the seed, or from what was learned elsewhere."""
        self.epochs.clear()
        self.best = self._start = None
        self.falls.begin(None)

    def clear(self) -> None:
        """Know nothing any more of runs on other data, or of what another network has learned."""
        self.forget()
        self.before = self._last = self._back_at = None

    def go_back(self, epoch: Epoch) -> None:
        """Forget what came after an epoch that was gone back to."""
        kept = [each for each in self.epochs if each.number <= epoch.number]
        self._back_at = epoch
        self.epochs = deque(kept, maxlen=_REMEMBERED)
        self.falls.begin(kept[-1] if kept else self.best)

    def with_best(self, trained: Trained | None) -> "EpochMemory":
        """Return a copy, which keeps what was learned up to the best epoch."""
        other = copy.copy(self)
        other.epochs, other.falls = self.epochs.copy(), copy.copy(self.falls)
        if self.best is not None and trained is not None:
            other._start = RunStart(self.best, trained)
        return other

    def best_of(self, kept: BestEpoch | None) -> Trained | None:
        """Return what was learned up to the best epoch, if the session has kept it."""
        best, start = self.best, self._start
        if start is not None and best is start.epoch:
            return start.trained
        if kept is None or best is None or kept.done.epoch != best.number:
            return None
        return Trained(kept.weights, kept.state, kept.origin)
