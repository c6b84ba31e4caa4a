"""The rules that several kinds of blocks share."""

import math
from typing import Any, ClassVar, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array, Shape
from engine.blocks.base import InitialValues, Mask, Measured, Saturation
from engine.compute.convolution import Geometry
from engine.compute.workspace import Workspace
from engine.errors import ShapeError


class Rules(msgspec.Struct, frozen=True, tag_field="kind", forbid_unknown_fields=True):
    """What holds for a kind that says nothing else."""

    name: ClassVar[str]
    equation: ClassVar[str]
    gradient_words: ClassVar[str] = ""
    depends_on_batch: ClassVar[bool] = False
    measured: ClassVar[tuple[Measured, ...]] = ()
    needs_outputs: ClassVar[bool] = False
    by_value: ClassVar[bool] = False
    keeps_gradient: ClassVar[bool] = False
    is_view: ClassVar[bool] = False
    can_die: ClassVar[bool] = False
    saturation: ClassVar[Saturation] = None

    @classmethod
    def new(cls) -> Self:
        """Have the declared defaults."""
        return cls()

    def summary(self) -> str:
        """Name the block."""
        return self.name

    def state_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        """Nothing is remembered from step to step."""
        return {}

    def kernel_count(self) -> int:
        """There are no kernels."""
        return 0

    def branches(self, inputs: Array, workspace: Workspace) -> NDArray[Any] | None:
        """There is one smooth piece alone."""
        return None


class NothingLearns(Rules, frozen=True):
    """The rules of a block without weights."""

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        """Nothing learns."""
        return {}

    def multiply_adds(self, input_shape: Shape) -> int:
        """Nothing is multiplied with a weight."""
        return 0

    def initial_values(self, input_shape: Shape) -> dict[str, InitialValues]:
        """Nothing begins."""
        return {}


class SameShape(NothingLearns, frozen=True):
    """The rules of a block without weights whose output has the shape of its input."""

    def output_shape(self, input_shape: Shape) -> Shape:
        """The shape stays."""
        return input_shape

    def equation_with(self, input_shape: Shape) -> str:
        """Say of how many values the equation holds."""
        return f"{self.equation},  for each of {math.prod(input_shape)} values"

    def receptive_field(self, outputs: Mask, input_shape: Shape, *, training: bool) -> Mask:
        """Each value comes from the one at its own place."""
        return outputs.copy()


def under_windows(outputs: Mask, geometry: Geometry) -> Mask:
    """Mark the cells of maps (n, H, W) that the windows of the marked outputs (n, H', W') cover."""
    rows, columns = geometry.rows, geometry.columns
    bordered: Mask = np.zeros((len(outputs), rows.padded, columns.padded), np.bool_)
    for row in range(rows.kernel):
        for column in range(columns.kernel):
            bordered[
                :,
                row : row + (rows.outputs - 1) * rows.stride + 1 : rows.stride,
                column : column + (columns.outputs - 1) * columns.stride + 1 : columns.stride,
            ] |= outputs
    top, left = rows.padding[0], columns.padding[0]
    return bordered[:, top : top + rows.inputs, left : left + columns.inputs].copy()


def require_maps(input_shape: Shape) -> tuple[int, int, int]:
    """Return channels, height and width of maps.

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
