"""The numbers behind the loss panel: those of the present run and of the last few before it."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from engine.struct_fields import Field, field_of
from engine.training.best_epoch import Evaluated, RankingKey, ranked_by, ranking_key
from engine.training.samples import problem_of
from gui.widgets.growing_curve import Floats, Record

if TYPE_CHECKING:
    from engine.model.settings import Settings
    from engine.runs.run_folder import Run
    from engine.training.events import EpochDone

# What bears on a run that goes on; the other settings say how a run begins and ends.
_BEARING = (
    "loss",
    "optimizer",
    "learning_rate",
    "batch_size",
    "momentum",
    "nesterov",
    "weight_decay",
    "schedule",
    "step_epochs",
    "step_factor",
    "limit",
)
_SHORT = {"learning_rate": "rate"}
SMOOTHING = 0.25  # epochs
KEPT = 5  # runs before the present one
HEADER = "run,epoch,batch_loss,train_loss,test_loss,train_accuracy,test_accuracy"


@dataclass
class _Change:
    at: float
    field: Field
    before: Any
    after: Any

    def text(self) -> str:
        title = _SHORT.get(self.field.name, self.field.title.lower())
        return f"{title} {self.field.in_words(self.before)} → {self.field.in_words(self.after)}"


class Marks:
    """What is marked on the curves of one run, each at a time in epochs."""

    def __init__(self) -> None:
        self._changes: list[_Change] = []

    def add_change(self, at: float, before: "Settings", after: "Settings") -> None:
        """Note which settings changed; of several changes at one time, the first and the last."""
        for name in _BEARING:
            old, new = getattr(before, name), getattr(after, name)
            if old == new:
                continue
            same = [each for each in self._changes if (each.at, each.field.name) == (at, name)]
            if same:
                same[0].after = new
            else:
                self._changes.append(_Change(at, field_of(type(after), name), old, new))
        self._changes = [each for each in self._changes if each.before != each.after]

    def before(self, epoch: float) -> "Marks":
        """Return what was changed before an epoch."""
        marks = Marks()
        marks._changes = [replace(each) for each in self._changes if each.at < epoch]
        return marks

    def lines(self) -> list[tuple[float, str]]:
        """List the times with what is written there, those of one time in one line."""
        texts: dict[float, list[str]] = {}
        for change in self._changes:
            texts.setdefault(change.at, []).append(change.text())
        return [(at, ", ".join(texts[at])) for at in sorted(texts)]


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
    marks: Marks = field(default_factory=Marks)

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
        made = LossRun(number, self.problem, kept, marks=self.marks.before(epoch))
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
