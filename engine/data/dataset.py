"""Labelled images in memory, and the batches that a network takes from them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from engine.array_types import Array, Shape
from engine.errors import DataError

Indices = NDArray[np.integer[Any]] | slice


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images with the class of each; its arrays are never written to.

    `images` are bytes (n, 1, height, width), `labels` (n,) are indices into `classes`, which are
    the ascending digits that the samples show. `name` says in messages where the samples are from.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    classes: tuple[int, ...]
    name: str = "this data set"

    def __post_init__(self) -> None:
        for field in ("images", "labels"):
            array = getattr(self, field).view()
            array.setflags(write=False)
            object.__setattr__(self, field, array)

    @classmethod
    def from_digits(
        cls, images: NDArray[np.uint8], digits: NDArray[np.uint8], name: str
    ) -> "Dataset":
        """Number the classes of images (n, height, width) by the digits (n,) that occur."""
        classes, labels = np.unique(digits, return_inverse=True)
        return cls(images[:, np.newaxis], labels.astype(np.int64), tuple(classes.tolist()), name)

    def __len__(self) -> int:
        return len(self.images)

    @property
    def input_shape(self) -> Shape:
        """Shape of one image: (1, height, width)."""
        return self.images.shape[1:]

    def select(self, classes: Collection[int] | None = None, limit: int | None = None) -> "Dataset":
        """Keep the first `limit` samples of each of `classes`, in their order, labels renumbered.

        No classes means all of them, no limit or 0 means all samples.
        Raises DataError if a class has no sample or the limit is negative.
        """
        wanted = tuple(sorted(set(classes or self.classes)))
        for name in wanted:
            if name not in self.classes:
                raise DataError(
                    f"Class {name} does not occur in {self.name}; its classes are "
                    f"{_list(self.classes)}. Choose among these."
                )
        if limit is not None and limit < 0:
            raise DataError(f"The limit per class is {limit}; give 0 (no limit) or more.")
        return self._keep(wanted, limit or None)

    def take(self, indices: NDArray[np.int64]) -> "Dataset":
        """Keep the samples at some places, in the order of these."""
        return Dataset(self.images[indices], self.labels[indices], self.classes, self.name)

    def matching(self, classes: tuple[int, ...]) -> "Dataset":
        """Keep the samples of `classes`, labelled as indices into these; some may have no sample.

        This makes test data fit a network that was trained on `classes`.
        Raises DataError if no sample is left.
        """
        kept = self._keep(classes, None)
        if len(kept) == 0:
            raise DataError(
                f"{self.name} shows {_list(self.classes)}, but the network tells "
                f"{_list(classes)} apart. Choose data of these classes."
            )
        return kept

    def batch_inputs(self, indices: Indices, dtype: DTypeLike = np.float32) -> Array:
        """Images as a network takes them: (n, 1, height, width), 0 for paper to 1 for ink."""
        batch: Array = self.images[indices].astype(dtype)
        batch *= 1 / 255
        return batch

    def batch_targets(self, indices: Indices, dtype: DTypeLike = np.float32) -> Array:
        """What the outputs should be: (n, classes), 1 at the sample's class and 0 elsewhere."""
        labels = self.labels[indices]
        one_hot: Array = np.zeros((len(labels), len(self.classes)), dtype)
        one_hot[np.arange(len(labels)), labels] = 1.0
        return one_hot

    def _keep(self, classes: tuple[int, ...], limit: int | None) -> "Dataset":
        digits = np.array(self.classes)[self.labels]
        kept = np.sort(np.concatenate([np.flatnonzero(digits == name)[:limit] for name in classes]))
        labels = np.searchsorted(classes, digits[kept])
        images = self.images if len(kept) == len(self) else self.images[kept]
        return Dataset(images, labels.astype(np.int64), classes, self.name)


def _list(classes: tuple[int, ...]) -> str:
    """Write classes for people: `0-9` where none is left out, else `0, 1, 7`."""
    first, last = classes[0], classes[-1]
    if len(classes) > 2 and last - first == len(classes) - 1:
        return f"{first}-{last}"
    return ", ".join(str(name) for name in classes)
