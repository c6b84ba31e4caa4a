"""StepResult: what a training step has found, before the weights are updated."""

from dataclasses import dataclass, field

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.blocks.base import Gradient
from engine.model.network import ParameterKey

Gradients = dict[ParameterKey, list[Gradient]]


class StepResult(msgspec.Struct, frozen=True, eq=False):
    """The result of one batch: the sum of its losses, its correct answers, and its gradients.

    The gradients are those of the batch's mean loss; those of a key are to be added up. `steady`
    says that all steps for batches of this size have them in the same arrays, so that they hold
    until the next step only.
    """

    loss_sum: float
    correct: int
    gradients: Gradients
    steady: bool = False


@dataclass
class StepSums:
    """What is found of a batch, round by round. `tally` has both numbers of the result."""

    tally: NDArray[np.float64] = field(default_factory=lambda: np.zeros(2))
    gradients: Gradients = field(default_factory=dict)

    def result(self, *, steady: bool = False) -> StepResult:
        """Return the result of the batch."""
        loss_sum, correct = self.tally.tolist()
        return StepResult(loss_sum, int(correct), self.gradients, steady)
