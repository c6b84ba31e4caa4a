"""KnownBlock: what every kind of block declares, and the rules that several kinds share."""

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Self, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array, Shape
from engine.blocks.base import (
    Group,
    InitialValues,
    Layer,
    Mask,
    Measured,
    OutputRange,
    Saturation,
)
from engine.compute.convolution import Geometry
from engine.compute.workspace import Workspace
from engine.errors import ShapeError


class KnownBlock(msgspec.Struct, frozen=True, tag_field="kind", forbid_unknown_fields=True):
    """The declaration of one kind of block: a frozen struct whose fields are the user's options.

    What stands here holds for a kind that says nothing else in its own file. Its `name` is that of
    its class, its `kind` the one that files have, its `tag`.
    """

    kind: ClassVar[str]
    name: ClassVar[str]
    group: ClassVar[Group]
    equation: ClassVar[str]
    help: ClassVar[str]
    output_range: ClassVar[OutputRange] = "any"
    # Names the gradients of what learns, in words; empty if nothing does.
    gradient_words: ClassVar[str] = ""
    # Whether, in training, the outputs of a sample depend on the rest of the batch or on the
    # sample's place in it.
    depends_on_batch: ClassVar[bool] = False
    measured: ClassVar[tuple[Measured, ...]] = ()
    # Whether the outputs must stay until the backward pass: it reads them, or they lie where the
    # inputs do, which the layer before may need.
    needs_outputs: ClassVar[bool] = False
    # Whether each output depends on the input at its own place alone, and is written over it where
    # the workspace allows that (`outputs_over`).
    by_value: ClassVar[bool] = False
    # Whether the gradient of the outputs must stay until the update: a weight gradient is left as
    # two factors, and it is one of them.
    keeps_gradient: ClassVar[bool] = False
    # Whether the outputs are always the inputs in another shape, in the same memory.
    is_view: ClassVar[bool] = False
    # Whether a unit that gives the same for every digit is worth a warning.
    can_die: ClassVar[bool] = False
    # The limits beyond which the slope is below 4 % of the steepest, so that next to no gradient
    # passes; None if the slope stays, or is flat on one side only.
    saturation: ClassVar[Saturation] = None

    def __init_subclass__(cls) -> None:
        cls.name = cls.__name__

    @classmethod
    def new(cls) -> Self:
        """Make the block that is added to a network; with the declared defaults."""
        return cls()

    def summary(self) -> str:
        """Name the block with its key numbers: `Conv 5, 3×3`."""
        return self.name

    def output_shape(self, input_shape: Shape) -> Shape:
        """Shape of one sample after the block.

        Raises ShapeError if the block cannot take the input.
        """
        raise NotImplementedError

    def fitting(self, input_shape: Shape) -> Self:
        """Return the block with other options, if these are what an input is refused for."""
        return self

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        """Shapes of the arrays that learn, by name, in a fixed order."""
        return {}

    def state_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        """Shapes of the arrays that training changes and files keep, but no optimizer sees."""
        return {}

    def multiply_adds(self, input_shape: Shape) -> int:
        """Count the multiplications of one sample's forward pass."""
        return 0

    def equation_with(self, input_shape: Shape) -> str:
        """Write the equation with the numbers that it has for an input that fits."""
        raise NotImplementedError

    def layer(self, input_shape: Shape, parameters: Mapping[str, Array]) -> Layer:
        """Make the layer for an input shape over the given parameters, which it shares."""
        raise NotImplementedError

    def most_kernels(self) -> int:
        """Limit the kernels that can be shown and locked one by one: 0 if there are none.

        The first axis of each array that learns counts them, and "weight" has the shape
        (kernels, channels, k, k).
        """
        return 0

    def initial_values(self, input_shape: Shape) -> dict[str, InitialValues]:
        """Return how each array begins, in the order of the parameters and then of the state."""
        return {}

    def receptive_field(self, outputs: Mask, input_shape: Shape, *, training: bool) -> Mask:
        """Return the receptive field: the inputs of one sample that the marked outputs depend on.

        A new mask of the input's shape.
        """
        raise NotImplementedError

    def branches(self, inputs: Array, workspace: Workspace) -> NDArray[Any] | None:
        """Return which smooth piece each value was on, in the last forward pass of the workspace.

        A new array, or None if the block is smooth everywhere.
        """
        return None


# What a layer that takes the output of an earlier one finds in its workspace, and leaves there.
SKIP, SKIP_GRADIENT = "skip", "skip_gradient"


class SkipBlock(KnownBlock, frozen=True, kw_only=True, dict=True):
    """The rules of a block that takes the output of an earlier slot, too, whose id is `source`.

    In the rows of a checked stack it knows the number and the shape of that: see `joined`.
    """

    source_number: ClassVar[int] = 0  # from 1
    source_shape: ClassVar[Shape] = ()

    source: int = 0

    def joined(self, number: int, shape: Shape) -> Self:
        """Return the block that takes the output (shape) of the block with this number."""
        joint = {"source_number": number, "source_shape": shape}
        return _made(type(self), msgspec.structs.asdict(self), joint)

    def __reduce__(self) -> tuple[object, ...]:
        """Keep what was joined where another process gets the block."""
        return _made, (type(self), msgspec.structs.asdict(self), dict(self.__dict__))

    def source_field(self, outputs: Mask) -> Mask:
        """Return the values of the source that the marked outputs depend on: a new mask."""
        raise NotImplementedError


S = TypeVar("S", bound=SkipBlock)


def _made(kind: type[S], options: dict[str, Any], joint: dict[str, Any]) -> S:
    block = kind(**options)
    block.__dict__.update(joint)
    return block


class SameShape(KnownBlock, frozen=True):
    """The rules of a block whose values stay at their places."""

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
