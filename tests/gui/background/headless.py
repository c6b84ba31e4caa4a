"""The engine alone on the notebook's network, for comparison with the window."""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from engine.blocks import Dense
from engine.data.sources import load
from engine.files.naming import named_arrays
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import Stack
from engine.model.templates import notebook
from engine.training.events import BatchDone, EpochDone
from engine.training.run import Training

Arrays = dict[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Run:
    """What the window must show and export after the same run; never written to."""

    losses: list[tuple[float, float]]  # of each batch, with its time in epochs
    epochs: list[EpochDone]
    weights: Arrays


def train_alone(batches: int | None = None, units: int = 100, **changes: object) -> Run:
    """Train at once, to the end or for some batches; the same run is trained once for all tests.

    With fewer units in the first Dense, a step of Adam costs less.
    """
    return _train(batches, units, Settings().with_changes(**changes))


def notebook_of(units: int) -> Stack:
    """Return the notebook's network with so many units in the first Dense."""
    stack = notebook().stack
    (dense,) = (slot for slot in stack if slot.block == Dense(units=100))
    return stack.replaced(replace(dense, block=Dense(units=units)))


@cache
def _train(batches: int | None, units: int, settings: Settings) -> Run:
    project = Project(notebook_of(units), settings)
    train, test = load(settings.dataset, settings.classes, settings.limit)
    training = Training(project.check(), settings, train, test)
    losses: list[tuple[float, float]] = []
    epochs: list[EpochDone] = []
    for event in training.run():
        if isinstance(event, BatchDone):
            losses.append((event.position, event.loss))
            if len(losses) == batches:
                break
        elif isinstance(event, EpochDone):
            epochs.append(event)
    weights = dict(named_arrays(project.stack.slots, training.weights()))
    training.close()
    return Run(losses, epochs, weights)


def assert_same(one: Arrays, other: Arrays) -> None:
    assert one.keys() == other.keys()
    for name, array in one.items():
        np.testing.assert_array_equal(array, other[name], err_msg=name)
