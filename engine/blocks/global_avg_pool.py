"""GlobalAvgPool: takes the mean of each whole map, so that maps become a vector."""

import math
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from engine.array_types import Array, Shape, format_shape
from engine.blocks.base import Backward, Group, Layer, Mask, OutputRange
from engine.blocks.rules import KnownBlock, require_maps
from engine.compute.workspace import Workspace


class GlobalAvgPool(KnownBlock, frozen=True, tag="global_avg_pool"):
    """Take the mean of each whole map."""

    kind: ClassVar[str] = "global_avg_pool"
    group: ClassVar[Group] = "Pooling"
    equation: ClassVar[str] = "y = mean of the map"
    help: ClassVar[str] = (
        "Takes the mean of each whole map: how much of what a kernel looks for is there, no matter "
        "where. It gives a vector with one value per map, so a Dense block can follow at once and "
        "has few weights."
    )
    output_range: ClassVar[OutputRange] = "same"

    def output_shape(self, input_shape: Shape) -> Shape:
        """Shape (channels,).

        Raises ShapeError if the input is no stack of maps.
        """
        channels, _, _ = require_maps(input_shape)
        return (channels,)

    def equation_with(self, input_shape: Shape) -> str:
        """Say how many maps there are and how large they are."""
        channels, *sides = require_maps(input_shape)
        maps = f"{channels} maps of {format_shape(tuple(sides))}"
        return f"{self.equation}:  {maps} → a vector of {channels}"

    def receptive_field(self, outputs: Mask, input_shape: Shape, *, training: bool) -> Mask:
        """The whole of the output's own map."""
        return np.repeat(outputs, math.prod(input_shape[1:])).reshape(input_shape)

    def layer(self, input_shape: Shape, parameters: Mapping[str, Array]) -> "GlobalAvgPoolLayer":
        """Make the layer for maps of this shape."""
        return GlobalAvgPoolLayer(require_maps(input_shape))


class GlobalAvgPoolLayer(Layer):
    """y = mean of the map; ∂E/∂x = ∂E/∂y / (height · width) everywhere in it."""

    def __init__(self, input_shape: Shape) -> None:
        self._input_shape = input_shape

    def forward(self, inputs: Array, workspace: Workspace) -> Array:
        """Take the mean of each of the maps (n, channels, H, W)."""
        outputs = workspace.outputs(inputs.shape[:2])
        workspace.numerics.global_average_pool(inputs, outputs)
        return outputs

    def backward(self, gradient: Array, workspace: Workspace, *, wants_inputs: bool) -> Backward:
        """Spread each gradient evenly over its map."""
        shape = (len(gradient), *self._input_shape)
        input_gradient = workspace.input_gradient(shape)
        workspace.numerics.global_average_pool_gradient(gradient, input_gradient)
        return Backward(input_gradient, {})
