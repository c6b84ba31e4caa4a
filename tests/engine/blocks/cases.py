"""Representative blocks of every kind, which the contract suite puts to the proof."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike

from engine.arrays import Array, Shape
from engine.blocks import (
    AvgPool,
    BatchNorm,
    Conv,
    Dense,
    Dropout,
    KnownBlock,
    LeakyReLU,
    MaxPool,
    ReLU,
    Reshape,
    Sigmoid,
    Softmax,
    Tanh,
)
from engine.blocks.base import Backward, Gradient, Layer, Outer
from engine.compute.workspace import Workspace


@dataclass(frozen=True)
class Case:
    """One block with the shape of its input, and numbers to feed it with."""

    block: KnownBlock
    input_shape: Shape

    @property
    def name(self) -> str:
        return f"{self.block!r} on {self.input_shape}"

    @property
    def output_shape(self) -> Shape:
        return self.block.output_shape(self.input_shape)

    def inputs(self, samples: int, seed: int = 1) -> Array:
        """Draw a batch of inputs in float64."""
        return np.random.default_rng(seed).standard_normal((samples, *self.input_shape))

    def output_gradient(self, samples: int, seed: int = 2) -> Array:
        """Draw ∂E/∂outputs in float64."""
        return np.random.default_rng(seed).standard_normal((samples, *self.output_shape))

    def parameters(self, dtype: DTypeLike = np.float64) -> dict[str, Array]:
        """Draw parameters of the declared shapes, the same for every type."""
        rng = np.random.default_rng(3)
        shapes = self.block.parameter_shapes(self.input_shape)
        return {name: rng.standard_normal(shape).astype(dtype) for name, shape in shapes.items()}

    def state(self, dtype: DTypeLike = np.float64) -> dict[str, Array]:
        """Draw what a layer remembers, above 0 as variances are."""
        rng = np.random.default_rng(4)
        shapes = self.block.state_shapes(self.input_shape)
        return {name: rng.uniform(0.5, 2.0, shape).astype(dtype) for name, shape in shapes.items()}

    def layer(self, dtype: DTypeLike = np.float64) -> Layer:
        arrays = {**self.parameters(dtype), **self.state(dtype)}
        return self.block.layer(self.input_shape, arrays)


CASES: dict[str, list[Case]] = {
    "conv": [
        Case(Conv(depth=1, kernel_size=1), (1, 1, 1)),
        Case(Conv(depth=3, kernel_size=3), (2, 6, 5)),
        Case(Conv(depth=2, kernel_size=2, bias="channel"), (3, 4, 7)),
        Case(Conv(depth=2, kernel_size=5), (1, 5, 5)),
        Case(Conv(depth=4, kernel_size=4, bias="channel"), (5, 5, 9)),
        Case(Conv(depth=2, kernel_size=3, stride=2), (2, 6, 7)),
        Case(Conv(depth=2, kernel_size=3, padding="same"), (2, 4, 5)),
        Case(Conv(depth=3, kernel_size=4, padding="same", stride=3, bias="channel"), (2, 5, 7)),
        Case(Conv(depth=2, kernel_size=1, padding="same", stride=3), (1, 5, 6)),
        Case(Conv(depth=2, kernel_size=7, padding="same"), (1, 2, 1)),
    ],
    "max_pool": [
        Case(MaxPool(), (2, 4, 6)),
        Case(MaxPool(size=1), (2, 2, 3)),
        Case(MaxPool(size=3, stride=2), (2, 7, 6)),
        Case(MaxPool(size=2, stride=3), (1, 5, 9)),
    ],
    "avg_pool": [
        Case(AvgPool(), (2, 4, 6)),
        Case(AvgPool(size=1), (2, 2, 3)),
        Case(AvgPool(size=3, stride=2), (2, 7, 6)),
        Case(AvgPool(size=2, stride=3), (1, 5, 9)),
    ],
    "dense": [
        Case(Dense(units=1), (1,)),
        Case(Dense(units=4), (7,)),
        Case(Dense(units=7), (4, 1)),
    ],
    "reshape": [
        Case(Reshape(), (3, 4, 2)),
        Case(Reshape(target_shape=(2, -1, 3)), (24,)),
        Case(Reshape(target_shape=(24, 1)), (2, 3, 4)),
    ],
    "sigmoid": [Case(Sigmoid(), (5,)), Case(Sigmoid(), (6, 1)), Case(Sigmoid(), (2, 4, 3))],
    "tanh": [Case(Tanh(), (5,)), Case(Tanh(), (6, 1)), Case(Tanh(), (2, 4, 3))],
    "relu": [Case(ReLU(), (5,)), Case(ReLU(), (6, 1)), Case(ReLU(), (2, 4, 3))],
    "leaky_relu": [
        Case(LeakyReLU(), (5,)),
        Case(LeakyReLU(slope=0.3), (6, 1)),
        Case(LeakyReLU(slope=0.0), (2, 4, 3)),
        Case(LeakyReLU(slope=1.0), (2, 4, 3)),
    ],
    "softmax": [Case(Softmax(), (1,)), Case(Softmax(), (5,)), Case(Softmax(), (6, 1))],
    # These two as they are when a network is tested; training has files of its own.
    "dropout": [Case(Dropout(), (5,)), Case(Dropout(rate=0.0), (6, 1)), Case(Dropout(), (2, 4, 3))],
    "batch_norm": [
        Case(BatchNorm(), (5,)),
        Case(BatchNorm(), (6, 1)),
        Case(BatchNorm(), (3, 4, 2)),
    ],
}


def formed(gradient: Gradient) -> Array:
    """Give a gradient as one array."""
    return gradient.formed() if isinstance(gradient, Outer) else gradient


@dataclass(frozen=True)
class Pass:
    """Copies of all that one forward and backward pass gave."""

    outputs: Array
    inputs: Array
    parameters: dict[str, Array]

    def named(self) -> dict[str, Array]:
        """All arrays by a name for messages."""
        gradients = {f"gradient of {name}": array for name, array in self.parameters.items()}
        return {"outputs": self.outputs, "gradient of the inputs": self.inputs, **gradients}


def run(layer: Layer, inputs: Array, gradient: Array, workspace: Workspace | None = None) -> Pass:
    """Run a layer forward and backward in the type of the inputs."""
    workspace = Workspace(inputs.dtype) if workspace is None else workspace
    outputs = layer.forward(inputs, workspace).copy()
    backward = layer.backward(gradient.astype(inputs.dtype), workspace, wants_inputs=True)
    return copied(outputs, backward)


def copied(outputs: Array, backward: Backward) -> Pass:
    """Copy results out of the workspace, which the next pass overwrites."""
    assert backward.inputs is not None
    parameters = {name: formed(array).copy() for name, array in backward.parameters.items()}
    return Pass(outputs, backward.inputs.copy(), parameters)
