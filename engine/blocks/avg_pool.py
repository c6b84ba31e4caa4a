"""AvgPool: takes the mean of every window of a map."""

import math
from collections.abc import Mapping
from typing import ClassVar

from engine.array_types import Array, Shape
from engine.blocks.base import Backward, Layer
from engine.blocks.pooling import WINDOW_WORK, Pooling
from engine.compute.workspace import Workspace


class AvgPool(Pooling, frozen=True, tag="avg_pool"):
    """Take the mean of every window."""

    kind: ClassVar[str] = "avg_pool"
    equation: ClassVar[str] = "y = mean of the window"
    help: ClassVar[str] = (
        "Slides a window over each map and takes its mean: a smaller, smoother picture of the same "
        "map. It is the pooling of the first convolutional networks."
    )

    def layer(self, input_shape: Shape, parameters: Mapping[str, Array]) -> "AvgPoolLayer":
        """Make the layer."""
        return AvgPoolLayer(self.size, self.step, self.output_shape(input_shape))


class AvgPoolLayer(Layer):
    """y = mean of the window; ∂E/∂x collects ∂E/∂y / size² from every window that it is in."""

    def __init__(self, size: int, stride: int, output_shape: Shape) -> None:
        self._size, self._stride, self._shape = size, stride, output_shape
        self._work = WINDOW_WORK * size * size * math.prod(output_shape)

    def forward(self, inputs: Array, workspace: Workspace) -> Array:
        """Take the mean of every window of the maps (n, channels, H, W)."""
        workspace.keep("inputs", inputs)
        outputs = workspace.outputs((len(inputs), *self._shape))
        for part in workspace.portions(len(inputs), self._work):
            workspace.numerics.average_pool(inputs[part], self._size, self._stride, outputs[part])
        return outputs

    def backward(self, gradient: Array, workspace: Workspace, *, wants_inputs: bool) -> Backward:
        """Spread each gradient evenly over its window."""
        inputs = workspace.kept("inputs")
        input_gradient = workspace.input_gradient(inputs.shape)
        for part in workspace.portions(len(gradient), self._work):
            arrays = gradient[part], self._size, self._stride, input_gradient[part]
            workspace.numerics.average_pool_gradient(*arrays)
        return Backward(input_gradient, {})
