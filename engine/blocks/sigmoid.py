"""Sigmoid: squeezes every value into 0..1."""

from typing import ClassVar

import numpy as np

from engine.array_types import Array
from engine.blocks.activation import Formula, Pointwise
from engine.blocks.base import OutputRange, Saturation


class Sigmoid(Pointwise, frozen=True, tag="sigmoid"):
    """Squeeze every value into 0..1."""

    kind: ClassVar[str] = "sigmoid"
    equation: ClassVar[str] = "y = 1 / (1 + e⁻ˣ)"
    help: ClassVar[str] = (
        "Maps every value to 0 … 1, so that the last layer's outputs can be read as "
        "probabilities, and stacked layers do not collapse into a single linear one."
    )
    output_range: ClassVar[OutputRange] = "unit"
    saturation: ClassVar[Saturation] = (0.01, 0.99)

    def formula(self) -> Formula:
        """Return σ(x) = 1 / (1 + e⁻ˣ)."""
        return Formula(
            "σ(x)",
            "σ'(x)",
            "σ'(x) = σ(x) (1 − σ(x))",
            sigmoid,
            lambda x: sigmoid(x) * sigmoid(-x),
        )


def sigmoid(x: Array) -> Array:
    """Return 1 / (1 + e⁻ˣ)."""
    from scipy.special import expit  # not at the start of the window

    return np.asarray(expit(x))
