"""Snapshot: all that a network computes for one sample, block by block."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import DTypeLike, NDArray

from engine.array_types import Array, read_only
from engine.blocks.base import Group, OutputRange
from engine.data.dataset import Dataset
from engine.inputs.scaling import UNIT, Scaling
from engine.model.network import NO_ANSWER, Network, ParameterKey, answers
from engine.model.stack import BlockSlot, ShapeReport

MOST_WEIGHTS = 20_000  # of a Dense block, that a snapshot keeps
SamplePart = Literal["training", "validation", "test"]


@dataclass(frozen=True, eq=False)
class Sample:
    """The sample that is looked at: an image (1, h, w) of bytes, from a data set or drawn by hand.

    `index` is its place among the samples, None for a drawing; `part` says which samples these are,
    those held out for validation being counted among the training samples. `label` is its true
    class, None if it is not known. `classes` are the numbers of the network's outputs,
    `class_names` what these are called, the numbers themselves if nothing is said. `scaling` makes
    inputs of the image.
    """

    image: NDArray[np.uint8]
    classes: tuple[int, ...]
    index: int | None = None
    label: int | None = None
    class_names: tuple[str, ...] = ()
    scaling: Scaling = UNIT
    part: SamplePart = "test"

    def __post_init__(self) -> None:
        if not self.class_names:
            object.__setattr__(self, "class_names", tuple(str(number) for number in self.classes))

    @classmethod
    def of(cls, samples: Dataset, index: int, part: SamplePart = "test") -> "Sample":
        """Take one of some samples."""
        label = samples.classes[samples.labels[index]]
        names, scaling = samples.class_names, samples.scaling
        return cls(samples.images[index], samples.classes, index, label, names, scaling, part)

    @classmethod
    def drawn(cls, image: NDArray[np.uint8], samples: Dataset) -> "Sample":
        """Take a drawing in the place of one of some samples."""
        names, scaling = samples.class_names, samples.scaling
        return cls(image, samples.classes, class_names=names, scaling=scaling)

    @property
    def test_index(self) -> int | None:
        """The place among the test samples; None if it is none of these."""
        return self.index if self.part == "test" else None

    def inputs(self, dtype: DTypeLike) -> Array:
        """Return what a network gets of the image: (channels, h, w)."""
        return self.scaling.inputs(self.image, dtype)

    def name_of(self, number: int | None) -> str | None:
        """Return what a class is called; None: none is known."""
        return None if number is None else self.class_names[self.classes.index(number)]


@dataclass(frozen=True, eq=False)
class BlockSnapshot:
    """What one block makes of the sample: `values` are maps (n, h, w) or a vector (n,).

    A block with kernels (depth, channels, k, k) has them here, as they are and as they were when
    the run began; a Dense block of at most `MOST_WEIGHTS` has its weights (units, inputs) here.
    `output_range` is what its kind of block says of the values.
    """

    slot: int
    label: str
    group: Group
    values: Array
    kernels: Array | None = None
    first_kernels: Array | None = None
    output_range: OutputRange = "any"
    weights: Array | None = None


@dataclass(frozen=True, eq=False)
class Snapshot:
    """One sample on its way through a network; the arrays are never written to.

    `inputs` (channels, h, w) are what the network gets of the image; `outputs` are (classes,), or
    None if the blocks do not give one for each class. `position` is the time in epochs that it is
    of, None if that is not known.
    """

    sample: Sample
    inputs: Array
    outputs: Array | None
    blocks: tuple[BlockSnapshot, ...]
    position: float | None = 0.0

    @property
    def index(self) -> int | None:
        """The place of the sample among those of its data set; None for a drawing."""
        return self.sample.index

    @property
    def label(self) -> int | None:
        """The true class, None if it is not known."""
        return self.sample.label

    @property
    def class_name(self) -> str | None:
        """What the true class is called, None if it is not known."""
        return self.sample.name_of(self.label)

    @property
    def classes(self) -> tuple[int, ...]:
        """The numbers of the classes, one for each output."""
        return self.sample.classes

    @property
    def class_names(self) -> tuple[str, ...]:
        """What the classes are called."""
        return self.sample.class_names

    @property
    def predicted(self) -> int | None:
        """The class with the largest output; None if nothing is predicted, or it is not finite."""
        said = NO_ANSWER if self.outputs is None else int(answers(self.outputs))
        return None if said == NO_ANSWER else self.classes[said]

    @property
    def predicted_name(self) -> str | None:
        """What the predicted class is called; None if there is none."""
        return self.sample.name_of(self.predicted)

    @property
    def largest(self) -> float | None:
        """The largest output, as it is; None if nothing is predicted."""
        return None if self.outputs is None else float(self.outputs.max())

    def within(self, report: ShapeReport) -> "Snapshot":
        """Return what is still true of it after an edit: nothing behind the first block that fails.

        `report` is of the stack as it is now.
        """
        rows = report.front().rows
        fitting = 0
        for block, row in zip(self.blocks, rows, strict=False):
            if block.slot != row.slot.id or block.values.shape != row.output_shape:
                break
            fitting += 1
        whole = report.predicts and fitting == len(rows)
        return replace(self, outputs=self.outputs if whole else None, blocks=self.blocks[:fitting])


def take_snapshot(
    network: Network | None,
    sample: Sample,
    first_kernels: Mapping[int, Array] | None = None,
    position: float | None = 0.0,
) -> Snapshot:
    """Run one sample through the network and keep what every block makes of it.

    `first_kernels` are those with which the run began, by slot id, `position` the time in epochs.
    Without a network, the sample alone is seen.
    """
    dtype = np.dtype(np.float32) if network is None else network.dtype
    inputs = sample.inputs(dtype)[np.newaxis]
    if network is None:
        return Snapshot(sample, read_only(inputs[0]), None, ())
    activations = network.activations(inputs)
    blocks = []
    for layer, values in zip(network.layers, activations, strict=True):
        slot = layer.slot
        kernels = kernels_of(network, slot)
        blocks.append(
            BlockSnapshot(
                slot.id,
                slot.label,
                slot.block.group,
                read_only(values[0].reshape(layer.output_shape)),
                None if kernels is None else read_only(kernels.copy()),
                None if kernels is None else (first_kernels or {}).get(slot.id),
                slot.block.output_range,
                _few_weights(network, slot),
            )
        )
    outputs = read_only(activations[-1].reshape(-1)) if network.report.predicts else None
    return Snapshot(sample, read_only(inputs[0]), outputs, tuple(blocks), position)


def kernels_of(network: Network, slot: BlockSlot) -> Array | None:
    """Return the kernels (depth, channels, k, k) of a slot's block, None if it has none."""
    if not slot.known.most_kernels():
        return None
    return network.arrays[ParameterKey(slot.id, "weight")]


def _few_weights(network: Network, slot: BlockSlot) -> Array | None:
    """Copy the weights (units, inputs) of a Dense block; None if they are many, or it is none."""
    weights = network.arrays.get(ParameterKey(slot.id, "weight"))
    if weights is None or weights.ndim != 2 or weights.size > MOST_WEIGHTS:
        return None
    return read_only(weights.copy())


def copy_kernels(network: Network) -> dict[int, Array]:
    """Copy all kernels of a network, by slot id."""
    found = ((layer.slot.id, kernels_of(network, layer.slot)) for layer in network.layers)
    return {slot_id: read_only(kernels.copy()) for slot_id, kernels in found if kernels is not None}
