"""Block and Layer: what every kind of block declares, and what every layer computes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple, Protocol, Self, runtime_checkable

import numpy as np
from msgspec.structs import StructConfig
from numpy.typing import NDArray

from engine.array_types import Array, Shape
from engine.compute.workspace import Workspace

# "unit": every output lies in 0..1; "distribution": and they add up to 1; "same": in the range of
# the input; "any": anywhere.
OutputRange = Literal["unit", "distribution", "same", "any"]
Group = Literal["Convolution", "Pooling", "Shape", "Dense", "Activation", "Regularisation"]
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
    """

    @property
    def parameters(self) -> Mapping[str, Array]:
        """The arrays that learn, by name."""
        ...

    def forward(self, inputs: Array, workspace: Workspace) -> Array:
        """Compute the outputs (n, ...) of a batch (n, ...) without writing to it.

        The result lies in the workspace and is valid until the next forward pass there.
        """
        ...

    def backward(self, gradient: Array, workspace: Workspace, *, wants_inputs: bool) -> Backward:
        """Differentiate: from ∂E/∂outputs to ∂E/∂inputs and ∂E/∂parameters, summed over the batch.

        Follows a forward pass with the same workspace. Changes no parameter.
        """
        ...


@runtime_checkable
class StatefulLayer(Layer, Protocol):
    """A layer that remembers more than what the optimizer changes, such as running statistics."""

    state: Mapping[str, Array]

    def settle(self, workspace: Workspace) -> None:
        """Take what the batch showed into the state, after a step that was done whole."""
        ...


class Block(Protocol):
    """What can be asked of every block, also of one that this version does not know."""

    kind: ClassVar[str]
    name: ClassVar[str]
    group: ClassVar[Group]
    equation: ClassVar[str]
    help: ClassVar[str]
    output_range: ClassVar[OutputRange]

    def summary(self) -> str:
        """Name the block with its key numbers: `Conv 5, 3×3`."""
        ...

    def output_shape(self, input_shape: Shape) -> Shape:
        """Shape of one sample after the block.

        Raises ShapeError if the block cannot take the input.
        """
        ...

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        """Shapes of the arrays that learn, by name, in a fixed order."""
        ...

    def state_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        """Shapes of the arrays that training changes and files keep, but no optimizer sees."""
        ...

    def multiply_adds(self, input_shape: Shape) -> int:
        """Count the multiplications of one sample's forward pass."""
        ...

    def equation_with(self, input_shape: Shape) -> str:
        """Write the equation with the numbers that it has for an input that fits."""
        ...

    def layer(self, input_shape: Shape, parameters: Mapping[str, Array]) -> Layer:
        """Make the layer for an input shape over the given parameters, which it shares."""
        ...


class KnownBlock(Block, Protocol):
    """The declaration of one kind of block: a frozen struct whose fields are the user's options.

    What most kinds have in common stands in `Rules`; a kind says in its own file what differs.
    """

    # Names the gradients of what learns, in words; empty if nothing does.
    gradient_words: ClassVar[str]
    # Whether, in training, the outputs of a sample depend on the rest of the batch or on the
    # sample's place in it.
    depends_on_batch: ClassVar[bool]
    measured: ClassVar[tuple[Measured, ...]]
    # Whether the outputs must stay until the backward pass: it reads them, or they lie where the
    # inputs do, which the layer before may need.
    needs_outputs: ClassVar[bool]
    # Whether each output depends on the input at its own place alone, and is written over it where
    # the workspace allows that (`outputs_over`).
    by_value: ClassVar[bool]
    # Whether the gradient of the outputs must stay until the update: a weight gradient is left as
    # two factors, and it is one of them.
    keeps_gradient: ClassVar[bool]
    # Whether the outputs are always the inputs in another shape, in the same memory.
    is_view: ClassVar[bool]
    # Whether a unit that gives the same for every digit is worth a warning.
    can_die: ClassVar[bool]
    # The limits beyond which the slope is below 4 % of the steepest, so that next to no gradient
    # passes; None if the slope stays, or is flat on one side only.
    saturation: ClassVar[Saturation]

    __struct_fields__: ClassVar[tuple[str, ...]]
    __struct_config__: ClassVar[StructConfig]

    @classmethod
    def new(cls) -> Self:
        """Make the block that is added to a network."""
        ...

    def kernel_count(self) -> int:
        """Count the kernels that can be shown and locked one by one: 0 if there are none.

        The first axis of each array that learns counts them, and "weight" has the shape
        (kernels, channels, k, k).
        """
        ...

    def initial_values(self, input_shape: Shape) -> dict[str, InitialValues]:
        """Return how each array begins, in the order of the parameters and then of the state."""
        ...

    def receptive_field(self, outputs: Mask, input_shape: Shape, *, training: bool) -> Mask:
        """Return the receptive field: the inputs of one sample that the marked outputs depend on.

        A new mask of the input's shape.
        """
        ...

    def branches(self, inputs: Array, workspace: Workspace) -> NDArray[Any] | None:
        """Return which smooth piece each value was on, in the last forward pass of the workspace.

        A new array, or None if the block is smooth everywhere.
        """
        ...
