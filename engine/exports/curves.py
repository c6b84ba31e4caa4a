"""Curves: how the loss of a network fell while it was trained."""

import contextlib
from pathlib import Path

import numpy as np

from engine.array_types import Array
from engine.errors import RunError
from engine.model.project import Project
from engine.model.stack import Stack
from engine.runs.rewinding import continued
from engine.runs.store import RunStore


def kept_curves(project: Project, runs: Path) -> Array | None:
    """Return the curves (n, 5) of the kept runs that a network comes from; None: not known.

    Of each epoch they have the number, training loss, test loss, and both accuracies. They are
    those of the epochs that led to it. Where a run is gone, they begin after it.
    """
    age, parts = project.trained_epochs, list[list[tuple[float, ...]]]()
    origin = project.origin
    with contextlib.suppress(RunError, ValueError):  # no folder has such a name
        for run, epoch in continued(origin, RunStore(runs).of_id) if origin is not None else ():
            if run.age(epoch) != age:
                break
            if not parts and _blocks(run.description.project.stack) != _blocks(project.stack):
                break  # edited since it was trained
            until = [each for each in run.aged_metrics() if each.epoch <= age]
            parts.append(
                [(m.epoch, m.loss, m.test_loss, m.accuracy, m.test_accuracy) for m in until]
            )
            age = run.age(0)
    rows = [row for part in reversed(parts) for row in part]
    return np.array(rows) if rows else None


def _blocks(stack: Stack) -> tuple[object, ...]:
    """Return what is the same for stacks of the same blocks, whatever their ids."""
    return stack.input_shape, *(slot.block for slot in stack)
