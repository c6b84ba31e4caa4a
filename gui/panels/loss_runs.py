"""The numbers behind the loss panel: those of the present run and of the last few before it."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from engine.training.best_epoch import Evaluated, RankingKey, ranked_by, ranking_key
from gui.panels.loss_marks import Marks
from gui.widgets.growing_curve import Floats, Record

if TYPE_CHECKING:
    from engine.exports.curves import Curves
    from engine.runs.run_folder import Run
    from engine.training.events import EpochDone

SMOOTHING = 0.25  # epochs
KEPT = 5  # runs before the present one
HEADER = "run,epoch,batch_loss,train_loss,test_loss,train_accuracy,test_accuracy"


class RankedEpoch(NamedTuple):
    """The best epoch of a run: how it ranks and by which samples, and its test accuracy."""

    epoch: int
    ranking: RankingKey
    ranked_by: str
    test_accuracy: float


@dataclass
class LossRun:
    """One run: its batches (time in epochs, loss), and per finished epoch its four means.

    Accuracies are shares of one.
    """

    number: int = 1
    batches: Record = field(default_factory=lambda: Record(2))
    epochs: Record = field(default_factory=lambda: Record(5, limit=50_000))
    best: RankedEpoch | None = None
    marks: Marks = field(default_factory=Marks)

    @classmethod
    def of(cls, run: "Run") -> "LossRun":
        """Take what is kept of the epochs of a run; its time is the age of the network."""
        told = [
            (run.age(each.epoch), each.loss, each.test_loss, each.accuracy, each.test_accuracy)
            for each in run.metrics
        ]
        made = cls()
        if told:
            made.epochs.extend(np.array(told))
        if run.best is not None:
            made._note_best(run.age(run.best.epoch), run.best)
        return made

    def add_batches(self, times: Floats, losses: Floats) -> None:
        """Append the losses of batches."""
        self.batches.extend(np.stack([times, losses], axis=1))

    def add_epoch(self, event: "EpochDone") -> None:
        """Append the means of an epoch."""
        means = (event.loss, event.test_loss, event.accuracy, event.test_accuracy)
        self.epochs.extend(np.array([[event.epoch, *means]]))
        self._note_best(event.epoch, event)

    def _note_best(self, number: int, epoch: Evaluated) -> None:
        ranking = ranking_key(epoch)
        if ranking.is_finite and (self.best is None or ranking > self.best.ranking):
            self.best = RankedEpoch(number, ranking, ranked_by(epoch), epoch.test_accuracy)

    @property
    def begin(self) -> int | None:
        """The epochs that were done before it; None if nothing is known of it."""
        batches, epochs = self.batches.rows(), self.epochs.rows()
        if len(batches):
            return int(batches[0, 0])
        return int(epochs[0, 0]) - 1 if len(epochs) else None

    @property
    def last_epoch(self) -> int | None:
        """The last epoch that was finished."""
        epochs = self.epochs.rows()
        return int(epochs[-1, 0]) if len(epochs) else None

    def forget_batches(self) -> None:
        """Give back the memory of what is no longer shown."""
        self.batches = Record(2)


def curves_of(runs: list[LossRun]) -> "Curves | None":
    """Return the curves of the last run, and of those before that it goes on from; None: there are
    none. The arrays are copies, for other threads.
    """
    from engine.exports.curves import Curves

    told: list[LossRun] = []
    for run in reversed(runs):
        goes_on = not told or (run.last_epoch is not None and run.last_epoch == told[0].begin)
        if not goes_on or run.begin is None:
            break
        told.insert(0, run)
    if not told:
        return None
    batches = np.concatenate([run.batches.rows() for run in told])
    return Curves(batches, np.concatenate([run.epochs.rows() for run in told]))


def table(runs: list[LossRun]) -> bytes:
    """Write runs as CSV: a row a batch, then one for its epoch; what a row has not is empty.

    Numbers are written so that they are read back the same.
    """
    lines = [HEADER]
    for run in runs:
        means = run.epochs.rows().tolist()
        position = 0
        for time, loss in run.batches.rows().tolist():
            while position < len(means) and means[position][0] < time:
                lines.append(_means(run.number, means[position]))
                position += 1
            lines.append(f"{run.number},{time!r},{loss!r},,,,")
        lines += [_means(run.number, row) for row in means[position:]]
    return ("\n".join(lines) + "\n").encode()


def _means(number: int, row: list[float]) -> str:
    return f"{number},{row[0]!r},,{','.join(repr(value) for value in row[1:])}"
