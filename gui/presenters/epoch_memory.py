"""EpochMemory: the epochs since training began from the seed, as the coach knows them."""

from collections import deque

from engine.advice.facts import RUN_BEFORE, Epoch
from engine.model.weights import Weights
from gui.background.mailbox import BestEpoch
from gui.presenters.run_start import RunStart

_REMEMBERED = 50  # epochs


class EpochMemory:
    """The last epochs and the best; and at which test accuracy the run before ended.

    `run` counts the runs, `rate` is the learning rate that the last one began with. `before_name`
    says what `before` is the accuracy of.
    """

    def __init__(self) -> None:
        self.run, self.rate = 0, 0.0
        self.epochs: deque[Epoch] = deque(maxlen=_REMEMBERED)
        self.best: Epoch | None = None
        self.before: float | None = None
        self.before_name = RUN_BEFORE
        self._start: RunStart | None = None  # of a run from weights of unknown epochs
        self._back_at = 0  # the epoch that was gone back to

    def begin_run(self, rate: float) -> None:
        """Take what was learned last for the accuracy before."""
        self.run, self.rate = self.run + 1, rate
        self.before = self.epochs[-1].test_accuracy if self.epochs else self.before
        self.before_name = f"epoch {self._back_at:,}" if self._back_at else RUN_BEFORE
        self._back_at = 0

    def begin_from(self, start: RunStart | None) -> None:
        """Let the weights that are trained on count as the first epoch: it may be the best."""
        self.forget()
        self._start = start
        if start is not None:
            self.add(start.epoch)

    def add(self, epoch: Epoch) -> None:
        """Remember an epoch that is done."""
        self.epochs.append(epoch)
        if self.best is None or epoch.test_loss < self.best.test_loss:
            self.best = epoch

    def forget(self) -> None:
        """Begin with a run from the seed."""
        self._back_at = 0
        self.epochs.clear()
        self.best = self._start = None

    def go_back(self, epoch: int) -> None:
        """Forget what came after an epoch that was gone back to."""
        self._back_at = epoch
        kept = [each for each in self.epochs if each.number <= epoch]
        self.epochs = deque(kept, maxlen=_REMEMBERED)

    def weights_of_best(self, kept: BestEpoch | None) -> Weights | None:
        """Return the weights of the best epoch, if they are those kept by the session."""
        best, start = self.best, self._start
        if start is not None and best is start.epoch:
            return start.weights
        return kept.weights if kept and best and kept.done.epoch == best.number else None
