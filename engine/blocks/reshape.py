"""Reshape: the same values in another order of axes, usually from maps to a vector."""

import math
from collections.abc import Mapping
from typing import Annotated, ClassVar

from msgspec import Meta

from engine.array_types import Array, Shape, format_shape
from engine.blocks.base import Backward, Group, Layer, Mask, OutputRange
from engine.blocks.rules import KnownBlock
from engine.compute.workspace import Workspace
from engine.errors import ShapeError


class Reshape(KnownBlock, frozen=True, kw_only=True, tag="reshape"):
    """Give the same values another shape."""

    kind: ClassVar[str] = "reshape"
    group: ClassVar[Group] = "Shape"
    equation: ClassVar[str] = (
        "y[n] = x[map, row, column],  n = (map · height + row) · width + column"
    )
    help: ClassVar[str] = (
        "Changes the shape and keeps every value, row by row. -1 flattens maps to the vector that "
        "a Dense block takes."
    )
    output_range: ClassVar[OutputRange] = "same"
    needs_outputs: ClassVar[bool] = True  # they are its inputs
    is_view: ClassVar[bool] = True

    target_shape: Annotated[
        tuple[Annotated[int, Meta(ge=-1, le=10_000_000)], ...],
        Meta(
            min_length=1,
            max_length=3,
            description=(
                "One to three sizes, such as 3380 or 5×26×26. One of them may be -1: it is worked "
                "out from the rest, so -1 alone flattens any input."
            ),
        ),
    ] = (-1,)

    def __post_init__(self) -> None:
        """Refuse sizes that no input could have."""
        if 0 in self.target_shape or self.target_shape.count(-1) > 1:
            raise ValueError("target shape needs sizes of at least 1; one of them may be -1.")

    def summary(self) -> str:
        """Name the block with its target."""
        if self.target_shape == (-1,):
            return "Reshape to vector"
        return "Reshape to " + format_shape(self.target_shape)

    def output_shape(self, input_shape: Shape) -> Shape:
        """Target shape with -1 replaced by what is left.

        Raises ShapeError if the number of values differs.
        """
        values = math.prod(input_shape)
        known = math.prod(size for size in self.target_shape if size != -1)
        free = -1 in self.target_shape
        if (free and values % known) or (not free and values != known):
            wanted = f"a multiple of {known}" if free else f"{known}"
            raise ShapeError(
                f"to {format_shape(self.target_shape)} needs {wanted} values",
                input_shape,
                "Set its target shape to -1, or to sizes whose product is " + f"{values}.",
            )
        return tuple(values // known if size == -1 else size for size in self.target_shape)

    def equation_with(self, input_shape: Shape) -> str:
        """Say where each value goes; in full where maps become a vector."""
        values, output_shape = math.prod(input_shape), self.output_shape(input_shape)
        if len(input_shape) == 3 and len(output_shape) == 1:
            _, height, width = input_shape
            return (
                f"y[n] = x[map, row, column],  n = (map · {height} + row) · {width} + column "
                f"= 0..{values - 1}"
            )
        shapes = f"{format_shape(input_shape)} → {format_shape(output_shape)}"
        return f"{shapes},  all {values} values in the same order"

    def receptive_field(self, outputs: Mask, input_shape: Shape, *, training: bool) -> Mask:
        """Each value comes from the one with its own number."""
        return outputs.reshape(input_shape).copy()

    def layer(self, input_shape: Shape, parameters: Mapping[str, Array]) -> "ReshapeLayer":
        """Make the layer for inputs of this shape."""
        return ReshapeLayer(input_shape, self.output_shape(input_shape))


class ReshapeLayer(Layer):
    """y = x in another shape; ∂E/∂x = ∂E/∂y in the shape of x."""

    def __init__(self, input_shape: Shape, output_shape: Shape) -> None:
        self._input_shape = input_shape
        self._output_shape = output_shape

    def forward(self, inputs: Array, workspace: Workspace) -> Array:
        """Return the batch (n, ...) its new shape."""
        return inputs.reshape(len(inputs), *self._output_shape)

    def backward(self, gradient: Array, workspace: Workspace, *, wants_inputs: bool) -> Backward:
        """Return the gradient the shape of the input."""
        return Backward(gradient.reshape(len(gradient), *self._input_shape), {})
