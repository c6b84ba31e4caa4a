"""Dropout: leaves out random values while training."""

import math
from collections.abc import Mapping
from typing import Annotated, ClassVar

from engine import random_streams
from engine.array_types import Array, Shape
from engine.blocks.base import Backward, Group, Layer, Measured
from engine.blocks.rules import SameShape
from engine.compute.workspace import Workspace
from engine.struct_fields import meta


class Dropout(SameShape, frozen=True, kw_only=True, tag="dropout"):
    """Leave out random values while training."""

    kind: ClassVar[str] = "dropout"
    group: ClassVar[Group] = "Regularisation"
    equation: ClassVar[str] = "y = x m / (1 - p) while training, else x"
    help: ClassVar[str] = (
        "Sets a random part of the values to 0 in every training step and scales the others up, so "
        "that no unit can rely on another. It does nothing when the network is tested."
    )
    depends_on_batch: ClassVar[bool] = True  # each place in the batch has a mask of its own
    measured: ClassVar[tuple[Measured, ...]] = (Measured("mask", per_sample=True),)
    needs_outputs: ClassVar[bool] = True  # they may be its inputs

    rate: Annotated[float, meta("The share of the values that is set to 0, p.", (0.0, 0.95))] = 0.25

    def summary(self) -> str:
        """Name the block with its rate."""
        return f"Dropout {self.rate * 100:g} %"

    def equation_with(self, input_shape: Shape) -> str:
        """Say which part of how many values is left out."""
        written = self.equation.replace("(1 - p)", f"{1 - self.rate:g}")
        return f"{written},  m = 0 for {self.rate * 100:g} % of {math.prod(input_shape)} values"

    def layer(self, input_shape: Shape, parameters: Mapping[str, Array]) -> "DropoutLayer":
        """Make the layer."""
        return DropoutLayer(self.rate)


class DropoutLayer(Layer):
    """y = x m / (1 - p) with a random m of 0 and 1; ∂E/∂x = ∂E/∂y m / (1 - p).

    The mask depends on the seed, the step and the sample's place in the batch alone, so it does not
    matter how a batch is cut into parts (Srivastava et al., 2014).
    """

    def __init__(self, rate: float) -> None:
        self._rate = rate

    def forward(self, inputs: Array, workspace: Workspace) -> Array:
        """Leave out values while training; pass everything otherwise."""
        if not workspace.run.training or self._rate == 0.0:
            return inputs
        mask = workspace.keep("mask", workspace.buffer("mask", inputs.shape))
        run, outputs = workspace.run, workspace.outputs(inputs.shape)
        key = random_streams.key(run.seed, "dropout", workspace.slot_id)
        workspace.numerics.dropout(
            inputs, key, run.counters, run.first, self._rate, mask, outputs, run.pool
        )
        return outputs

    def backward(self, gradient: Array, workspace: Workspace, *, wants_inputs: bool) -> Backward:
        """Pass the gradient where the value passed."""
        if not workspace.run.training or self._rate == 0.0:
            return Backward(gradient, {})
        input_gradient = workspace.input_gradient(gradient.shape)
        arrays = gradient, workspace.kept("mask"), input_gradient
        workspace.numerics.share(workspace.numerics.dropout_derivative, arrays, workspace.run.pool)
        return Backward(input_gradient, {})
