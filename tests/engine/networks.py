"""Small networks, batches and data sets for the tests of execution and training."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import DTypeLike

from engine import blocks as kinds
from engine.array_types import Array, Shape
from engine.blocks.base import Outer
from engine.compute.thread_pool import Pool
from engine.data import Dataset
from engine.model.network import Network, ParameterKey
from engine.model.stack import ShapeReport, Stack
from engine.model.weights import initial_weights
from engine.training.captured_step import Batch, StepResult

# The notebook's kinds of block, and a column on the way.
BLOCKS: tuple[kinds.KnownBlock, ...] = (
    kinds.Conv(depth=3, kernel_size=2),
    kinds.Tanh(),
    kinds.Conv(depth=2, kernel_size=3, bias="channel"),
    kinds.Sigmoid(),
    kinds.Reshape(target_shape=(-1, 1)),
    kinds.Dense(units=5),
    kinds.Sigmoid(),
    kinds.Dense(units=3),
    kinds.Sigmoid(),
)
# The other kinds.
MODERN: tuple[kinds.KnownBlock, ...] = (
    kinds.Conv(depth=4, kernel_size=3, padding="same", bias="channel"),
    kinds.BatchNorm(),
    kinds.LeakyReLU(slope=0.1),
    kinds.MaxPool(),
    kinds.Conv(depth=5, kernel_size=2, padding="same", stride=2),
    kinds.ReLU(),
    kinds.AvgPool(size=2, stride=1),
    kinds.Reshape(),
    kinds.Dropout(rate=0.3),
    kinds.Dense(units=6),
    kinds.BatchNorm(),
    kinds.Tanh(),
    kinds.Dense(units=3),
    kinds.Softmax(),
)
# Every kind that applies one function to every value.
POINTWISE: tuple[kinds.KnownBlock, ...] = (
    kinds.Conv(depth=2, kernel_size=3),
    *(kinds.KINDS[kind]() for kind in kinds.POINTWISE),
    kinds.Reshape(),
    kinds.Dense(units=3),
    kinds.Softmax(),
)
# Residual groups: the output of an earlier block is added, as it is and through a 1×1 Conv.
RESIDUAL: tuple[kinds.KnownBlock, ...] = (
    kinds.Conv(depth=3, padding="same", bias="channel"),
    kinds.ReLU(),
    kinds.DepthwiseConv(padding="same"),
    kinds.BatchNorm(),
    kinds.Add(source=2),
    kinds.ReLU(),
    kinds.Conv(depth=4, padding="same", stride=2, bias="channel"),
    kinds.GroupNorm(groups=2),
    kinds.Add(source=6, through="conv", stride=2),
    kinds.Add(source=8),
    kinds.GlobalAvgPool(),
    kinds.Dense(units=4),
    kinds.Add(source=11),
    kinds.Dense(units=3),
    kinds.Softmax(),
)
INPUT_SHAPE = (1, 6, 6)
CLASSES = 3


@dataclass(frozen=True)
class ArrayBatch:
    """Samples that are there as arrays already."""

    samples: Array
    wanted: Array

    def __len__(self) -> int:
        return len(self.samples)

    def inputs(self, part: slice, dtype: DTypeLike, pool: Pool | None = None) -> Array:
        return self.samples[part].astype(dtype)

    def targets(self, part: slice, dtype: DTypeLike) -> Array:
        return self.wanted[part].astype(dtype)

    @property
    def source(self) -> None:
        return None

    def held(self, dtype: DTypeLike) -> "HeldArrays":
        return HeldArrays(self.samples.astype(dtype), self.wanted.astype(dtype))

    def part(self, part: slice) -> "ArrayBatch":
        return ArrayBatch(self.samples[part], self.wanted[part])


class HeldArrays(ArrayBatch):
    """Arrays that the samples of other batches are put into."""

    def load(self, batch: Batch) -> None:
        whole = slice(0, len(self))
        self.samples[...] = batch.inputs(whole, self.samples.dtype)
        self.wanted[...] = batch.targets(whole, self.wanted.dtype)

    def inputs(self, part: slice, dtype: DTypeLike, pool: Pool | None = None) -> Array:
        return self.samples[part]

    def targets(self, part: slice, dtype: DTypeLike) -> Array:
        return self.wanted[part]


def fitting(
    blocks: Sequence[kinds.KnownBlock] = BLOCKS,
    input_shape: Shape = INPUT_SHAPE,
    classes: int = CLASSES,
    loss: str = "bce",
) -> ShapeReport:
    """Check a stack that is meant to fit."""
    report = Stack(input_shape=input_shape).appended(*blocks).check(classes, loss)
    assert report.problem is None, report.problem
    return report


def locking(
    report: ShapeReport,
    blocks: tuple[int, ...] = (),
    kernels: dict[int, tuple[int, ...]] | None = None,
) -> ShapeReport:
    """Check the same stack again, with locks."""
    slots = tuple(
        replace(
            row.slot,
            locked=row.slot.id in blocks,
            locked_kernels=(kernels or {}).get(row.slot.id, ()),
        )
        for row in report.rows
    )
    return replace(
        report,
        rows=tuple(replace(row, slot=slot) for row, slot in zip(report.rows, slots, strict=True)),
    )


def network(report: ShapeReport, dtype: DTypeLike = np.float64, seed: int = 0) -> Network:
    """Make a network whose outputs stay off their ends, with biases; the same in every type."""
    weights = initial_weights(report, seed, "lecun", dtype=dtype)
    rng = np.random.default_rng(seed)
    for arrays in weights.values():
        for name, array in arrays.items():
            if name in ("bias", "running_mean"):
                array[...] = rng.normal(0, 0.5, array.shape)
            elif array.ndim == 1:  # scales and variances of BatchNorm
                array[...] = rng.uniform(0.5, 1.5, array.shape)
    return Network(report, weights, dtype)


def batch(
    samples: int, input_shape: Shape = INPUT_SHAPE, classes: int = CLASSES, seed: int = 1
) -> ArrayBatch:
    """Draw a batch of all different samples with one-hot targets."""
    rng = np.random.default_rng(seed)
    inputs = rng.uniform(0, 1, (samples, *input_shape))
    return ArrayBatch(inputs, np.eye(classes)[rng.integers(0, classes, samples)])


def dataset(samples: int, seed: int = 2) -> Dataset:
    """Draw images of noise that are brighter at a place which their class decides."""
    rng = np.random.default_rng(seed)
    digits = np.arange(samples, dtype=np.uint8) % CLASSES
    images = rng.integers(0, 120, (samples, 6, 6)).astype(np.uint8)
    for image, digit in zip(images, digits, strict=True):
        image[2 * digit : 2 * digit + 2] += 100
    return Dataset.from_numbers(images, digits, "the made-up samples")


def predict(network: Network, inputs: Array) -> Array:
    """Return the outputs (n, classes) for a small batch of inputs."""
    return network.activations(inputs)[-1].reshape(len(inputs), -1)


def summed(result: StepResult) -> dict[ParameterKey, Array]:
    """Form the gradients of a step, each as one array."""
    return {
        key: np.sum([p.formed() if isinstance(p, Outer) else p for p in parts], axis=0)
        for key, parts in result.gradients.items()
    }
