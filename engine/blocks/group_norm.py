"""GroupNorm: brings groups of maps to mean 0 and variance 1 in each sample."""

import math
from collections.abc import Mapping
from typing import Annotated, ClassVar, Self

import msgspec
import numpy as np

from engine.array_types import Array, Shape
from engine.blocks.base import Backward, Gradient, Layer, Mask
from engine.blocks.batch_norm import BatchNormLayer, Normalisation
from engine.compute.pass_context import alone
from engine.compute.workspace import Workspace
from engine.errors import ShapeError
from engine.struct_fields import meta


class GroupNorm(Normalisation, frozen=True, tag="group_norm"):
    """Bring groups of maps, or of the values of a vector, to mean 0 and variance 1."""

    kind: ClassVar[str] = "group_norm"
    help: ClassVar[str] = (
        "Brings groups of maps to mean 0 and variance 1 in each sample by itself, then scales and "
        "shifts every map by two learned numbers. It does the same when the network is tested, "
        "and batches may be small (Wu and He, 2018)."
    )

    groups: Annotated[
        int,
        meta(
            "How many groups the maps, or the values of a vector, are divided into. 1 takes all of "
            "a sample together, as LayerNorm does.",
            (1, 512),
        ),
    ] = 1

    def summary(self) -> str:
        """Name the block with its key number."""
        return f"GroupNorm {self.groups}"

    def output_shape(self, input_shape: Shape) -> Shape:
        """The shape stays.

        Raises ShapeError if the groups are not equal, or of one value alone.
        """
        if not _divides(self.groups, input_shape):
            best = self.fitting(input_shape).groups
            raise ShapeError(
                f"makes {self.groups} equal groups of more than one value",
                input_shape,
                f"Set the groups to {best}." if _divides(best, input_shape) else "Remove it.",
            )
        return input_shape

    def fitting(self, input_shape: Shape) -> Self:
        """Return the block with as many groups, at most, as an input can be divided into."""
        fewer = range(self.groups, 1, -1)
        groups = next((each for each in fewer if _divides(each, input_shape)), 1)
        return msgspec.structs.replace(self, groups=groups)

    def multiply_adds(self, input_shape: Shape) -> int:
        """Two for each value."""
        return 2 * math.prod(input_shape)

    def equation_with(self, input_shape: Shape) -> str:
        """Say how many of the four numbers there are."""
        what = "maps" if len(input_shape) == 3 else "values"
        groups = "1 group" if self.groups == 1 else f"{self.groups} groups"
        return (
            f"{self.equation},  γ, β for each of {input_shape[0]} {what}, "
            f"μ, σ² for each of {groups}, ε = 0.00001"
        )

    def receptive_field(self, outputs: Mask, input_shape: Shape, *, training: bool) -> Mask:
        """The whole group, for all of it is in the mean."""
        whole = outputs.reshape(self.groups, -1).any(axis=1)
        return np.repeat(whole, outputs.size // self.groups).reshape(input_shape)

    def layer(self, input_shape: Shape, parameters: Mapping[str, Array]) -> "GroupNormLayer":
        """Make the layer."""
        self.output_shape(input_shape)
        return GroupNormLayer(parameters, self.groups)


def _divides(groups: int, shape: Shape) -> bool:
    return shape[0] % groups == 0 and math.prod(shape) > groups


class GroupNormLayer(Layer):
    """Normalisation of each group of each sample, then a scale and a shift of each map.

    x̂ = (x - μ) / √(σ² + ε) is a batch normalisation of a single sample whose maps are the groups of
    all samples, y = γ x̂ + β one by a known mean of 0 and variance of 1.
    """

    EPSILON = BatchNormLayer.EPSILON

    def __init__(self, parameters: Mapping[str, Array], groups: int) -> None:
        self.parameters = parameters
        self._groups = groups

    def forward(self, inputs: Array, workspace: Workspace) -> Array:
        """Normalise the groups, and keep what comes of it."""
        numerics, pool = workspace.numerics, workspace.run.pool
        weight, bias = self.parameters["weight"], self.parameters["bias"]
        grouped, normal = self._grouped(inputs), workspace.buffer("normal", inputs.shape)
        ones = np.ones(grouped.shape[1], weight.dtype)
        moments = alone(numerics.batch_moments(grouped))
        statistics = numerics.batch_norm(
            grouped, moments, self.EPSILON, ones, 0 * ones, self._grouped(normal)
        )
        one = np.ones_like(weight)
        known = numerics.known_moments(0 * one, one)
        outputs = workspace.outputs(inputs.shape)
        own = numerics.batch_norm(normal, known, 0.0, weight, bias, outputs, pool)
        kept = {"inputs": inputs, "normal": normal, "statistics": statistics, "own": own}
        for name, array in kept.items():
            workspace.keep(name, array)
        return outputs

    def backward(self, gradient: Array, workspace: Workspace, *, wants_inputs: bool) -> Backward:
        """Differentiate y by γ, β and x̂, then x̂ by x, on which mean and variance depend."""
        numerics, pool = workspace.numerics, workspace.run.pool
        inputs, normal, statistics, own = map(
            workspace.kept, ("inputs", "normal", "statistics", "own")
        )
        sums, found = numerics.batch_norm_sums(gradient, normal, own, pool)
        parameters: dict[str, Gradient] = {"weight": found[0], "bias": found[1]}
        if not wants_inputs:
            return Backward(None, parameters)
        weight = self.parameters["weight"]
        slopes = workspace.scratch("normal gradient", gradient.shape)
        numerics.batch_norm_gradient(gradient, normal, own, weight, alone(sums), 0, slopes, pool)
        grouped, grouped_slopes = self._grouped(inputs), self._grouped(slopes)
        sums, _ = numerics.batch_norm_sums(grouped_slopes, grouped, statistics)
        input_gradient = workspace.input_gradient(gradient.shape)
        numerics.batch_norm_gradient(
            *(grouped_slopes, grouped, statistics, np.ones(grouped.shape[1], weight.dtype)),
            *(alone(sums), grouped.shape[2], self._grouped(input_gradient)),
        )
        return Backward(input_gradient, parameters)

    def _grouped(self, values: Array) -> Array:
        """Look at a batch (n, ...) as one sample with a map for each group of each sample."""
        return values.reshape(1, len(values) * self._groups, -1)
