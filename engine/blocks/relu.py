"""ReLU: lets positive values through and makes the others 0."""

from collections.abc import Mapping
from typing import ClassVar

import msgspec

from engine.array_types import Array, Shape
from engine.blocks.activation import ActivationLayer, Formula, Pointwise, bent_formula
from engine.blocks.base import Group, Mask, OutputRange, Saturation
from engine.compute.workspace import Workspace


class ReLU(
    Pointwise,
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    tag="relu",
    tag_field="kind",
    forbid_unknown_fields=True,
):
    """Let positive values through and make the others 0."""

    kind: ClassVar[str] = "relu"
    name: ClassVar[str] = "ReLU"
    group: ClassVar[Group] = "Activation"
    equation: ClassVar[str] = "y = max(0, x)"
    help: ClassVar[str] = (
        "Lets positive values through and makes the others 0. Its slope does not fade, so deep "
        "networks learn faster than with Sigmoid."
    )
    output_range: ClassVar[OutputRange] = "any"
    saturation: ClassVar[Saturation] = None

    def summary(self) -> str:
        """Name the block."""
        return "ReLU"

    def formula(self) -> Formula:
        """Return f(x) = max(0, x)."""
        return bent_formula(0.0, "f'(x) = 1 if x > 0, else 0")

    def branches(self, inputs: Array, workspace: Workspace) -> Mask:
        """There is a kink at 0."""
        return inputs > 0

    def layer(self, input_shape: Shape, parameters: Mapping[str, Array]) -> ActivationLayer:
        """Make the layer."""
        return ActivationLayer(self.kind)
