"""Tanh: squeezes every value into -1..1."""

from collections.abc import Mapping
from typing import ClassVar

import msgspec
import numpy as np

from engine.array_types import Array, Shape
from engine.blocks.activation import ActivationLayer, Formula, Pointwise
from engine.blocks.base import Group, OutputRange, Saturation
from engine.blocks.rules import Smooth


class Tanh(
    Smooth,
    Pointwise,
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    tag="tanh",
    tag_field="kind",
    forbid_unknown_fields=True,
):
    """Squeeze every value into -1..1."""

    kind: ClassVar[str] = "tanh"
    name: ClassVar[str] = "Tanh"
    group: ClassVar[Group] = "Activation"
    equation: ClassVar[str] = "y = tanh x"
    help: ClassVar[str] = (
        "Maps every value to −1 … 1; 0 stays 0. Good between layers; not as the last "
        "one before binary cross-entropy, which needs outputs in 0 … 1."
    )
    output_range: ClassVar[OutputRange] = "any"
    saturation: ClassVar[Saturation] = (-0.98, 0.98)

    def summary(self) -> str:
        """Name the block."""
        return "Tanh"

    def formula(self) -> Formula:
        """Return tanh(x)."""
        return Formula(
            "tanh(x)",
            "tanh'(x)",
            "tanh'(x) = 1 − tanh²(x)",
            np.tanh,
            lambda x: 1 - np.tanh(x) ** 2,
        )

    def layer(self, input_shape: Shape, parameters: Mapping[str, Array]) -> ActivationLayer:
        """Make the layer."""
        return ActivationLayer(self.kind)
