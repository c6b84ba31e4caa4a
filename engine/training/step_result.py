"""StepResult: what a training step has found, before the weights are updated."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.blocks.base import Gradient
from engine.model.network import ParameterKey

Gradients = dict[ParameterKey, list[Gradient]]


@dataclass
class StepResult:
    """The result of one batch: the sum of its losses, its correct answers, and its gradients.

    Both numbers stand in `tally`. The gradients are those of the batch's mean loss; those of a key
    are to be added up. `steady` says that all steps for batches of this size have them in the same
    arrays, so that they hold until the next step only.
    """

    tally: NDArray[np.float64] = field(default_factory=lambda: np.zeros(2))
    gradients: Gradients = field(default_factory=dict)
    steady: bool = False

    @property
    def loss_sum(self) -> float:
        """The sum of the samples' losses."""
        return float(self.tally[0])

    @property
    def correct(self) -> int:
        """How many samples were answered rightly."""
        return int(self.tally[1])

    def kept(self) -> "StepResult":
        """Return the result of a step that is done again and again, with numbers that stay."""
        return StepResult(self.tally.copy(), self.gradients, steady=True)
