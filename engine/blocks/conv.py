"""Conv: the convolutional layer of the notebook, a cross-correlation with a bias."""

import math
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

import numpy as np

from engine.array_types import Array, Shape
from engine.blocks.base import (
    Backward,
    Fan,
    Gradient,
    Group,
    InitialValues,
    Layer,
    Mask,
)
from engine.blocks.rules import KnownBlock, require_maps, under_windows
from engine.compute.convolution import Axis, Geometry
from engine.compute.workspace import Workspace
from engine.errors import ShapeError
from engine.struct_fields import meta

_FEW_KERNELS = 8  # to lay out the maps takes as long as so many

KernelSize = Annotated[
    int,
    meta("Width and height of each kernel. Maps shrink by this minus 1.", (1, 31), unit="px"),
]
Padding = Annotated[
    Literal["valid", "same"],
    meta(
        "Valid keeps the kernel inside the maps, which shrink; same puts a border "
        "of zeros around them, so that they keep their size (at stride 1).",
        labels={"valid": "valid: none", "same": "same: zeros around"},
    ),
]
Stride = Annotated[
    int,
    meta("How far the kernel moves each time. 2 makes the maps half as wide.", (1, 31), unit="px"),
]


class Convolutional(KnownBlock, frozen=True, kw_only=True):
    """The rules of a block that slides kernels over maps; each kind declares the options itself."""

    group: ClassVar[Group] = "Convolution"
    gradient_words: ClassVar[str] = "∂E/∂K of the kernels and ∂E/∂B of the biases"
    can_die: ClassVar[bool] = True
    mixes: ClassVar[bool] = True  # each output map is made of all input maps

    if TYPE_CHECKING:  # so that a form has them in the order of the kind
        kernel_size: int
        padding: Literal["valid", "same"]
        stride: int

    def course(self) -> str:
        """Say how large the kernels are, and how they move: `3×3, stride 2, same`."""
        moved = f", stride {self.stride}" if self.stride > 1 else ""
        padded = ", same" if self.padding == "same" else ""
        return f"{self.kernel_size}×{self.kernel_size}{moved}{padded}"

    def geometry(self, input_shape: Shape) -> Geometry:
        """Return how the kernels move over maps (channels, H, W).

        Raises ShapeError if the input is no stack of maps or is smaller than the kernel.
        """
        _, height, width = require_maps(input_shape)
        size, same = self.kernel_size, self.padding == "same"
        if not same and min(height, width) < size:
            raise ShapeError(
                f"needs maps of at least {size}×{size} for its kernel",
                input_shape,
                f"Make the kernel {min(height, width)}×{min(height, width)} or smaller.",
            )
        return Geometry(Axis(height, size, self.stride, same), Axis(width, size, self.stride, same))

    def kernels_and_channels(self, input_shape: Shape) -> tuple[int, int]:
        """Return how many maps come out, each by a kernel for so many of those that come in."""
        raise NotImplementedError

    def output_shape(self, input_shape: Shape) -> Shape:
        """Shape of the maps for an input (channels, H, W).

        Valid: (kernels, (H - k) // stride + 1, the same for W); same: (kernels, ⌈H / stride⌉, ...).
        Raises ShapeError if the input is no stack of maps or is smaller than the kernel.
        """
        geometry = self.geometry(input_shape)
        kernels, _ = self.kernels_and_channels(input_shape)
        return (kernels, geometry.rows.outputs, geometry.columns.outputs)

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        """Kernels (kernels, channels of each, k, k); bias (kernels,)."""
        output_shape, sizes = self.output_shape(input_shape), (self.kernel_size, self.kernel_size)
        kernels = (*self.kernels_and_channels(input_shape), *sizes)
        return {"weight": kernels, "bias": output_shape[:1]}

    def multiply_adds(self, input_shape: Shape) -> int:
        """Count kernels · H' · W' · channels of each · k · k."""
        _, channels = self.kernels_and_channels(input_shape)
        return math.prod(self.output_shape(input_shape)) * channels * self.kernel_size**2

    def most_kernels(self) -> int:
        """As many as there are maps, whose number a block alone does not know."""
        return sys.maxsize

    def initial_values(self, input_shape: Shape) -> dict[str, InitialValues]:
        """A cell of an output map sums k · k products of each channel of its kernel."""
        kernels, channels = self.kernels_and_channels(input_shape)
        area = self.kernel_size**2
        used = kernels * channels // input_shape[0]  # kernels that meet an input map
        return {"weight": Fan(channels * area, used * area), "bias": "bias"}

    def layer(self, input_shape: Shape, parameters: Mapping[str, Array]) -> "ConvLayer":
        """Make the layer for maps of this shape."""
        return ConvLayer(parameters, self.geometry(input_shape))


class Conv(Convolutional, frozen=True, kw_only=True, tag="conv"):
    """Slide `depth` kernels over the maps; each gives one feature map."""

    kind: ClassVar[str] = "conv"
    equation: ClassVar[str] = "Y_i = B_i + Σ_j X_j ⋆ K_ij"
    help: ClassVar[str] = (
        "Slides each kernel over the input maps and writes down at every place how well it "
        "matches (a cross-correlation). Each kernel gives one feature map."
    )

    depth: Annotated[
        int,
        meta(
            "How many kernels there are, and so how many feature maps come out.",
            (1, 512),
            unit="maps",
        ),
    ] = 5
    kernel_size: KernelSize = 3
    bias: Annotated[
        Literal["position", "channel"],
        meta(
            "One bias for each map, as most programs have it, or one for each position of "
            "each map, as in the notebook.",
            labels={"position": "one per position", "channel": "one per map"},
        ),
    ] = "position"
    padding: Padding = "valid"
    stride: Stride = 1

    @classmethod
    def new(cls) -> Self:
        """Have a bias for each map, as in books; the default, for files, is the notebook's."""
        return cls(bias="channel")

    def summary(self) -> str:
        """Name the block with its key numbers."""
        return f"Conv {self.depth}, {self.course()}"

    def kernels_and_channels(self, input_shape: Shape) -> tuple[int, int]:
        """As many kernels as are wanted, each for all maps."""
        return self.depth, input_shape[0]

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        """Kernels (depth, channels, k, k); bias (depth, H', W'), or (depth,) per map."""
        shapes = super().parameter_shapes(input_shape)
        if self.bias == "position":
            shapes["bias"] = self.output_shape(input_shape)
        return shapes

    def equation_with(self, input_shape: Shape) -> str:
        """Count the maps on both sides, and say what the kernels and the bias are."""
        _, height, width = self.output_shape(input_shape)
        k = self.kernel_size
        biases = f"{height}×{width}" if self.bias == "position" else "one number"
        moved = f", stride {self.stride}" if self.stride > 1 else ""
        padded = ", X_j with zeros around" if self.padding == "same" else ""
        return (
            f"{self.equation},  i = 1..{self.depth}, j = 1..{input_shape[0]}, K_ij {k}×{k}, "
            f"B_i {biases}{moved}{padded}"
        )

    def most_kernels(self) -> int:
        """The depth."""
        return self.depth

    def receptive_field(self, outputs: Mask, input_shape: Shape, *, training: bool) -> Mask:
        """The kernel's window in every map."""
        marked: Mask = np.any(outputs, axis=0, keepdims=True)
        covered = under_windows(marked, self.geometry(input_shape))
        return np.repeat(covered, input_shape[0], axis=0)


class ConvLayer(Layer):
    """The convolution with its three backward equations.

    Y_i = B_i + Σ_j X_j ⋆ K_ij; ∂E/∂K_ij = X_j ⋆ ∂E/∂Y_i; ∂E/∂B_i = ∂E/∂Y_i;
    ∂E/∂X_j = Σ_i ∂E/∂Y_i ∗ K_ij (full). Kernels of one channel are each for a map of its
    own, i = j. With padding, X is the map with its border of zeros; with a stride, ∂E/∂Y stands
    with zeros between its values, where the skipped places were.
    """

    def __init__(self, parameters: Mapping[str, Array], geometry: Geometry) -> None:
        self.parameters = parameters
        self._geometry = geometry

    def forward(self, inputs: Array, workspace: Workspace) -> Array:
        """Correlate the maps (n, channels, H, W) with every kernel and add the bias."""
        geometry, depth = self._geometry, len(self.parameters["weight"])
        workspace.keep("maps", inputs)
        shape = (len(inputs), depth, geometry.rows.outputs, geometry.columns.outputs)
        outputs = workspace.outputs(shape)
        self.correlate(inputs, outputs, workspace)
        return outputs

    def correlate(self, inputs: Array, outputs: Array, workspace: Workspace) -> None:
        """Write the outputs (n, depth, H', W') for maps (n, channels, H, W)."""
        kernels, bias = self.parameters["weight"], self.parameters["bias"]
        for part in workspace.portions(len(inputs), self._work):
            workspace.numerics.correlate(
                inputs[part], kernels, bias, outputs[part], workspace, self._geometry
            )

    def backward(self, gradient: Array, workspace: Workspace, *, wants_inputs: bool) -> Backward:
        """Differentiate by the three equations, summed over the batch."""
        maps = workspace.kept("maps")
        input_gradient = workspace.input_gradient(maps.shape) if wants_inputs else None
        return Backward(input_gradient, self.gradients(maps, gradient, input_gradient, workspace))

    def gradients(
        self, maps: Array, gradient: Array, input_gradient: Array | None, workspace: Workspace
    ) -> dict[str, Gradient]:
        """Return the gradients of kernels and biases; write that of the maps, if it is wanted."""
        kernels, geometry = self.parameters["weight"], self._geometry
        by_position = self.parameters["bias"].ndim == 3
        sums = workspace.numerics.sample_sums if by_position else workspace.numerics.map_sums
        first, *others = [
            workspace.numerics.correlation_gradients(
                *(maps[part], gradient[part], kernels),
                *(None if input_gradient is None else input_gradient[part], workspace, geometry),
            )
            for part in workspace.portions(len(maps), self._work)
        ]
        kernel_gradient = sum(others, first)
        return {"weight": kernel_gradient, "bias": sums(gradient)}

    @property
    def _work(self) -> int:
        """The work of a sample's backward pass; of few kernels, to lay out the maps is the most."""
        depth, channels, height, width = self.parameters["weight"].shape
        places = self._geometry.rows.outputs * self._geometry.columns.outputs
        work: int = 2 * max(depth, _FEW_KERNELS) * channels * height * width * places
        return work
