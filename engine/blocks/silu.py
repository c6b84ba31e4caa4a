"""SiLU: a value times its own sigmoid."""

from typing import ClassVar

import numpy as np

from engine.array_types import Array
from engine.blocks.activation import Formula, Pointwise


class SiLU(Pointwise, frozen=True, tag="silu"):
    """Multiply every value with its own sigmoid."""

    kind: ClassVar[str] = "silu"
    name: ClassVar[str] = "SiLU"
    equation: ClassVar[str] = "y = x σ(x) = x / (1 + e⁻ˣ)"
    help: ClassVar[str] = (
        "Multiplies every value with its own sigmoid: large values pass, very negative ones become "
        "0, and in between the curve dips below 0 without a kink. Also known as Swish."
    )
    needs_outputs: ClassVar[bool] = False
    by_value: ClassVar[bool] = False

    def formula(self) -> Formula:
        """Return f(x) = x σ(x)."""
        return Formula(
            "f(x)",
            "f'(x)",
            "f'(x) = σ(x) (1 + x (1 − σ(x)))",
            lambda x: x * _sigmoid(x),
            lambda x: _sigmoid(x) * (1 + x * _sigmoid(-x)),
        )


def _sigmoid(x: Array) -> Array:
    from scipy.special import expit  # not at the start of the window

    return np.asarray(expit(x))
