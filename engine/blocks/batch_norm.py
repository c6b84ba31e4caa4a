"""BatchNorm: brings every map to mean 0 and variance 1 over the batch."""

import math
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from engine.array_types import Array, Shape
from engine.blocks.base import (
    Backward,
    Gradient,
    Group,
    InitialValues,
    Layer,
    Mask,
    Measured,
)
from engine.blocks.rules import SameShape
from engine.compute.pass_context import alone
from engine.compute.workspace import Workspace


class Normalisation(SameShape, frozen=True):
    """The rules of a block that normalises; then it scales and shifts each map or value."""

    group: ClassVar[Group] = "Regularisation"
    equation: ClassVar[str] = "y = γ (x − μ) / √(σ² + ε) + β"
    gradient_words: ClassVar[str] = "∂E/∂γ of the scales and ∂E/∂β of the shifts"

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        """Scale γ (weight) and shift β (bias), one for each map or value."""
        return {"weight": input_shape[:1], "bias": input_shape[:1]}

    def initial_values(self, input_shape: Shape) -> dict[str, InitialValues]:
        """Pass what comes: scales of 1, shifts of 0."""
        return {"weight": "ones", "bias": "bias"}


class BatchNorm(Normalisation, frozen=True, tag="batch_norm"):
    """Bring every map, or value of a vector, to mean 0 and variance 1 over the batch."""

    kind: ClassVar[str] = "batch_norm"
    help: ClassVar[str] = (
        "Brings every map to mean 0 and variance 1 over the batch, then scales and shifts it by "
        "two learned numbers. When the network is tested it uses running means of what it saw, so "
        "it needs batches of more than one sample."
    )
    depends_on_batch: ClassVar[bool] = True
    measured: ClassVar[tuple[Measured, ...]] = (
        Measured("mean", per_sample=False, state="running_mean"),
        Measured("variance", per_sample=False, state="running_variance"),
    )

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

    def initial_values(self, input_shape: Shape) -> dict[str, InitialValues]:
        """Pass what comes: variances of 1, means of 0, too."""
        own = super().initial_values(input_shape)
        return {**own, "running_mean": "zeros", "running_variance": "ones"}

    def receptive_field(self, outputs: Mask, input_shape: Shape, *, training: bool) -> Mask:
        """The value at its own place; while training the statistics add the whole map."""
        if not training:
            return outputs.copy()
        whole = outputs.reshape(len(outputs), -1).any(axis=1)
        return np.repeat(whole, math.prod(input_shape[1:])).reshape(input_shape)

    def layer(self, input_shape: Shape, parameters: Mapping[str, Array]) -> "BatchNormLayer":
        """Make the layer."""
        return BatchNormLayer(parameters)


class BatchNormLayer(Layer):
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
            moments = run.gather(workspace.numerics.batch_moments(inputs, run.pool))
        else:
            moments = workspace.numerics.known_moments(*self.state.values())
        outputs = workspace.outputs(inputs.shape)
        weight, bias = self.parameters["weight"], self.parameters["bias"]
        statistics = workspace.numerics.batch_norm(
            inputs, moments, self.EPSILON, weight, bias, outputs, run.pool
        )
        workspace.keep("inputs", inputs)
        workspace.keep("statistics", statistics)
        if run.training:
            workspace.keep("mean", statistics[0])
            workspace.keep("variance", statistics[1])
        return outputs

    def backward(self, gradient: Array, workspace: Workspace, *, wants_inputs: bool) -> Backward:
        """Differentiate; the batch's statistics depend on every input, the running ones on none."""
        inputs, statistics = workspace.kept("inputs"), workspace.kept("statistics")
        run = workspace.run
        sums, own = workspace.numerics.batch_norm_sums(gradient, inputs, statistics, run.pool)
        parameters: dict[str, Gradient] = {"weight": own[0], "bias": own[1]}
        if not wants_inputs:
            return Backward(None, parameters)
        input_gradient = workspace.input_gradient(gradient.shape)
        # Running statistics depend on no input, so that nothing is shared.
        gather, values = (run.gather, _values_of_map(workspace)) if run.training else (alone, 0)
        workspace.numerics.batch_norm_gradient(
            *(gradient, inputs, statistics, self.parameters["weight"], gather(sums), values),
            *(input_gradient, run.pool),
        )
        return Backward(input_gradient, parameters)

    def settle(self, workspace: Workspace) -> None:
        """Move the running statistics towards those of the last training batch."""
        mean, variance = self.state.values()
        statistics, values = workspace.kept("statistics"), _values_of_map(workspace)
        workspace.numerics.move_statistics(mean, variance, statistics, values, self.MOMENTUM)


def _values_of_map(workspace: Workspace) -> int:
    """Count the values that a map has in the whole batch."""
    return workspace.run.samples * math.prod(workspace.kept("inputs").shape[2:])
