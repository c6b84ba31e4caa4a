"""BatchNorm: brings every map to mean 0 and variance 1 over the batch."""

import math
from collections.abc import Mapping
from typing import ClassVar

import msgspec
import numpy as np

from engine.array_types import Array, Shape
from engine.blocks.base import (
    Backward,
    Gradient,
    Group,
    InitialValues,
    Mask,
    Measured,
    OutputRange,
    Saturation,
)
from engine.blocks.rules import Smooth
from engine.compute.numerics import numerics
from engine.compute.workspace import Workspace


class BatchNorm(
    Smooth,
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    tag="batch_norm",
    tag_field="kind",
    forbid_unknown_fields=True,
):
    """Bring every map, or value of a vector, to mean 0 and variance 1 over the batch."""

    kind: ClassVar[str] = "batch_norm"
    name: ClassVar[str] = "BatchNorm"
    group: ClassVar[Group] = "Regularisation"
    equation: ClassVar[str] = "y = γ (x − μ) / √(σ² + ε) + β"
    help: ClassVar[str] = (
        "Brings every map to mean 0 and variance 1 over the batch, then scales and shifts it by "
        "two learned numbers. When the network is tested it uses running means of what it saw, so "
        "it needs batches of more than one sample."
    )
    output_range: ClassVar[OutputRange] = "any"
    gradient_words: ClassVar[str] = "∂E/∂γ of the scales and ∂E/∂β of the shifts"
    depends_on_batch: ClassVar[bool] = True
    measured: ClassVar[tuple[Measured, ...]] = (
        Measured("mean", per_sample=False, state="running_mean"),
        Measured("variance", per_sample=False, state="running_variance"),
    )
    needs_outputs: ClassVar[bool] = False
    by_value: ClassVar[bool] = False
    keeps_gradient: ClassVar[bool] = False
    is_view: ClassVar[bool] = False
    can_die: ClassVar[bool] = False
    saturation: ClassVar[Saturation] = None

    def summary(self) -> str:
        """Name the block."""
        return "BatchNorm"

    def output_shape(self, input_shape: Shape) -> Shape:
        """The shape stays."""
        return input_shape

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        """Scale γ (weight) and shift β (bias), one for each map or value."""
        return {"weight": input_shape[:1], "bias": input_shape[:1]}

    def state_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        """Running mean and variance, one for each map or value."""
        return {"running_mean": input_shape[:1], "running_variance": input_shape[:1]}

    def multiply_adds(self, input_shape: Shape) -> int:
        """One for each value."""
        return math.prod(input_shape)

    def equation_with(self, input_shape: Shape) -> str:
        """Say how many of the four numbers there are."""
        what = "maps" if len(input_shape) == 3 else "values"
        return f"{self.equation},  γ, β, μ, σ² for each of {input_shape[0]} {what}, ε = 0.00001"

    def kernel_count(self) -> int:
        """There are no kernels."""
        return 0

    def initial_values(self, input_shape: Shape) -> dict[str, InitialValues]:
        """Pass what comes: scales and variances of 1, shifts and means of 0."""
        return {
            "weight": "ones",
            "bias": "bias",
            "running_mean": "zeros",
            "running_variance": "ones",
        }

    def receptive_field(self, outputs: Mask, input_shape: Shape, *, training: bool) -> Mask:
        """The value at its own place; while training the statistics add the whole map."""
        if not training:
            return outputs.copy()
        whole = outputs.reshape(len(outputs), -1).any(axis=1)
        return np.repeat(whole, math.prod(input_shape[1:])).reshape(input_shape)

    def layer(self, input_shape: Shape, parameters: Mapping[str, Array]) -> "BatchNormLayer":
        """Make the layer."""
        return BatchNormLayer(parameters)


class BatchNormLayer:
    """Batch normalisation over all samples of the batch and all positions of a map.

    With m values per map and x̂ = (x - μ) / √(σ² + ε): y = γ x̂ + β; ∂E/∂γ = Σ ∂E/∂y x̂;
    ∂E/∂β = Σ ∂E/∂y; ∂E/∂x = γ / √(σ² + ε) · (∂E/∂y - ∂E/∂β / m - x̂ ∂E/∂γ / m)
    (Ioffe and Szegedy, 2015). Sums run over the whole batch, however it is cut into parts.
    """

    EPSILON = 1e-5
    MOMENTUM = 0.1  # share of the newest batch in the running statistics

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        self.parameters: Mapping[str, Array] = {name: arrays[name] for name in ("weight", "bias")}
        self.state: Mapping[str, Array] = {
            name: arrays[name] for name in ("running_mean", "running_variance")
        }

    def forward(self, inputs: Array, workspace: Workspace) -> Array:
        """Normalise by the batch's statistics while training, else by the running ones."""
        run = workspace.run
        if run.training:
            moments = run.gather(numerics().batch_moments(inputs))
            mean, variance = numerics().joined_moments(moments)
            workspace.keep("mean", mean)
            workspace.keep("variance", variance)
        else:
            mean, variance = (array.astype(np.float64) for array in self.state.values())
        inverse = 1.0 / np.sqrt(variance + self.EPSILON)
        for name, array in (("inputs", inputs), ("used_mean", mean), ("inverse", inverse)):
            workspace.keep(name, array)
        outputs = workspace.outputs(inputs.shape)
        weight, bias = self.parameters["weight"], self.parameters["bias"]
        numerics().batch_norm(inputs, mean, inverse, weight, bias, outputs)
        return outputs

    def backward(self, gradient: Array, workspace: Workspace, *, wants_inputs: bool) -> Backward:
        """Differentiate; the batch's statistics depend on every input, the running ones on none."""
        names = ("inputs", "used_mean", "inverse")
        inputs, mean, inverse = (workspace.kept(name) for name in names)
        sums = numerics().batch_norm_sums(gradient, inputs, mean, inverse)
        weight = self.parameters["weight"]
        own = sums.astype(weight.dtype)
        parameters: dict[str, Gradient] = {"weight": own[0], "bias": own[1]}
        if not wants_inputs:
            return Backward(None, parameters)
        run = workspace.run
        input_gradient = workspace.input_gradient(gradient.shape)
        shares = np.zeros_like(sums)
        if run.training:
            np.divide(run.gather(sums).sum(axis=0), run.samples * inputs[0, 0].size, out=shares)
        numerics().batch_norm_gradient(
            gradient, inputs, mean, inverse, weight, shares, input_gradient
        )
        return Backward(input_gradient, parameters)

    def settle(self, workspace: Workspace) -> None:
        """Move the running statistics towards those of the last training batch."""
        values = workspace.run.samples * workspace.kept("inputs")[0, 0].size
        unbiased = workspace.kept("variance") * (values / max(values - 1, 1))
        for name, newest in (
            ("running_mean", workspace.kept("mean")),
            ("running_variance", unbiased),
        ):
            running = self.state[name]
            running += self.MOMENTUM * (newest - running)
