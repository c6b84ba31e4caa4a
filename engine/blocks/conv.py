"""Conv: the convolutional layer of the notebook, a valid cross-correlation with a bias."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

import msgspec
import numpy as np
from msgspec import Meta

from engine.arrays import Array, Shape
from engine.blocks.base import Backward, Group
from engine.compute import convolution
from engine.compute.workspace import Workspace
from engine.errors import ShapeError


class Conv(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    tag="conv",
    tag_field="kind",
    forbid_unknown_fields=True,
):
    """Slide `depth` kernels over the maps; each gives one feature map."""

    kind: ClassVar[str] = "conv"
    name: ClassVar[str] = "Conv"
    group: ClassVar[Group] = "Convolution"
    equation: ClassVar[str] = "Y_i = B_i + Σ_j X_j ⋆ K_ij"
    help: ClassVar[str] = (
        "Slides each kernel over the input maps and writes at every place how well it matches "
        "(a valid cross-correlation). Each kernel gives one feature map."
    )
    output_range: ClassVar[Literal["any"]] = "any"

    depth: Annotated[
        int,
        Meta(
            ge=1,
            le=512,
            title="Depth",
            description="How many kernels there are, and so how many feature maps come out.",
            extra={"unit": "maps"},
        ),
    ] = 5
    kernel_size: Annotated[
        int,
        Meta(
            ge=1,
            le=31,
            title="Kernel size",
            description="Width and height of each kernel. Maps shrink by this minus 1.",
            extra={"unit": "px"},
        ),
    ] = 3
    bias: Annotated[
        Literal["position", "channel"],
        Meta(
            title="Bias",
            description="The notebook adds a number of its own at every position of every map; "
            "most other programs add one number per map.",
            extra={"labels": {"position": "one per position", "channel": "one per map"}},
        ),
    ] = "position"

    def summary(self) -> str:
        """Name the block with its key numbers."""
        return f"Conv {self.depth}, {self.kernel_size}×{self.kernel_size}"

    def output_shape(self, input_shape: Shape) -> Shape:
        """Shape of the maps: (depth, H - k + 1, W - k + 1) for an input (channels, H, W).

        Raises ShapeError if the input is no stack of maps or is smaller than the kernel.
        """
        if len(input_shape) != 3:
            raise ShapeError(
                "takes maps (channels×height×width)",
                input_shape,
                "Put it before the block that flattens, or put a Reshape to maps between them.",
            )
        _, height, width = input_shape
        if min(height, width) < self.kernel_size:
            raise ShapeError(
                f"needs maps of at least {self.kernel_size}×{self.kernel_size} for its kernel",
                input_shape,
                f"Make the kernel {min(height, width)}×{min(height, width)} or smaller.",
            )
        return (self.depth, height - self.kernel_size + 1, width - self.kernel_size + 1)

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        """Kernels (depth, channels, k, k); bias (depth, H', W'), or (depth,) per map."""
        output_shape = self.output_shape(input_shape)
        kernels = (self.depth, input_shape[0], self.kernel_size, self.kernel_size)
        bias = output_shape if self.bias == "position" else (self.depth,)
        return {"weight": kernels, "bias": bias}

    def multiply_adds(self, input_shape: Shape) -> int:
        """Count depth · H' · W' · channels · k · k."""
        depth, height, width = self.output_shape(input_shape)
        return depth * height * width * input_shape[0] * self.kernel_size**2

    def layer(self, input_shape: Shape, parameters: Mapping[str, Array]) -> "ConvLayer":
        """Make the layer for maps of this shape."""
        return ConvLayer(parameters)


class ConvLayer:
    """The convolution with its three backward equations.

    Y_i = B_i + Σ_j X_j ⋆ K_ij; ∂E/∂K_ij = X_j ⋆ ∂E/∂Y_i; ∂E/∂B_i = ∂E/∂Y_i;
    ∂E/∂X_j = Σ_i ∂E/∂Y_i ∗ K_ij (full).
    """

    def __init__(self, parameters: Mapping[str, Array]) -> None:
        self.parameters = parameters

    def forward(self, inputs: Array, workspace: Workspace) -> Array:
        """Correlate the maps (n, channels, H, W) with every kernel and add the bias."""
        inputs = workspace.keep("inputs", np.ascontiguousarray(inputs))
        kernels, bias = self.parameters["weight"], self.parameters["bias"]
        size = kernels.shape[-1]
        shape = (len(kernels), inputs.shape[2] - size + 1, inputs.shape[3] - size + 1)
        outputs = workspace.buffer("outputs", (len(inputs), *shape))
        addend = bias if bias.ndim == 3 else bias[:, None, None]
        convolution.correlate(inputs, kernels, outputs, workspace, addend=addend)
        return outputs

    def backward(self, gradient: Array, workspace: Workspace, *, wants_inputs: bool) -> Backward:
        """Differentiate by the three equations, summed over the batch."""
        inputs, kernels = workspace.kept("inputs"), self.parameters["weight"]
        kernel_gradient = convolution.kernel_gradient(inputs, gradient, kernels.shape, workspace)
        axes = (0,) if self.parameters["bias"].ndim == 3 else (0, 2, 3)
        parameters = {"weight": kernel_gradient, "bias": gradient.sum(axis=axes)}
        if not wants_inputs:
            return Backward(None, parameters)
        input_gradient = workspace.buffer("input_gradient", inputs.shape)
        convolution.convolve_full(gradient, kernels, input_gradient, workspace)
        return Backward(input_gradient, parameters)
