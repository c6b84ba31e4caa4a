"""Representative blocks of every kind, which the contract suite puts to the proof."""

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

import numpy as np
from hypothesis import strategies as st
from numpy.typing import DTypeLike

from engine import blocks as kinds
from engine.array_types import Array, Shape
from engine.blocks.base import Backward, Gradient, Layer, Outer
from engine.blocks.rules import SKIP
from engine.compute.workspace import Workspace
from engine.errors import ShapeError
from engine.model.stack import BlockSlot, ShapeReport, Stack


@dataclass(frozen=True)
class Case:
    """One block with the shape of its input, and numbers to feed it with."""

    block: kinds.KnownBlock
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

    def added(self) -> dict[str, Array]:
        """Draw what a sample gets of an earlier block, the same for each; empty if nothing is."""
        if not isinstance(self.block, kinds.SkipBlock):
            return {}
        return {SKIP: np.random.default_rng(5).standard_normal(self.block.source_shape)}

    def layer(self, dtype: DTypeLike = np.float64) -> Layer:
        return self.layer_of({**self.parameters(dtype), **self.state(dtype)})

    def layer_of(self, arrays: dict[str, Array]) -> Layer:
        layer = self.block.layer(self.input_shape, arrays)
        return AddedLayer(layer, self.added()[SKIP]) if self.added() else layer

    def network(self) -> tuple[tuple[kinds.KnownBlock, ...], Shape]:
        """Return blocks that end with this one and a vector, and the shape of what they take."""
        shape = self.input_shape
        before: tuple[kinds.KnownBlock, ...] = ()
        if isinstance(self.block, kinds.Add):
            shape = self.block.source_shape
            if self.block.through == "conv":
                depth, stride = self.input_shape[0], self.block.stride
                before = (kinds.Conv(depth=depth, kernel_size=1, stride=stride),)
        first = kinds.Reshape(target_shape=shape)
        return (first, *before, self.block, kinds.Reshape()), (1, 1, math.prod(shape))

    def report(self, slot_id: int) -> ShapeReport:
        """Return what the check of a stack says that ends with the block, in a slot of this id."""
        first: tuple[kinds.KnownBlock, ...] = ()
        shape = self.input_shape
        if isinstance(self.block, kinds.Add):
            shape, first = self.block.source_shape, (kinds.ReLU(),)
            if shape != self.input_shape:
                maps, stride = self.input_shape[0], self.block.stride
                first += (kinds.Conv(depth=maps, kernel_size=1, stride=stride),)
        stack = Stack(input_shape=shape).appended(*first)
        slot = BlockSlot(slot_id, self.block)
        return stack.inserted(len(stack), slot).check(2, "mse")


class AddedLayer(Layer):
    """A layer that each sample gives the same numbers of an earlier block to."""

    def __init__(self, layer: Layer, added: Array) -> None:
        self._layer, self._added = layer, added
        self.parameters = layer.parameters

    def forward(self, inputs: Array, workspace: Workspace) -> Array:
        added = np.broadcast_to(self._added, (len(inputs), *self._added.shape))
        workspace.keep(SKIP, added.astype(workspace.dtype))
        return self._layer.forward(inputs, workspace)

    def backward(self, gradient: Array, workspace: Workspace, *, wants_inputs: bool) -> Backward:
        return self._layer.backward(gradient, workspace, wants_inputs=wants_inputs)


def _usual(kind: str) -> list[Case]:
    """Put a block as it is declared on a vector, a column and maps, as far as it takes them."""
    cases = []
    for shape in ((5,), (6, 1), (2, 4, 3)):
        with suppress(ShapeError):
            kinds.KINDS[kind]().output_shape(shape)
            cases.append(Case(kinds.KINDS[kind](), shape))
    return cases


# A kind that is not named has the usual ones.
CASES: dict[str, list[Case]] = {
    **{kind: _usual(kind) for kind in kinds.KINDS},
    "conv": [
        Case(kinds.Conv(depth=1, kernel_size=1), (1, 1, 1)),
        Case(kinds.Conv(depth=3, kernel_size=3), (2, 6, 5)),
        Case(kinds.Conv(depth=2, kernel_size=2, bias="channel"), (3, 4, 7)),
        Case(kinds.Conv(depth=2, kernel_size=5), (1, 5, 5)),
        Case(kinds.Conv(depth=4, kernel_size=4, bias="channel"), (5, 5, 9)),
        Case(kinds.Conv(depth=2, kernel_size=3, stride=2), (2, 6, 7)),
        Case(kinds.Conv(depth=2, kernel_size=3, padding="same"), (2, 4, 5)),
        Case(
            kinds.Conv(depth=3, kernel_size=4, padding="same", stride=3, bias="channel"), (2, 5, 7)
        ),
        Case(kinds.Conv(depth=2, kernel_size=1, padding="same", stride=3), (1, 5, 6)),
        Case(kinds.Conv(depth=2, kernel_size=7, padding="same"), (1, 2, 1)),
    ],
    "depthwise_conv": [
        Case(kinds.DepthwiseConv(kernel_size=1), (1, 1, 1)),
        Case(kinds.DepthwiseConv(), (2, 6, 5)),
        Case(kinds.DepthwiseConv(stride=2), (3, 6, 7)),
        Case(kinds.DepthwiseConv(padding="same"), (2, 4, 5)),
        Case(kinds.DepthwiseConv(kernel_size=4, padding="same", stride=3), (2, 5, 7)),
        Case(kinds.DepthwiseConv(kernel_size=5, padding="same", stride=2), (1, 2, 3)),
        Case(kinds.DepthwiseConv(kernel_size=7), (2, 7, 8)),
        Case(kinds.DepthwiseConv(kernel_size=2, stride=3), (1, 5, 9)),
    ],
    "max_pool": [
        Case(kinds.MaxPool(), (2, 4, 6)),
        Case(kinds.MaxPool(size=1), (2, 2, 3)),
        Case(kinds.MaxPool(size=3, stride=2), (2, 7, 6)),
        Case(kinds.MaxPool(size=2, stride=3), (1, 5, 9)),
    ],
    "avg_pool": [
        Case(kinds.AvgPool(), (2, 4, 6)),
        Case(kinds.AvgPool(size=1), (2, 2, 3)),
        Case(kinds.AvgPool(size=3, stride=2), (2, 7, 6)),
        Case(kinds.AvgPool(size=2, stride=3), (1, 5, 9)),
    ],
    "global_avg_pool": [*_usual("global_avg_pool"), Case(kinds.GlobalAvgPool(), (3, 1, 1))],
    "dense": [
        Case(kinds.Dense(units=1), (1,)),
        Case(kinds.Dense(units=4), (7,)),
        Case(kinds.Dense(units=7), (4, 1)),
    ],
    "reshape": [
        Case(kinds.Reshape(), (3, 4, 2)),
        Case(kinds.Reshape(target_shape=(2, -1, 3)), (24,)),
        Case(kinds.Reshape(target_shape=(24, 1)), (2, 3, 4)),
    ],
    "leaky_relu": [
        Case(kinds.LeakyReLU(), (5,)),
        Case(kinds.LeakyReLU(slope=0.3), (6, 1)),
        Case(kinds.LeakyReLU(slope=0.0), (2, 4, 3)),
        Case(kinds.LeakyReLU(slope=1.0), (2, 4, 3)),
    ],
    "softmax": [*_usual("softmax"), Case(kinds.Softmax(), (1,))],
    "add": [
        Case(kinds.Add(source=1).joined(1, (5,)), (5,)),
        Case(kinds.Add(source=1).joined(1, (2, 4, 3)), (2, 4, 3)),
        Case(kinds.Add(source=1, through="conv").joined(1, (3, 4, 3)), (2, 4, 3)),
        Case(kinds.Add(source=1, through="conv", stride=2).joined(1, (1, 5, 4)), (2, 3, 2)),
    ],
    # This one, and BatchNorm, as they are when a network is tested; training has files of its own.
    "dropout": [*_usual("dropout"), Case(kinds.Dropout(rate=0.0), (6, 1))],
    "group_norm": [
        *_usual("group_norm"),
        Case(kinds.GroupNorm(groups=2), (6, 1)),
        Case(kinds.GroupNorm(groups=2), (4, 3, 3)),
        Case(kinds.GroupNorm(groups=3), (3, 5, 8)),
    ],
}


def cases_of(kind: str) -> list[Case]:
    """Return the cases of a kind; without any, fail in words."""
    assert CASES.get(kind), f"add representative blocks of the kind {kind!r} to CASES in cases.py"
    return CASES[kind]


@st.composite
def convolutions(
    draw: st.DrawFn,
    kernels: Sequence[int] = range(1, 8),
    strides: int = 3,
    maps: tuple[int, int] = (9, 9),
    side: int = 40,
) -> Case:
    """Draw convolutions from so many maps to so many, of both paddings and both biases."""
    size = draw(st.sampled_from(kernels))
    padding: Literal["valid", "same"] = draw(st.sampled_from(("valid", "same")))
    sides = st.integers(size if padding == "valid" else 1, side)
    block = kinds.Conv(
        depth=draw(st.integers(1, maps[1])),
        kernel_size=size,
        bias=draw(st.sampled_from(("position", "channel"))),
        padding=padding,
        stride=draw(st.integers(1, strides)),
    )
    return Case(block, (draw(st.integers(1, maps[0])), draw(sides), draw(sides)))


def formed(gradient: Gradient) -> Array:
    """Return a gradient as one array."""
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
