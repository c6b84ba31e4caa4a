"""What the pooling blocks have in common: their options and shape rule."""

from typing import Annotated, ClassVar

from engine.array_types import Shape, format_shape
from engine.blocks.base import Group, Mask, OutputRange
from engine.blocks.rules import KnownBlock, require_maps, under_windows
from engine.compute.convolution import Axis, Geometry
from engine.errors import ShapeError
from engine.struct_fields import meta

WINDOW_WORK = 64  # multiplications with additions that take as long as one value of a window

Size = Annotated[int, meta("Width and height of the window.", (1, 31), unit="px")]
Stride = Annotated[
    int,
    meta(
        "How far the window moves each time; 0 moves it by its own size.",
        (0, 31),
        unit="px",
        zero="as the size",
    ),
]


class Pooling(KnownBlock, frozen=True, kw_only=True):
    """The options that the pooling blocks have, and what follows from them."""

    group: ClassVar[Group] = "Pooling"
    output_range: ClassVar[OutputRange] = "same"

    size: Size = 2
    stride: Stride = 0

    @property
    def step(self) -> int:
        """How far the window moves each time, in pixels."""
        return self.stride or self.size

    def summary(self) -> str:
        """Name the block with its key numbers."""
        moved = "" if self.step == self.size else f", stride {self.stride}"
        return f"{self.name} {self.size}×{self.size}{moved}"

    def output_shape(self, input_shape: Shape) -> Shape:
        """Shape (channels, (H - size) // step + 1, the same for W).

        Raises ShapeError if the input is no stack of maps or is smaller than the window.
        """
        channels, height, width = require_maps(input_shape)
        largest = min(height, width)
        if largest < self.size:
            raise ShapeError(
                f"needs maps of at least {self.size}×{self.size} for its window",
                input_shape,
                f"Make the window {largest}×{largest} or smaller.",
            )
        steps = (height - self.size) // self.step, (width - self.size) // self.step
        return (channels, steps[0] + 1, steps[1] + 1)

    def equation_with(self, input_shape: Shape) -> str:
        """Say how large the window is and how far it moves."""
        before, after = input_shape[1:], self.output_shape(input_shape)[1:]
        return (
            f"{self.equation} {self.size}×{self.size}, moved by {self.step}:  "
            f"maps of {format_shape(before)} → {format_shape(after)}"
        )

    def receptive_field(self, outputs: Mask, input_shape: Shape, *, training: bool) -> Mask:
        """The window in the output's own map."""
        rows, columns = (Axis(size, self.size, self.step) for size in input_shape[1:])
        return under_windows(outputs, Geometry(rows, columns))
