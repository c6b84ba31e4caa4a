"""ELU: lets positive values through and bends the others smoothly towards -1."""

from typing import ClassVar

import numpy as np

from engine.blocks.activation import Formula, Pointwise


class ELU(Pointwise, frozen=True, tag="elu"):
    """Let positive values through and bend the others towards -1."""

    kind: ClassVar[str] = "elu"
    equation: ClassVar[str] = "y = x if x > 0, else eˣ − 1"
    help: ClassVar[str] = (
        "Lets positive values through and bends the others smoothly towards −1: the mean of all "
        "values is nearer to 0 than with ReLU, and hardly a unit falls silent for good."
    )

    def formula(self) -> Formula:
        """Return f(x) = x if x > 0, else eˣ - 1."""
        return Formula(
            "f(x)",
            "f'(x)",
            "f'(x) = 1 if x > 0, else eˣ",
            lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
            lambda x: np.exp(np.minimum(x, 0)),
        )
