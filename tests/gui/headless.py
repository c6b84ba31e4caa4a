"""The engine alone on the notebook's network, for comparison with the window."""

import numpy as np
from numpy.typing import NDArray

from engine.data.sources import load
from engine.files.naming import named_arrays
from engine.project import Project
from engine.settings import Settings
from engine.templates import notebook
from engine.training import BatchDone, EpochDone, Training

Arrays = dict[str, NDArray[np.float32]]


class Headless:
    """Trains at once, and holds what the window must show and export."""

    def __init__(self, batches: int | None = None, **changes: object) -> None:
        project = Project(notebook().stack, Settings().with_changes(**changes))
        settings = project.settings
        train, test = load(settings.dataset, settings.classes, settings.limit)
        training = Training(project.check(), settings, train, test)
        self.losses: list[tuple[float, float]] = []
        self.epochs: list[EpochDone] = []
        for event in training.run():
            if isinstance(event, BatchDone):
                self.losses.append((event.position, event.loss))
                if len(self.losses) == batches:
                    break
            elif isinstance(event, EpochDone):
                self.epochs.append(event)
        self.weights = named_arrays(project.stack.slots, training.weights())
        training.close()


def assert_same(one: Arrays, other: Arrays) -> None:
    assert one.keys() == other.keys()
    for name, array in one.items():
        np.testing.assert_array_equal(array, other[name], err_msg=name)
