"""Tanh: squeezes every value into -1..1."""

from typing import ClassVar

import numpy as np

from engine.blocks.activation import Formula, Pointwise
from engine.blocks.base import Saturation


class Tanh(Pointwise, frozen=True, tag="tanh"):
    """Squeeze every value into -1..1."""

    kind: ClassVar[str] = "tanh"
    equation: ClassVar[str] = "y = tanh x"
    help: ClassVar[str] = (
        "Maps every value to −1 … 1; 0 stays 0. Good between layers; not as the last "
        "one before binary cross-entropy, which needs outputs in 0 … 1."
    )
    saturation: ClassVar[Saturation] = (-0.98, 0.98)

    def formula(self) -> Formula:
        """Return tanh(x)."""
        return Formula(
            "tanh(x)",
            "tanh'(x)",
            "tanh'(x) = 1 − tanh²(x)",
            np.tanh,
            lambda x: 1 - np.tanh(x) ** 2,
        )
