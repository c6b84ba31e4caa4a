"""ReLU: lets positive values through and makes the others 0."""

from collections.abc import Mapping
from typing import ClassVar

import msgspec

from engine.arrays import Array, Shape
from engine.blocks.activation import ActivationLayer
from engine.blocks.base import Group, OutputRange
from engine.blocks.rules import SameShape
from engine.compute import activations


class ReLU(
    SameShape,
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

    def summary(self) -> str:
        """Name the block."""
        return "ReLU"

    def layer(self, input_shape: Shape, parameters: Mapping[str, Array]) -> ActivationLayer:
        """Make the layer."""
        return ActivationLayer(activations.relu, activations.relu_derivative)
