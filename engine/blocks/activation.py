"""What the blocks that apply one function to every value have in common."""

from collections.abc import Callable, Mapping

from engine.arrays import Array
from engine.blocks.base import Backward
from engine.compute.workspace import Workspace

Function = Callable[[Array, Array], None]
Derivative = Callable[[Array, Array, Array], None]


class ActivationLayer:
    """y = f(x) for every value; ∂E/∂x = ∂E/∂y · f'(x), with f' written by means of y.

    `function(inputs, out)` and `derivative(gradient, outputs, out)` fill their last argument.
    """

    def __init__(self, function: Function, derivative: Derivative) -> None:
        self.parameters: Mapping[str, Array] = {}
        self._function = function
        self._derivative = derivative

    def forward(self, inputs: Array, workspace: Workspace) -> Array:
        """Apply the function to a batch of any shape."""
        outputs = workspace.rows("outputs", inputs.shape)
        self._function(inputs, outputs)
        return workspace.keep("outputs", outputs)

    def backward(self, gradient: Array, workspace: Workspace, *, wants_inputs: bool) -> Backward:
        """Multiply the gradient with the derivative."""
        if not wants_inputs:
            return Backward(None, {})
        input_gradient = workspace.buffer("input_gradient", gradient.shape)
        self._derivative(gradient, workspace.kept("outputs"), input_gradient)
        return Backward(input_gradient, {})
