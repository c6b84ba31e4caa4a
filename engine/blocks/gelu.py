"""GELU: a value times the share of a normal distribution that is below it."""

from typing import ClassVar

import numpy as np

from engine.array_types import Array
from engine.blocks.activation import Formula, Pointwise


class GELU(Pointwise, frozen=True, tag="gelu"):
    """Multiply every value with the share of a normal distribution that is below it."""

    kind: ClassVar[str] = "gelu"
    equation: ClassVar[str] = "y = x Φ(x)"
    help: ClassVar[str] = (
        "Multiplies every value with Φ(x), the share of a normal distribution that is below it: "
        "like ReLU far from 0, without a kink near it."
    )
    needs_outputs: ClassVar[bool] = False
    by_value: ClassVar[bool] = False

    def formula(self) -> Formula:
        """Return f(x) = x Φ(x), with φ = Φ'."""
        return Formula(
            "f(x)",
            "f'(x)",
            "f'(x) = Φ(x) + x φ(x)",
            lambda x: x * _share(x),
            lambda x: _share(x) + x * np.exp(-0.5 * x * x) / np.sqrt(2 * np.pi),
        )


def _share(x: Array) -> Array:
    from scipy.special import ndtr  # not at the start of the window

    return np.asarray(ndtr(x))
