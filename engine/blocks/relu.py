"""ReLU: lets positive values through and makes the others 0."""

from typing import ClassVar

from engine.array_types import Array
from engine.blocks.activation import Formula, Pointwise, bent_formula
from engine.blocks.base import Mask
from engine.compute.workspace import Workspace


class ReLU(Pointwise, frozen=True, tag="relu"):
    """Let positive values through and make the others 0."""

    kind: ClassVar[str] = "relu"
    equation: ClassVar[str] = "y = max(0, x)"
    help: ClassVar[str] = (
        "Lets positive values through and makes the others 0. Its slope does not fade, so deep "
        "networks learn faster than with Sigmoid."
    )

    def formula(self) -> Formula:
        """Return f(x) = max(0, x)."""
        return bent_formula(0.0, "f'(x) = 1 if x > 0, else 0")

    def branches(self, inputs: Array, workspace: Workspace) -> Mask:
        """There is a kink at 0."""
        return inputs > 0
