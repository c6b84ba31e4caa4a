"""The rules that several kinds of blocks share."""

import math
from typing import ClassVar

import numpy as np

from engine.array_types import Array, Shape
from engine.blocks.base import InitialValues, Mask
from engine.compute.convolution import Geometry
from engine.compute.workspace import Workspace
from engine.errors import ShapeError


class NothingLearns:
    """The rules of a block without weights."""

    gradient_words: ClassVar[str] = ""

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        """Nothing learns."""
        return {}

    def state_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        """Nothing is remembered from step to step."""
        return {}

    def multiply_adds(self, input_shape: Shape) -> int:
        """Nothing is multiplied with a weight."""
        return 0

    def kernel_count(self) -> int:
        """There are no kernels."""
        return 0

    def initial_values(self, input_shape: Shape) -> dict[str, InitialValues]:
        """Nothing begins."""
        return {}


class SameShape(NothingLearns):
    """The rules of a block without weights whose output has the shape of its input."""

    equation: ClassVar[str]

    def output_shape(self, input_shape: Shape) -> Shape:
        """The shape stays."""
        return input_shape

    def equation_with(self, input_shape: Shape) -> str:
        """Say of how many values the equation holds."""
        return f"{self.equation},  for each of {math.prod(input_shape)} values"


class Smooth:
    """The rule of a block without kinks."""

    def branches(self, inputs: Array, workspace: Workspace) -> None:
        """There is one smooth piece alone."""


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
