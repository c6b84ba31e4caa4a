"""LeakyReLU: like ReLU, but negative values pass with a small slope."""

from typing import Annotated, ClassVar

from engine.array_types import Array, Shape
from engine.blocks.activation import Formula, Pointwise, bent_formula
from engine.blocks.base import Mask
from engine.compute.workspace import Workspace
from engine.struct_fields import meta


class LeakyReLU(Pointwise, frozen=True, kw_only=True, tag="leaky_relu"):
    """Let positive values through and weaken the others."""

    kind: ClassVar[str] = "leaky_relu"
    equation: ClassVar[str] = "y = x if x > 0, else a x"
    help: ClassVar[str] = (
        "Lets positive values through and weakens the others by its slope, so that no unit falls "
        "silent for good as it can with ReLU."
    )

    slope: Annotated[float, meta("The factor for negative values.", (0.0, 1.0))] = 0.01

    def summary(self) -> str:
        """Name the block with its slope."""
        return f"LeakyReLU {self.slope:g}"

    def equation_with(self, input_shape: Shape) -> str:
        """Write the slope, and say of how many values the equation holds."""
        return super().equation_with(input_shape).replace("a x", f"{self.slope:g} x")

    def formula(self) -> Formula:
        """Return f(x) = x if x > 0, else a x."""
        return bent_formula(self.slope, "f'(x) = 1 if x > 0, else a")

    def branches(self, inputs: Array, workspace: Workspace) -> Mask:
        """There is a kink at 0."""
        return inputs > 0
