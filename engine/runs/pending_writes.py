"""What a training has handed over to be written into its run folder, and waits for that."""

from dataclasses import dataclass, field, replace
from typing import NamedTuple

import msgspec

from engine.array_types import Array
from engine.model.project import Project
from engine.model.stack import Stack
from engine.model.training_state import TrainingState
from engine.model.weights import Weights
from engine.runs.run_folder import EpochMetrics
from engine.training.best_epoch import RankingKey

MOST_WAITING = 100_000_000  # bytes of outputs that are held in memory while the disk is slow


class EpochState(NamedTuple):
    """What is to be kept of an epoch: what the training was then, and had learned."""

    epoch: int
    ranking: RankingKey
    stack: Stack  # with the locks of then
    learning_rate: float
    weights: Weights
    state: TrainingState | None = None

    @property
    def bytes(self) -> int:
        """How many bytes its arrays take."""
        learned = sum(array.nbytes for arrays in self.weights.values() for array in arrays.values())
        memories = {} if self.state is None else self.state.memories
        return learned + sum(array.nbytes for array in memories.values())

    def project(self, start: Project) -> Project:
        """Return the project as it was then, of that with which the run began."""
        settings = start.settings
        if self.learning_rate != settings.learning_rate:
            settings = msgspec.structs.replace(settings, learning_rate=self.learning_rate)
        return replace(
            start,
            stack=self.stack,
            settings=settings,
            weights=self.weights,
            trained_epochs=start.trained_epochs + self.epoch,
            trained_part=0.0 if self.epoch else start.trained_part,
            state=self.state,
        )


@dataclass(eq=False)
class PendingWrites:
    """What is to be written of epochs beside their moments.

    `epochs` are their metrics, with the outputs (test samples, classes) for their predictions.
    `asked` says that it is to be written now. `end` is the state of the run and why it ended.
    """

    epochs: list[tuple[EpochMetrics, Array | None]] = field(default_factory=list)
    asked: bool = False
    end: tuple[str, str] | None = None
    held: int = 0  # bytes of outputs

    def add(self, metrics: EpochMetrics, outputs: Array) -> None:
        """Add an epoch; where there is no room for its outputs, those of the one before go."""
        if self.epochs and self.held + outputs.nbytes > MOST_WAITING:
            before, lost = self.epochs[-1]
            self.epochs[-1] = before, None
            self.held -= 0 if lost is None else lost.nbytes
        self.epochs.append((metrics, outputs))
        self.held += outputs.nbytes
