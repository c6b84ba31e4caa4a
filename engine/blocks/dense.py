"""Dense: the fully connected layer."""

import math
from collections.abc import Mapping
from typing import Annotated, ClassVar

import numpy as np

from engine.array_types import Array, Shape, is_vector, plain
from engine.blocks.base import (
    Backward,
    Fan,
    Gradient,
    Group,
    InitialValues,
    Layer,
    Mask,
    Outer,
)
from engine.blocks.rules import KnownBlock
from engine.compute.workspace import Workspace
from engine.errors import ShapeError
from engine.struct_fields import meta


class Dense(KnownBlock, frozen=True, kw_only=True, tag="dense"):
    """Connect every input with every one of `units` outputs."""

    kind: ClassVar[str] = "dense"
    group: ClassVar[Group] = "Dense"
    equation: ClassVar[str] = "y = W x + b"
    help: ClassVar[str] = (
        "Connects every input with every unit: each unit sums all inputs, each times a weight of "
        "its own, and adds a bias."
    )
    gradient_words: ClassVar[str] = "∂E/∂W of the weights and ∂E/∂b of the biases"
    keeps_gradient: ClassVar[bool] = True

    units: Annotated[
        int,
        meta(
            "How many outputs there are. The last Dense needs one per class.",
            (1, 100_000),
            unit="outputs",
        ),
    ] = 100

    def summary(self) -> str:
        """Name the block with its key number."""
        return f"Dense {self.units}"

    def output_shape(self, input_shape: Shape) -> Shape:
        """Shape (units,) for an input (n,); the column form (n, 1) gives (units, 1).

        Raises ShapeError if the input is neither.
        """
        if not is_vector(input_shape):
            raise ShapeError("takes a vector", input_shape, "Put a Reshape between them.")
        return (self.units, *input_shape[1:])

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        """Weights (units, inputs) and bias (units,)."""
        self.output_shape(input_shape)
        return {"weight": (self.units, math.prod(input_shape)), "bias": (self.units,)}

    def multiply_adds(self, input_shape: Shape) -> int:
        """Count units · inputs."""
        return self.units * math.prod(input_shape)

    def equation_with(self, input_shape: Shape) -> str:
        """Say how large the matrix and the vectors are."""
        inputs = math.prod(input_shape)
        return f"{self.equation},  W {self.units}×{inputs}, x {inputs}, b {self.units}"

    def initial_values(self, input_shape: Shape) -> dict[str, InitialValues]:
        """A unit sums all inputs."""
        return {"weight": Fan(math.prod(input_shape), self.units), "bias": "bias"}

    def receptive_field(self, outputs: Mask, input_shape: Shape, *, training: bool) -> Mask:
        """Every unit depends on every input."""
        return np.full(input_shape, outputs.any())

    def layer(self, input_shape: Shape, parameters: Mapping[str, Array]) -> "DenseLayer":
        """Make the layer for vectors of this shape."""
        return DenseLayer(parameters, self.output_shape(input_shape))


class DenseLayer(Layer):
    """y = W x + b; ∂E/∂W = ∂E/∂y xᵀ; ∂E/∂b = ∂E/∂y; ∂E/∂x = Wᵀ ∂E/∂y."""

    def __init__(self, parameters: Mapping[str, Array], output_shape: Shape) -> None:
        self.parameters = parameters
        self._output_shape = output_shape

    def forward(self, inputs: Array, workspace: Workspace) -> Array:
        """Multiply the vectors (n, inputs) or columns (n, inputs, 1) and add the bias."""
        workspace.keep("inputs", inputs)
        weights, bias = self.parameters["weight"], self.parameters["bias"]
        outputs = workspace.outputs((len(inputs), *self._output_shape))
        flat, vectors = plain(inputs.reshape(len(inputs), -1)), outputs.reshape(len(inputs), -1)
        workspace.numerics.dense_outputs(flat, weights, bias, vectors, workspace.run.pool)
        return outputs

    def backward(self, gradient: Array, workspace: Workspace, *, wants_inputs: bool) -> Backward:
        """Differentiate; the weight gradient is handed over as its two factors, or formed.

        It is formed where it is smaller than these, and they are those of one shard of the batch:
        then no other thread needs to read them.
        """
        inputs, weights = workspace.kept("inputs"), self.parameters["weight"]
        samples = len(inputs)
        flat, right = plain(gradient.reshape(samples, -1)), inputs.reshape(samples, -1)
        weight_gradient: Gradient = Outer(flat, right)
        if samples < workspace.run.samples and weights.size < flat.size + right.size:
            weight_gradient = workspace.buffer("weight_gradient", weights.shape)
            workspace.numerics.write_product(weight_gradient, flat, right, 0)
        parameters = {"weight": weight_gradient, "bias": workspace.numerics.sample_sums(flat)}
        if not wants_inputs:
            return Backward(None, parameters)
        input_gradient = workspace.input_gradient((samples, weights.shape[1]))
        workspace.numerics.dense_input_gradient(flat, weights, input_gradient, workspace.run.pool)
        return Backward(input_gradient.reshape(inputs.shape), parameters)
