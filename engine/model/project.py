"""Project: all that one project file holds, whole and immutable but for the arrays."""

from dataclasses import dataclass, field
from typing import Annotated

import msgspec
from msgspec import Meta

from engine.inputs.scaling import Scaling
from engine.model.network import Network
from engine.model.settings import Settings
from engine.model.stack import ShapeReport, Stack
from engine.model.training_state import TrainingState
from engine.model.weights import Weights, initial_weights


class CheckpointRef(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A run by its id, and an epoch of it; epoch 0 is its start."""

    run: Annotated[str, Meta(min_length=1, max_length=1000)]
    epoch: Annotated[int, Meta(ge=0, le=2**53)]


@dataclass(frozen=True)
class Project:
    """A stack, the settings to train it, and what it has learned so far.

    `weights` holds only slots that were trained, or whose kernels were edited; `trained_epochs`
    counts the epochs behind them, `trained_part` is the share of one more that is behind them too,
    and `state`, of the same moment, is what training needs besides to go on exactly. `scaling` is
    what made the inputs that it learned from, `data_digest` the fingerprint of the data that the
    settings choose, if it is known, and `class_names` what its classes are called, if they have
    names. `origin` says which epoch of which kept run the weights are of, or go on from.
    """

    stack: Stack = Stack()
    settings: Settings = Settings()
    weights: Weights = field(default_factory=dict)
    trained_epochs: int = 0
    state: TrainingState | None = None
    scaling: Scaling | None = None
    data_digest: str = ""
    class_names: tuple[str, ...] = ()
    origin: CheckpointRef | None = None
    trained_part: float = 0.0

    @property
    def position(self) -> float:
        """How long the weights were trained, in epochs, such as 2.35."""
        return self.trained_epochs + self.trained_part

    @property
    def known_position(self) -> float | None:
        """The position; None if weights are there that were not trained here.

        They were imported or edited, and nobody knows for how long they were trained before.
        """
        return None if self.weights and not self.position else self.position

    def check(self) -> ShapeReport:
        """Check the stack for these settings."""
        return self.stack.check(len(self.settings.classes), self.settings.loss)

    def network(self) -> Network:
        """Build the network over copies of the weights; what was not trained has its initial ones.

        Raises TrainingError if the stack does not fit.
        """
        return self._network(self.check())

    def front(self) -> Network:
        """Build the network of the blocks up to the first that does not fit, as `network` does.

        Raises TrainingError if there are none.
        """
        return self._network(self.check().front())

    def _network(self, report: ShapeReport) -> Network:
        settings = self.settings
        weights = initial_weights(report, settings.seed, settings.initializer, kept=self.weights)
        return Network(report, weights)
