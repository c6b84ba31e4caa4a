"""Softmax: turns the outputs into probabilities that add up to 1."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from engine.array_types import Array, Shape, is_vector
from engine.blocks.activation import ActivationLayer
from engine.blocks.base import Group, Mask, OutputRange
from engine.blocks.rules import SameShape
from engine.errors import ShapeError


class Softmax(SameShape, frozen=True, tag="softmax"):
    """Turn a vector into probabilities that add up to 1."""

    kind: ClassVar[str] = "softmax"
    group: ClassVar[Group] = "Activation"
    equation: ClassVar[str] = "y_i = e^x_i / Σ_j e^x_j"
    help: ClassVar[str] = (
        "Turns a vector into probabilities that add up to 1. It is the last block where exactly "
        "one class is right, and goes with categorical cross-entropy."
    )
    output_range: ClassVar[OutputRange] = "distribution"
    needs_outputs: ClassVar[bool] = True
    can_die: ClassVar[bool] = True

    def output_shape(self, input_shape: Shape) -> Shape:
        """The shape stays, (n,) or the column form (n, 1).

        Raises ShapeError for maps, over which probabilities would have no meaning.
        """
        if is_vector(input_shape):
            return input_shape
        raise ShapeError("takes a vector", input_shape, "Put a Reshape between them.")

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        """Nothing learns, but maps are refused."""
        self.output_shape(input_shape)
        return {}

    def equation_with(self, input_shape: Shape) -> str:
        """Say how many probabilities there are."""
        return f"{self.equation},  i, j = 1..{input_shape[0]}"

    def receptive_field(self, outputs: Mask, input_shape: Shape, *, training: bool) -> Mask:
        """Every probability depends on the whole vector."""
        return np.full(input_shape, outputs.any())

    def layer(self, input_shape: Shape, parameters: Mapping[str, Array]) -> ActivationLayer:
        """Make the layer."""
        return ActivationLayer(self.kind)
