"""DatasetBatch: some samples of a data set, and the memory in which those of a step stand."""

import math
from collections.abc import Hashable
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import DTypeLike, NDArray

from engine import random_streams
from engine.array_types import Array
from engine.compute.numerics import numerics as usual_numerics
from engine.compute.plain_numerics import Numerics
from engine.compute.thread_pool import Pool
from engine.data.dataset import Dataset
from engine.data.image_form import GREY_VALUES
from engine.data.images import Bytes
from engine.model.settings import Settings
from engine.training.captured_step import Batch


@dataclass(frozen=True)
class Augmentation:
    """How the training images of one epoch are changed.

    What becomes of an image depends on the seed, the epoch and its place among the training
    samples, and on nothing else: not on the batch that it is in, nor on the thread.
    """

    settings: Settings
    key: np.uint64

    @classmethod
    def of(cls, settings: Settings, epoch: int) -> "Augmentation | None":
        """Return how the settings change images in an epoch; None if they leave them alone."""
        changes = settings.shift, settings.rotate, settings.zoom, settings.noise, settings.flip
        if not any(changes):
            return None
        return cls(settings, random_streams.key(settings.seed, "augmentation", epoch=epoch))

    def apply(
        self, images: Bytes, places: NDArray[np.int64], numerics: Numerics | None = None
    ) -> Bytes:
        """Change images (n, channels, H, W) from some places (n,) among the training samples."""
        settings, changed = self.settings, images.copy()  # a change may be so small that it is none
        (numerics or usual_numerics()).augment(
            images,
            places,
            self.key,
            settings.shift,
            math.radians(settings.rotate),
            settings.zoom / 100,
            settings.noise * 255,
            settings.flip,
            GREY_VALUES[settings.background],
            changed,
        )
        return changed


class DatasetBatch(msgspec.Struct, frozen=True, eq=False):
    """Some samples of a data set, augmented (in training) and scaled when their turn comes."""

    dataset: Dataset
    indices: NDArray[np.int64]
    augmentation: Augmentation | None = None
    numerics: Numerics = msgspec.field(default_factory=usual_numerics)

    def __len__(self) -> int:
        return len(self.indices)

    @property
    def source(self) -> Hashable:
        """Say what the samples are of: a data set, as it is or augmented."""
        return self.dataset, self.augmentation is None

    def inputs(self, part: slice, dtype: DTypeLike, pool: Pool | None = None) -> Array:
        """Return the inputs (n, C, H, W) of a part of the batch."""
        images, places = self.in_memory(), np.array(self.indices[part])
        if images is None:
            images, places = self.images(part), np.arange(len(places))
        inputs = np.empty((len(places), *self.dataset.input_shape), dtype)
        numbers = self.dataset.scaling.numbers(inputs.shape[1], dtype)
        self.numerics.scale_images(images, places, *numbers, inputs, pool)
        return inputs

    def in_memory(self) -> Bytes | None:
        """Return all images of the data set, if they lie in memory as the batch shows them."""
        images = self.dataset.images
        if self.augmentation is not None or not isinstance(images, np.ndarray):
            return None
        return images if images.flags.c_contiguous else None

    def images(self, part: slice) -> Bytes:
        """Return the images (n, C, H, W) of a part of the batch, augmented."""
        indices = self.indices[part]
        images = self.dataset.images[indices]
        if self.augmentation is None:
            return images
        return self.augmentation.apply(images, indices, self.numerics)

    def targets(self, part: slice, dtype: DTypeLike) -> Array:
        """Return the one-hot targets (n, classes) of a part of the batch."""
        return self.dataset.batch_targets(self.indices[part], dtype)

    def held(self, dtype: DTypeLike) -> "HeldImages":
        """Make memory for batches of as many samples of the same source."""
        return HeldImages(self, dtype)


class HeldImages:
    """A batch whose arrays stay where they are, whatever samples of its source are put into them.

    Images in memory are read where they lie, as labels are; others are copied.
    """

    def __init__(self, batch: DatasetBatch, dtype: DTypeLike) -> None:
        self._numerics = batch.numerics
        dataset, shape = batch.dataset, (len(batch), *batch.dataset.input_shape)
        images = batch.in_memory()
        self._source, self._copies = batch.source, images is None
        self._images = np.empty(shape, np.uint8) if images is None else images
        self._indices = np.arange(len(batch))
        self._places = np.arange(len(batch)) if images is None else self._indices
        self._inputs = np.empty(shape, dtype)
        self._labels = dataset.labels
        self._targets = np.empty((len(batch), len(dataset.classes)), dtype)
        self._numbers = dataset.scaling.numbers(shape[1], dtype)

    def __len__(self) -> int:
        return len(self._indices)

    def load(self, batch: Batch) -> None:
        """Take other samples, as many, of the same source."""
        assert isinstance(batch, DatasetBatch), "it is made by one"
        assert batch.source == self._source, "captured steps are kept by their source"
        self._indices[...] = batch.indices
        if self._copies:
            self._images[...] = batch.images(slice(0, len(self)))

    def inputs(self, part: slice, dtype: DTypeLike, pool: Pool | None = None) -> Array:
        """Return the inputs (n, C, H, W) of a part of the batch, made of its images."""
        inputs = self._inputs[part]
        self._numerics.scale_images(self._images, self._places[part], *self._numbers, inputs, pool)
        return inputs

    def targets(self, part: slice, dtype: DTypeLike) -> Array:
        """Return the targets (n, classes) of a part of the batch, made of its labels."""
        targets = self._targets[part]
        self._numerics.one_hot(self._labels, self._indices[part], targets)
        return targets
