"""Add: a skip connection, which adds the output of an earlier block."""

import math
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated, ClassVar, Literal

import numpy as np

from engine.array_types import Array, Shape, describe_shape
from engine.blocks.base import Backward, Fan, Gradient, Group, InitialValues, Layer, Mask
from engine.blocks.conv import ConvLayer
from engine.blocks.rules import SKIP, SKIP_GRADIENT, SkipBlock, require_maps, under_windows
from engine.compute.convolution import Axis, Geometry
from engine.compute.workspace import Workspace
from engine.errors import ShapeError
from engine.struct_fields import meta

_MOST_STRIDE = 31
_KINDS: tuple[type[np.floating], ...] = (np.float32, np.float64)
_BOTH = {np.dtype(kind): np.ones(2, kind) for kind in _KINDS}  # summands as they are


class Add(SkipBlock, frozen=True, kw_only=True, tag="add"):
    """Add the output of an earlier block, as it is or through a 1×1 convolution."""

    kind: ClassVar[str] = "add"
    group: ClassVar[Group] = "Skip connection"
    equation: ClassVar[str] = "y = x + s"
    help: ClassVar[str] = (
        "Adds the output of an earlier block, s, value by value. The blocks between the two learn "
        "only what is missing, and the gradient has a short way back past them (He et al., 2015)."
    )
    gradient_words: ClassVar[str] = "∂E/∂K of the 1×1 kernels and ∂E/∂B of the biases"
    by_value: ClassVar[bool] = True

    source: Annotated[
        int, meta("The earlier block whose output is added.", (0, None), kind="block")
    ] = 0
    through: Annotated[
        Literal["identity", "conv"],
        meta(
            "A 1×1 convolution on the way makes as many maps of the earlier output as there are "
            "here, with weights of its own.",
            labels={"identity": "nothing, as it is", "conv": "1×1 Conv"},
        ),
    ] = "identity"
    stride: Annotated[
        int,
        meta(
            "How far the 1×1 kernels move each time: 2 where the blocks between have made the maps "
            "half as wide.",
            (1, _MOST_STRIDE),
            unit="px",
        ),
    ] = 1

    def summary(self) -> str:
        """Name the block with where its second summand comes from, once that is known."""
        added = f"Add block {self.source_number}" if self.source_number else "Add"
        if self.through == "identity":
            return added
        return f"{added}, 1×1 Conv" + (f", stride {self.stride}" if self.stride > 1 else "")

    def output_shape(self, input_shape: Shape) -> Shape:
        """The shape stays.

        Raises ShapeError if the second summand has another.
        """
        given = self._added_shape(input_shape)
        if given == input_shape:
            return input_shape
        source = f"block {self.source_number}"
        if self.through == "conv":
            found = f"the 1×1 Conv makes {describe_shape(given)} of what {source} gives"
            remedy = "Choose another stride, or another block."
        else:
            found = f"{source} gives {describe_shape(given)}"
            remedy = "Let them go through a 1×1 Conv, or choose another block."
        raise ShapeError(f"adds values in pairs and {found}", input_shape, remedy)

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        """Of the 1×1 Conv: kernels (channels, those of the source, 1, 1), bias (channels,)."""
        self.output_shape(input_shape)
        if self.through == "identity":
            return {}
        channels = input_shape[0]
        return {"weight": (channels, self.source_shape[0], 1, 1), "bias": (channels,)}

    def multiply_adds(self, input_shape: Shape) -> int:
        """Count those of the 1×1 Conv: values · channels of the source."""
        if self.through == "identity":
            return 0
        return math.prod(input_shape) * self.source_shape[0]

    def equation_with(self, input_shape: Shape) -> str:
        """Say which block gives s, and of how many values the equation holds."""
        given, source = f"s of block {self.source_number}", self.source_shape
        if self.through == "identity":
            return f"{self.equation},  {given}, for each of {math.prod(input_shape)} values"
        moved = f", stride {self.stride}" if self.stride > 1 else ""
        return (
            f"Y_i = X_i + B_i + Σ_j S_j ⋆ K_ij,  i = 1..{input_shape[0]}, j = 1..{source[0]}, "
            f"{given}, K_ij 1×1{moved}"
        )

    def most_kernels(self) -> int:
        """As many as there are maps, where these go through the 1×1 Conv."""
        return 0 if self.through == "identity" else sys.maxsize

    def initial_values(self, input_shape: Shape) -> dict[str, InitialValues]:
        """A value of the 1×1 Conv sums one product for each map of the source."""
        if self.through == "identity":
            return {}
        return {"weight": Fan(self.source_shape[0], input_shape[0]), "bias": "bias"}

    def receptive_field(self, outputs: Mask, input_shape: Shape, *, training: bool) -> Mask:
        """Each value comes from the one at its own place."""
        return outputs.copy()

    def source_field(self, outputs: Mask) -> Mask:
        """The value at its own place, or those of all maps under the 1×1 kernel."""
        if self.through == "identity":
            return outputs.copy()
        covered = under_windows(np.any(outputs, axis=0, keepdims=True), self.geometry())
        return np.repeat(covered, self.source_shape[0], axis=0)

    def layer(self, input_shape: Shape, parameters: Mapping[str, Array]) -> "AddLayer":
        """Make the layer for inputs of this shape."""
        self.output_shape(input_shape)
        if self.through == "identity":
            return AddLayer(None)
        return AddLayer(ConvLayer(parameters, self.geometry()))

    def _added_shape(self, input_shape: Shape) -> Shape:
        """Return the shape of the second summand; that of the first where none is known."""
        if not self.source_shape:
            return input_shape
        if self.through == "identity":
            return self.source_shape
        if len(input_shape) != 3 or len(self.source_shape) != 3:
            require_maps(input_shape)
            raise ShapeError(
                f"convolves maps, and block {self.source_number} gives "
                f"{describe_shape(self.source_shape)}",
                input_shape,
                "Add them as they are, or choose another block.",
            )
        geometry = self.geometry()
        return (input_shape[0], geometry.rows.outputs, geometry.columns.outputs)

    def geometry(self, input_shape: Shape = ()) -> Geometry:
        """Return how the 1×1 kernels move over the maps of the source."""
        _, height, width = self.source_shape
        return Geometry(
            Axis(height, 1, self.stride, same=False), Axis(width, 1, self.stride, same=False)
        )


def fitting_way(source: Shape, shape: Shape) -> dict[str, object] | None:
    """Return the options by which an output of one shape is added to another; None: there are none.

    As it is where both are the same, else through a 1×1 Conv with a stride that makes it fit.
    """
    if source == shape:
        return {"through": "identity", "stride": 1}
    for stride in range(1, _MOST_STRIDE + 1):
        add = Add(through="conv", stride=stride).joined(1, source)
        with suppress(ShapeError):
            add.output_shape(shape)
            return {"through": "conv", "stride": stride}
    return None


class AddLayer(Layer):
    """y = x + s, or y = x + conv(s); ∂E/∂x = ∂E/∂y, and ∂E/∂s as the way of s has it.

    Whoever runs the layers puts s into the workspace and takes ∂E/∂s from there.
    """

    def __init__(self, conv: ConvLayer | None) -> None:
        self._conv = conv
        self.parameters = {} if conv is None else conv.parameters

    def forward(self, inputs: Array, workspace: Workspace) -> Array:
        """Add both summands (n, ...)."""
        given, numerics = workspace.kept(SKIP), workspace.numerics
        if self._conv is not None:
            maps, given = given, workspace.buffer("convolved", inputs.shape)
            self._conv.correlate(maps, given, workspace)
        outputs = workspace.outputs_over(inputs)
        if outputs is not inputs:
            numerics.copy(inputs, outputs)
        numerics.add_scaled(outputs, given, _BOTH[workspace.dtype])
        return outputs

    def backward(self, gradient: Array, workspace: Workspace, *, wants_inputs: bool) -> Backward:
        """Pass the gradient on as it is, and keep that of the second summand."""
        given = workspace.kept(SKIP)
        back = workspace.keep(SKIP_GRADIENT, workspace.buffer(SKIP_GRADIENT, given.shape))
        parameters: dict[str, Gradient] = {}
        if self._conv is None:
            workspace.numerics.copy(gradient, back)
        else:
            parameters = self._conv.gradients(given, gradient, back, workspace)
        return Backward(gradient if wants_inputs else None, parameters)
