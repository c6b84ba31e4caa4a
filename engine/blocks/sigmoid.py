"""Sigmoid: squeezes every value into 0..1."""

from collections.abc import Mapping
from typing import ClassVar

import msgspec

from engine.arrays import Array, Shape
from engine.blocks.activation import ActivationLayer
from engine.blocks.base import Group, OutputRange
from engine.blocks.rules import SameShape
from engine.compute import activations


class Sigmoid(
    SameShape,
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    tag="sigmoid",
    tag_field="kind",
    forbid_unknown_fields=True,
):
    """Squeeze every value into 0..1."""

    kind: ClassVar[str] = "sigmoid"
    name: ClassVar[str] = "Sigmoid"
    group: ClassVar[Group] = "Activation"
    equation: ClassVar[str] = "y = 1 / (1 + e⁻ˣ)"
    help: ClassVar[str] = (
        "Squeezes every value into 0..1, so that the last layer's outputs can be read as "
        "probabilities and the layers between them are not one linear function."
    )
    output_range: ClassVar[OutputRange] = "unit"

    def summary(self) -> str:
        """Name the block."""
        return "Sigmoid"

    def layer(self, input_shape: Shape, parameters: Mapping[str, Array]) -> ActivationLayer:
        """Make the layer."""
        return ActivationLayer(activations.sigmoid, activations.sigmoid_derivative)
