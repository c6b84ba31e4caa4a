"""SiLU: a value times its own sigmoid."""

from typing import ClassVar

from engine.blocks.activation import Formula, Pointwise
from engine.blocks.sigmoid import sigmoid


class SiLU(Pointwise, frozen=True, tag="silu"):
    """Multiply every value with its own sigmoid."""

    kind: ClassVar[str] = "silu"
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
            lambda x: x * sigmoid(x),
            lambda x: sigmoid(x) * (1 + x * sigmoid(-x)),
        )
