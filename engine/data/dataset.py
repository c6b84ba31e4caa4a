"""Labelled images, and the batches that a network takes from them."""

import hashlib
import itertools
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from engine.array_types import Array, Shape
from engine.data.images import LARGE, Images, blocks, subset
from engine.data.names import LISTED, listed, listed_numbers
from engine.errors import DataError
from engine.inputs.scaling import UNIT, Scaling

UNBALANCED = 3  # times as many samples in the largest class as in the smallest
Indices = NDArray[np.integer[Any]] | slice


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images with the class of each; its arrays are never written to.

    `images` are bytes (n, channels, height, width), of one channel if they are grey and of three
    if they are red, green and blue. `labels` (n,) are indices into `classes`, which are the
    ascending numbers of the classes that the samples show; `class_names` are what these are called,
    the numbers themselves if nothing is said. `name` says in messages where the samples are from;
    `files` (n,) are the files that the images are from, if each has one of its own. `scaling` makes
    inputs of the bytes.
    """

    images: Images
    labels: NDArray[np.int64]
    classes: tuple[int, ...]
    name: str = "this data set"
    class_names: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    scaling: Scaling = UNIT

    def __post_init__(self) -> None:
        if not self.class_names:
            object.__setattr__(self, "class_names", tuple(str(number) for number in self.classes))
        for field in ("images", "labels"):
            array = getattr(self, field)
            if isinstance(array, np.ndarray):
                array = array.view()
                array.setflags(write=False)
                object.__setattr__(self, field, array)

    @classmethod
    def from_numbers(
        cls,
        images: Images,
        numbers: NDArray[np.integer[Any]],
        name: str,
        class_names: Sequence[str] = (),
        files: tuple[str, ...] = (),
    ) -> "Dataset":
        """Take the numbers (n,) of the classes of images; classes are those that occur.

        The images are (n, height, width), or (n, channels, height, width). Of `class_names`, if
        there are any, entry i is what class i is called; a class beyond them is called its number.
        """
        if isinstance(images, np.ndarray) and images.ndim == 3:
            images = images[:, np.newaxis]
        found, labels = np.unique(numbers, return_inverse=True)
        classes = tuple(found.tolist())
        known = dict(enumerate(class_names))
        names = tuple(known.get(number, str(number)) for number in classes)
        return cls(images, labels.astype(np.int64), classes, name, names, files)

    def __len__(self) -> int:
        return len(self.images)

    @property
    def input_shape(self) -> Shape:
        """Shape of one image: (channels, height, width)."""
        return self.images.shape[1:]

    @property
    def is_named(self) -> bool:
        """Whether the classes have names of their own, and not only their numbers."""
        return self.class_names != tuple(str(number) for number in self.classes)

    def select(self, classes: Collection[int] | None = None, limit: int | None = None) -> "Dataset":
        """Keep the first `limit` samples of each of `classes`, in their order, labels renumbered.

        No classes means all of them, no limit or 0 means all samples.
        Raises DataError if a class has no sample or the limit is negative.
        """
        wanted = tuple(sorted(set(classes or self.classes)))
        for number in wanted:
            if number not in self.classes:
                raise DataError(
                    f"Class {number} does not occur in {self.name}; its classes are "
                    f"{self._listed()}. Choose among these."
                )
        if limit is not None and limit < 0:
            raise DataError(f"The limit per class is {limit}; give 0 (no limit) or more.")
        return self._keep(wanted, limit or None)

    def scaled(self, scaling: Scaling | None) -> "Dataset":
        """Return the same samples with another scaling; None leaves them as they are."""
        return self if scaling in (None, self.scaling) else replace(self, scaling=scaling)

    def take(self, indices: NDArray[np.int64]) -> "Dataset":
        """Keep the samples at some places, in the order of these."""
        return replace(
            self,
            images=subset(self.images, indices),
            labels=self.labels[indices],
            files=self._files_at(indices),
        )

    def of_each_class(self, most: int) -> NDArray[np.intp]:
        """Return the places of so many samples: the first of each class, then the second ones."""
        turn = np.empty(len(self), np.intp)
        for label in range(len(self.classes)):
            (of_class,) = np.nonzero(self.labels == label)
            turn[of_class] = np.arange(len(of_class))
        return np.lexsort((self.labels, turn))[:most]

    def matching(self, classes: tuple[int, ...]) -> "Dataset":
        """Keep the samples of `classes`, labelled as indices into these; some may have no sample.

        This makes test data fit a network that was trained on `classes`.
        Raises DataError if no sample is left.
        """
        kept = self._keep(classes, None)
        if len(kept) == 0:
            raise DataError(
                f"{self.name} shows {self._listed()}, but the network tells "
                f"{listed_numbers(classes)} apart. Choose data of these classes."
            )
        return kept

    def batch_inputs(self, indices: Indices, dtype: DTypeLike = np.float32) -> Array:
        """Images as a network takes them: (n, channels, height, width), scaled."""
        return self.scaling.inputs(self.images[indices], dtype)

    def batch_targets(self, indices: Indices, dtype: DTypeLike = np.float32) -> Array:
        """What the outputs should be: (n, classes), 1 at the sample's class and 0 elsewhere."""
        labels = self.labels[indices]
        targets = np.zeros((len(labels), len(self.classes)), dtype)
        targets[np.arange(len(labels)), labels] = 1.0
        return targets

    def _keep(self, classes: tuple[int, ...], limit: int | None) -> "Dataset":
        numbers = np.array(self.classes)[self.labels]
        kept = np.sort(
            np.concatenate([np.flatnonzero(numbers == each)[:limit] for each in classes])
        )
        labels = np.searchsorted(classes, numbers[kept])
        images = self.images if len(kept) == len(self) else subset(self.images, kept)
        called = dict(zip(self.classes, self.class_names, strict=True))
        names = tuple(called.get(number, str(number)) for number in classes)
        files = self._files_at(kept)
        return replace(
            self,
            images=images,
            labels=labels.astype(np.int64),
            classes=classes,
            class_names=names,
            files=files,
        )

    def _files_at(self, places: NDArray[np.integer[Any]]) -> tuple[str, ...]:
        return tuple(self.files[place] for place in places) if self.files else ()

    def _listed(self) -> str:
        """Write the classes for people, with their names where they have any."""
        if not self.is_named:
            return listed_numbers(self.classes)
        pairs = zip(self.classes, self.class_names, strict=True)
        return listed([f"{number} ({name})" for number, name in pairs], LISTED)


def is_unbalanced(counts: NDArray[np.integer[Any]]) -> bool:
    """Return whether numbers of samples per class (classes,) are clearly unequal.

    Classes without samples do not count: no accuracy speaks of them.
    """
    there = counts[counts > 0]
    return len(there) > 1 and int(there.max()) >= UNBALANCED * int(there.min())


def fingerprint(*parts: Dataset) -> str:
    """Return the fingerprint of the images, labels and classes of some samples.

    Of very many images, of which not all are held in memory, it is that of some all over them.
    """
    digest = hashlib.sha256()
    for part in parts:
        digest.update(repr((part.images.shape, part.classes, part.class_names)).encode())
        digest.update(np.ascontiguousarray(part.labels, dtype="<i8").data)
        _add_images(digest, part.images)
    return digest.hexdigest()


def _add_images(digest: "hashlib._Hash", images: Images) -> None:
    step = math.ceil(math.prod(images.shape) / LARGE)
    for block in itertools.islice(blocks(images), 0, None, max(1, step)):
        digest.update(np.ascontiguousarray(images[block]).data)
