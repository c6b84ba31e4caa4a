"""Sigmoid: squeezes every value into 0..1."""

from collections.abc import Mapping
from typing import ClassVar

import msgspec
import numpy as np

from engine.array_types import Array, Shape
from engine.blocks.activation import ActivationLayer, Formula, Pointwise
from engine.blocks.base import Group, OutputRange, Saturation
from engine.blocks.rules import Smooth


class Sigmoid(
    Smooth,
    Pointwise,
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
        "Maps every value to 0 … 1, so that the last layer's outputs can be read as "
        "probabilities and the layers between them are not one linear function."
    )
    output_range: ClassVar[OutputRange] = "unit"
    saturation: ClassVar[Saturation] = (0.01, 0.99)

    def summary(self) -> str:
        """Name the block."""
        return "Sigmoid"

    def formula(self) -> Formula:
        """Return σ(x) = 1 / (1 + e⁻ˣ)."""
        return Formula(
            "σ(x)",
            "σ'(x)",
            "σ'(x) = σ(x) (1 − σ(x))",
            _sigmoid,
            lambda x: _sigmoid(x) * _sigmoid(-x),
        )

    def layer(self, input_shape: Shape, parameters: Mapping[str, Array]) -> ActivationLayer:
        """Make the layer."""
        return ActivationLayer(self.kind)


def _sigmoid(x: Array) -> Array:
    from scipy.special import expit  # not at the start of the window

    return np.asarray(expit(x))
