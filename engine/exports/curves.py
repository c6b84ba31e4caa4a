"""Curves: how the loss of a network fell while it was trained."""

import contextlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.array_types import Array
from engine.errors import RunError
from engine.model.project import Project
from engine.model.stack import Stack
from engine.runs.run_folder import Run, read_run

_ROUNDING = 1e-6  # epochs


@dataclass(frozen=True, eq=False)
class Curves:
    """The losses of batches, and the means of epochs, in the order in which they came.

    `batches` are (n, 2): the time in epochs, such as 2.35, and the loss. `epochs` are (n, 5): the
    number of an epoch that was finished, its training loss, test loss, training accuracy and test
    accuracy; accuracies are shares of one.
    """

    batches: Array
    epochs: Array

    @property
    def begin(self) -> float:
        """After how many epochs the curves begin, such as 2.35."""
        begins = [*self.batches[:1, 0].tolist(), *(self.epochs[:1, 0] - 1).tolist()]
        return float(min(begins, default=0.0))

    def until(self, position: float) -> "Curves | None":
        """Return what there is up to a time in epochs; None if that is nothing."""
        kept = [rows[rows[:, 0] <= position + _ROUNDING] for rows in (self.batches, self.epochs)]
        return Curves(*kept) if any(map(len, kept)) else None


def kept_curves(project: Project, runs: Path) -> Curves | None:
    """Return the curves of the kept runs that a network comes from; None if they are not known.

    They are those of the epochs that led to it. Where a run is gone, they begin after it.
    """
    moment, age = project.origin, project.trained_epochs
    parts: list[list[tuple[float, ...]]] = []
    known = set[str]()
    while moment is not None and moment.run not in known:
        run = _run_of(runs, moment.run)
        if run is None or run.age(moment.epoch) != age:
            break
        if not parts and not _is_same(run.description.project.stack, project.stack):
            break  # edited since it was trained
        until = [each for each in run.aged_metrics() if each.epoch <= age]
        parts.append([(m.epoch, m.loss, m.test_loss, m.accuracy, m.test_accuracy) for m in until])
        known.add(moment.run)
        moment, age = run.parent, run.age(0)
    rows = [row for part in reversed(parts) for row in part]
    return Curves(np.empty((0, 2)), np.array(rows)) if rows else None


def _run_of(runs: Path, run_id: str) -> Run | None:
    with contextlib.suppress(RunError, ValueError):  # no folder has such a name
        return read_run((runs / "run").with_name(run_id))
    return None


def _is_same(one: Stack, other: Stack) -> bool:
    """Return whether two stacks are of the same blocks, whatever their ids."""
    blocks = [slot.block for slot in one], [slot.block for slot in other]
    return one.input_shape == other.input_shape and blocks[0] == blocks[1]
