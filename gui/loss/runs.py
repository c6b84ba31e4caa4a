"""The numbers behind the loss panel: those of the present run and of the last few before it."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from engine.training.best_epoch import Evaluated, RankingKey, ranked_by, ranking_key
from engine.training.samples import problem_of
from gui.widgets.growing_curve import Floats, Record

if TYPE_CHECKING:
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

    Accuracies are shares of one. `problem` says what was learned. `kept` names the folders that
    hold it, by the ids of their runs, each with its last epoch here. The last of `bests` is the
    best epoch, the others were so for a while.
    """

    number: int = 1
    problem: tuple[object, ...] = ()
    kept: dict[str, int] = field(default_factory=dict)
    batches: Record = field(default_factory=lambda: Record(2))
    epochs: Record = field(default_factory=lambda: Record(5, limit=50_000))
    bests: list[RankedEpoch] = field(default_factory=list)

    @classmethod
    def of(cls, run: "Run") -> "LossRun":
        """Take what is kept of the epochs of a run; its time is the age of the network."""
        told = [
            (run.age(each.epoch), each.loss, each.test_loss, each.accuracy, each.test_accuracy)
            for each in run.metrics
        ]
        made = cls(problem=problem_of(run.description.project.settings))
        if told:
            made.kept[run.id] = told[-1][0]
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
            self.bests.append(RankedEpoch(number, ranking, ranked_by(epoch), epoch.test_accuracy))

    @property
    def best(self) -> RankedEpoch | None:
        """The best epoch; None: no epoch is finished."""
        return self.bests[-1] if self.bests else None

    def up_to(self, epoch: int, number: int) -> "LossRun":
        """Return the epochs up to one as a run of another number, without batches."""
        kept = {run: min(last, epoch) for run, last in self.kept.items()}
        made = LossRun(number, self.problem, kept)
        rows = self.epochs.rows()
        made.epochs.extend(rows[rows[:, 0] <= epoch])
        made.bests = [each for each in self.bests if each.epoch <= epoch]
        return made

    def goes_beyond(self, found: "LossRun", epoch: int) -> bool:
        """Return whether it has epochs that are not those of `found` up to an epoch."""
        mine, its = self.epochs.rows(), found.epochs.rows()
        return not np.array_equal(mine, its[its[:, 0] <= epoch][: len(mine)])

    @property
    def last_epoch(self) -> int | None:
        """The last epoch that was finished."""
        epochs = self.epochs.rows()
        return int(epochs[-1, 0]) if len(epochs) else None

    def forget_batches(self) -> None:
        """Give back the memory of what is no longer shown."""
        self.batches = Record(2)


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
