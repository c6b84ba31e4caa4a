"""What the blocks that apply one function to every value have in common."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import msgspec
import numpy as np

from engine.array_types import Array, Shape
from engine.blocks.base import Backward, Group, Layer
from engine.blocks.rules import SameShape
from engine.compute.workspace import Workspace

_WORK = 500  # multiplications with additions that take as long as one value


@dataclass(frozen=True)
class Formula:
    """A function of one number and its derivative, with their names: what a curve is drawn from.

    `function` and `slope` take arrays of any shape.
    """

    name: str
    slope_name: str
    slope_equation: str
    function: Callable[[Array], Array]
    slope: Callable[[Array], Array]


class Pointwise(SameShape, frozen=True):
    """The rules of a block that applies one function to every value, given by `formula`.

    The numerics have it in their tables of activations, by the kind.
    """

    kind: ClassVar[str]
    group: ClassVar[Group] = "Activation"
    # Both are False where f' cannot be written by means of y: it falls and rises.
    needs_outputs: ClassVar[bool] = True
    by_value: ClassVar[bool] = True
    can_die: ClassVar[bool] = True

    def formula(self) -> Formula:
        """Return the function with its derivative."""
        raise NotImplementedError(f"{type(self).__name__} does not say what its f(x) is")

    def layer(self, input_shape: Shape, parameters: Mapping[str, Array]) -> "ActivationLayer":
        """Make the layer."""
        return ActivationLayer(
            self.kind, *msgspec.structs.astuple(self), by_inputs=not self.by_value
        )


def bent_formula(slope: float, slope_equation: str) -> Formula:
    """Return the formula of x where x > 0, else slope · x."""
    return Formula(
        "f(x)",
        "f'(x)",
        slope_equation,
        lambda x: np.where(x > 0, x, slope * x),
        lambda x: np.where(x > 0, 1.0, slope),
    )


class ActivationLayer(Layer):
    """y = f(x) for every value; ∂E/∂x = ∂E/∂y · f'(x), with f' by means of y, or `by_inputs` of x.

    The numerics know f by the kind of the block, whose options it takes.
    """

    def __init__(self, kind: str, *options: float, by_inputs: bool = False) -> None:
        self._function, self._by_inputs = (kind, options), by_inputs

    def forward(self, inputs: Array, workspace: Workspace) -> Array:
        """Apply the function to a batch of any shape."""
        by_inputs = self._by_inputs
        outputs = workspace.outputs(inputs.shape) if by_inputs else workspace.outputs_over(inputs)
        workspace.keep("known", inputs if by_inputs else outputs)
        write = partial(workspace.numerics.activate, *self._function)
        self._write(write, (inputs, outputs), workspace)
        return outputs

    def backward(self, gradient: Array, workspace: Workspace, *, wants_inputs: bool) -> Backward:
        """Multiply the gradient with the derivative."""
        input_gradient = workspace.input_gradient_over(gradient)
        write = partial(workspace.numerics.activation_gradient, *self._function)
        self._write(write, (gradient, workspace.kept("known"), input_gradient), workspace)
        return Backward(input_gradient, {})

    @staticmethod
    def _write(write: Callable[..., None], arrays: tuple[Array, ...], workspace: Workspace) -> None:
        samples, *shape = arrays[0].shape
        for part in workspace.portions(samples, _WORK * math.prod(shape)):
            parts = tuple(array[part] for array in arrays)
            workspace.numerics.share(write, parts, workspace.run.pool)
