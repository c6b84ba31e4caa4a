"""UnknownBlock: a block of a kind or with options that this version does not know."""

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from engine.array_types import Array, Shape
from engine.blocks.base import Group, Layer, OutputRange
from engine.errors import ShapeError


class UnknownBlock(msgspec.Struct, frozen=True):
    """Keep a block that cannot be understood, to show it and to save it back untouched."""

    raw: dict[str, Any]
    reason: str

    kind: ClassVar[str] = "unknown"
    name: ClassVar[str] = "Unknown block"
    group: ClassVar[Group] = "Shape"
    equation: ClassVar[str] = ""
    help: ClassVar[str] = "A newer version of Layerscope, or another program, wrote this block."
    output_range: ClassVar[OutputRange] = "any"

    def summary(self) -> str:
        """Name the block by what the file calls it."""
        return f"Unknown block {str(self.raw.get('kind', '?'))[:40]}"

    def output_shape(self, input_shape: Shape) -> Shape:
        """Raise ShapeError: it is not known what the block does."""
        raise ShapeError(
            f"cannot be used ({self.reason})",
            input_shape,
            "Remove it, or open the project with a version that knows it.",
        )

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        """Raise ShapeError as output_shape does."""
        self.output_shape(input_shape)
        return {}

    def state_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        """Nothing is known to be remembered."""
        return {}

    def multiply_adds(self, input_shape: Shape) -> int:
        """Nothing is known to be multiplied."""
        return 0

    def most_kernels(self) -> int:
        """None that could be shown are known."""
        return 0

    def equation_with(self, input_shape: Shape) -> str:
        """No equation is known."""
        return ""

    def layer(self, input_shape: Shape, parameters: Mapping[str, Array]) -> Layer:
        """Raise ShapeError as output_shape does."""
        raise ShapeError(f"cannot be used ({self.reason})", input_shape, "Remove it.")
