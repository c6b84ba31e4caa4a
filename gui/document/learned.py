"""Learned: the weights and epochs that training has brought to the open project."""

from collections.abc import Iterator
from typing import NamedTuple

from engine.array_types import Array
from engine.inputs.scaling import Scaling
from engine.model.project import CheckpointRef, Project
from engine.model.stack import Stack
from engine.model.training_state import TrainingState
from engine.model.weights import WeightStore


class Learned(NamedTuple):
    """What training has brought up to one moment: weights, epochs, and what it needs to go on.

    `stack` is the network that was trained; None: nothing was. `scaling` made the inputs that it
    learned from, `origin` is the kept run and the epoch of it that they are of, or go on from.
    `part` is the share of one more epoch that has led to the weights.
    """

    store: WeightStore
    epochs: int = 0
    state: TrainingState | None = None
    stack: Stack | None = None
    scaling: Scaling | None = None
    origin: CheckpointRef | None = None
    part: float = 0.0

    @classmethod
    def of(cls, project: Project) -> "Learned":
        """Take what a project has learned."""
        store = WeightStore()
        store.put(project.weights)
        known = project.trained_epochs, project.state, project.stack, project.scaling
        return cls(store, *known, project.origin, project.trained_part)

    def arrays(self) -> Iterator[Array]:
        """Give every array: of the weights, and of what the optimizer remembers."""
        yield from self.store.arrays()
        if self.state is not None:
            yield from self.state.memories.values()
