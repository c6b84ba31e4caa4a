"""Layer: what every layer computes, and the words in which kinds of blocks say what they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array
from engine.compute.workspace import Workspace

# "unit": every output lies in 0..1; "distribution": and they add up to 1; "same": in the range of
# the input; "any": anywhere.
OutputRange = Literal["unit", "distribution", "same", "any"]
Group = Literal[
    "Convolution", "Pooling", "Shape", "Dense", "Activation", "Regularisation", "Skip connection"
]
Mask = NDArray[np.bool_]
Saturation = tuple[float, float] | None


class Fan(NamedTuple):
    """Random initial values, smaller where more of them meet.

    `fan_in` of them are summed in one output, and one input goes into `fan_out` outputs.
    """

    fan_in: int
    fan_out: int


# How an array begins. "bias": at 0, or at random where the initializer draws biases, too.
InitialValues = Fan | Literal["bias", "zeros", "ones"]


class Measured(NamedTuple):
    """An array that a layer leaves in its workspace in a forward pass, to be shown.

    `per_sample` says that it has a batch axis. `state` names what the layer remembers, to be shown
    in its place where a locked layer measures nothing.
    """

    name: str
    per_sample: bool
    state: str = ""


@dataclass(frozen=True)
class Outer:
    """A weight gradient left as its two factors: `left.T @ right`, summed over the samples.

    left (n, rows), right (n, columns). An optimizer may apply it without forming it.
    """

    left: Array
    right: Array

    def formed(self) -> Array:
        """Form the gradient (rows, columns)."""
        return self.left.T @ self.right


Gradient = Array | Outer


class Backward(NamedTuple):
    """What a backward pass gives: the gradient of the input, if asked for, and of the weights."""

    inputs: Array | None
    parameters: dict[str, Gradient]


class Layer(Protocol):
    """The mathematics of one block for one input shape.

    A layer keeps parameters only. Whatever a forward pass leaves for its backward pass lies in the
    workspace that the caller passes, so several threads may run one layer, each with its own.
    `parameters` are the arrays that learn, by name.
    """

    parameters: Mapping[str, Array] = MappingProxyType({})

    def forward(self, inputs: Array, workspace: Workspace) -> Array:
        """Compute the outputs (n, ...) of a batch (n, ...) without writing to it.

        The result lies in the workspace and is valid until the next forward pass there.
        """

    def backward(self, gradient: Array, workspace: Workspace, *, wants_inputs: bool) -> Backward:
        """Differentiate: from ∂E/∂outputs to ∂E/∂inputs and ∂E/∂parameters, summed over the batch.

        Follows a forward pass with the same workspace. Changes no parameter. ∂E/∂inputs may be left
        out where they are not wanted, by a layer that learns.
        """


@runtime_checkable
class StatefulLayer(Layer, Protocol):
    """A layer that remembers more than what the optimizer changes, such as running statistics."""

    state: Mapping[str, Array]

    def settle(self, workspace: Workspace) -> None:
        """Take what the batch showed into the state, after a step that was done whole."""
