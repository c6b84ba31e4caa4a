"""MaxPool: keeps the largest value of every window of a map."""

import math
from collections.abc import Mapping
from typing import Any, ClassVar

from numpy.typing import NDArray

from engine.array_types import Array, Shape
from engine.blocks.base import Backward, Layer
from engine.blocks.pooling import WINDOW_WORK, Pooling
from engine.compute.workspace import Workspace


class MaxPool(Pooling, frozen=True, tag="max_pool"):
    """Keep the largest value of every window."""

    kind: ClassVar[str] = "max_pool"
    equation: ClassVar[str] = "y = max of the window"
    help: ClassVar[str] = (
        "Slides a window over each map and keeps its largest value: whether something was found "
        "there, not exactly where. Maps become smaller and the next block faster."
    )

    def branches(self, inputs: Array, workspace: Workspace) -> NDArray[Any]:
        """There is a kink where another value of a window becomes the largest."""
        shape = (len(inputs), *self.output_shape(inputs.shape[1:]))
        return workspace.indices("places", shape).copy()

    def layer(self, input_shape: Shape, parameters: Mapping[str, Array]) -> "MaxPoolLayer":
        """Make the layer."""
        return MaxPoolLayer(self.size, self.step, self.output_shape(input_shape))


class MaxPoolLayer(Layer):
    """y = max of the window; ∂E/∂x collects ∂E/∂y at the first largest value of each window."""

    def __init__(self, size: int, stride: int, output_shape: Shape) -> None:
        self._size, self._stride, self._shape = size, stride, output_shape
        self._work = WINDOW_WORK * size * size * math.prod(output_shape)

    def forward(self, inputs: Array, workspace: Workspace) -> Array:
        """Find the largest value of every window of the maps (n, channels, H, W)."""
        shape = (len(inputs), *self._shape)
        outputs, places = workspace.outputs(shape), workspace.indices("places", shape)
        for part in workspace.portions(len(inputs), self._work):
            arrays = outputs[part], places[part]
            workspace.numerics.max_pool(inputs[part], self._size, self._stride, *arrays)
        workspace.keep("inputs", inputs)
        return outputs

    def backward(self, gradient: Array, workspace: Workspace, *, wants_inputs: bool) -> Backward:
        """Send each gradient to where its window's largest value stood."""
        input_gradient = workspace.input_gradient(workspace.kept("inputs").shape)
        places = workspace.indices("places", gradient.shape)
        for part in workspace.portions(len(gradient), self._work):
            arrays = gradient[part], places[part], input_gradient[part]
            workspace.numerics.max_pool_gradient(*arrays)
        return Backward(input_gradient, {})
