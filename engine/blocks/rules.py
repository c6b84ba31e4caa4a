"""The rules of blocks in which nothing learns."""

import math
from typing import ClassVar

from engine.arrays import Shape
from engine.errors import ShapeError


class NothingLearns:
    """The rules of a block without weights."""

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        """Nothing learns."""
        return {}

    def state_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        """Nothing is remembered from step to step."""
        return {}

    def multiply_adds(self, input_shape: Shape) -> int:
        """Nothing is multiplied with a weight."""
        return 0


class SameShape(NothingLearns):
    """The rules of a block without weights whose output has the shape of its input."""

    equation: ClassVar[str]

    def output_shape(self, input_shape: Shape) -> Shape:
        """The shape stays."""
        return input_shape

    def equation_with(self, input_shape: Shape) -> str:
        """Say of how many values the equation holds."""
        return f"{self.equation},  for each of {math.prod(input_shape)} values"


def require_maps(input_shape: Shape) -> tuple[int, int, int]:
    """Give channels, height and width of maps.

    Raises ShapeError if the input is no stack of maps.
    """
    if len(input_shape) != 3:
        raise ShapeError(
            "takes maps (channels×height×width)",
            input_shape,
            "Put it before the block that flattens, or put a Reshape to maps between them.",
        )
    channels, height, width = input_shape
    return channels, height, width
