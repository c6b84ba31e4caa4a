"""DatasetBatch: some samples of a data set, and the memory in which those of a step stand."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike, NDArray

from engine.array_types import Array
from engine.compute.numerics import numerics
from engine.compute.thread_pool import Pool
from engine.data.dataset import Dataset
from engine.data.images import Bytes
from engine.inputs.scaling import Scaling
from engine.training.augmentation import Augmentation
from engine.training.captured_step import Batch


@dataclass(frozen=True)
class DatasetBatch:
    """Some samples of a data set, augmented (in training) and scaled when their turn comes."""

    dataset: Dataset
    indices: NDArray[np.int64]
    augmentation: Augmentation | None = None

    def __len__(self) -> int:
        return len(self.indices)

    def inputs(self, part: slice, dtype: DTypeLike, pool: Pool | None = None) -> Array:
        """Return the inputs (n, C, H, W) of a part of the batch."""
        images = self.images(part)
        inputs = np.empty(images.shape, dtype)
        numbers = self.dataset.scaling.numbers(images.shape[1], dtype)
        numerics().scale_images(images, *numbers, inputs, pool)
        return inputs

    def images(self, part: slice) -> Bytes:
        """Return the images (n, C, H, W) of a part of the batch, augmented."""
        indices = self.indices[part]
        images = self.dataset.images[indices]
        return images if self.augmentation is None else self.augmentation.apply(images, indices)

    def targets(self, part: slice, dtype: DTypeLike) -> Array:
        """Return the one-hot targets (n, classes) of a part of the batch."""
        return self.dataset.batch_targets(self.indices[part], dtype)

    def held(self, dtype: DTypeLike) -> "HeldImages":
        """Make memory for batches of as many samples."""
        shape = len(self), *self.dataset.input_shape
        return HeldImages(shape, len(self.dataset.classes), dtype)


class HeldImages:
    """A batch whose arrays stay where they are, whatever images are put into them."""

    def __init__(self, shape: tuple[int, ...], classes: int, dtype: DTypeLike) -> None:
        self._images, self._inputs = np.empty(shape, np.uint8), np.empty(shape, dtype)
        self._targets = np.empty((shape[0], classes), dtype)
        self._factors, self._shifts = np.empty((2, shape[1]), dtype)
        self._scaling: Scaling | None = None

    def __len__(self) -> int:
        return len(self._images)

    def load(self, batch: Batch) -> None:
        """Take the samples of another batch of this size."""
        assert isinstance(batch, DatasetBatch), "it is made by one"
        whole, images = slice(0, len(self)), batch.dataset.images
        if batch.augmentation is None and isinstance(images, np.ndarray):
            # Straight to their place: memory of another array would cost more than the copy.
            np.take(images, batch.indices, axis=0, out=self._images, mode="clip")
        else:
            np.copyto(self._images, batch.images(whole))
        np.copyto(self._targets, batch.targets(whole, self._targets.dtype))
        scaling = batch.dataset.scaling
        if scaling is not self._scaling:
            self._scaling = scaling
            self._factors[:], self._shifts[:] = scaling.numbers(
                len(self._factors), self._inputs.dtype
            )

    def inputs(self, part: slice, dtype: DTypeLike, pool: Pool | None = None) -> Array:
        """Return the inputs (n, C, H, W) of a part of the batch, made of its images."""
        inputs = self._inputs[part]
        numerics().scale_images(self._images[part], self._factors, self._shifts, inputs, pool)
        return inputs

    def targets(self, part: slice, dtype: DTypeLike) -> Array:
        """Return the targets (n, classes) of a part of the batch."""
        return self._targets[part]
