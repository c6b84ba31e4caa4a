"""Which images are equal, by fingerprints of their pixels, and which have one colour only."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.data.images import Images, blocks
from engine.data.parts import Samples

ReportProgress = Callable[[float], None]
_DIGEST_BYTES = 16  # so many that two different images never share a fingerprint

Places = NDArray[np.intp]


class Looked(NamedTuple):
    """The fingerprint (n,) of each image, and whether it is constant (n,)."""

    digests: NDArray[np.void]
    constant: NDArray[np.bool_]


def look(images: Images, report: ReportProgress = lambda _fraction: None) -> Looked:
    """Look at all images, some at a time; `report` is told the share done, and may raise."""
    digests = np.empty((len(images), _DIGEST_BYTES), dtype=np.uint8)
    constant = np.empty(len(images), dtype=bool)
    for places in blocks(images):
        block = images[places]
        rows = np.ascontiguousarray(block).reshape(len(block), -1)
        found = b"".join(
            hashlib.blake2b(row.data, digest_size=_DIGEST_BYTES).digest() for row in rows
        )
        digests[places] = np.frombuffer(found, np.uint8).reshape(len(block), -1)
        channels = rows.reshape(*block.shape[:2], -1)
        constant[places] = (channels == channels[:, :, :1]).all(axis=(1, 2))
        report(places.stop / len(images))
    return Looked(digests.view(f"V{_DIGEST_BYTES}")[:, 0], constant)


@dataclass(frozen=True, eq=False)
class EqualImages:
    """Groups of equal images among those of both parts, the training samples first.

    `groups` (n,) is the number of the group of each image, in the order of their first images,
    `labels` (n,) its class, and `training` is how many are for training.
    """

    groups: NDArray[np.intp]
    labels: NDArray[np.int64]
    training: int

    @classmethod
    def of(
        cls, training: Looked, test: Looked, labels: tuple[NDArray[np.int64], NDArray[np.int64]]
    ) -> "EqualImages":
        """Group the images of both parts, which have these labels, by their fingerprints."""
        digests = np.concatenate([training.digests, test.digests])
        _, first, groups = np.unique(digests, return_index=True, return_inverse=True)
        ranks = np.empty_like(first)
        ranks[np.argsort(first)] = np.arange(len(first))
        return cls(ranks[groups], np.concatenate(labels), len(training.digests))

    def copies(self, *, as_one_part: bool) -> int:
        """Count the images beyond the first of each group in a part."""
        parts = (self.groups,) if as_one_part else np.split(self.groups, [self.training])
        return sum(len(part) - len(np.unique(part)) for part in parts)

    def repeated(self, *, as_one_part: bool) -> Places:
        """Return where the images are that are in a part more than once, equal ones together."""
        if as_one_part:
            return self._together(self._counts[self.groups] > 1)
        ours = self._in_training[self.groups] > 1
        theirs = (self._counts - self._in_training)[self.groups] > 1
        return self._together(np.where(self._is_training, ours, theirs))

    @cached_property
    def leaks(self) -> Places:
        """Where the test images are that are also in training."""
        return np.flatnonzero(~self._is_training & self._in_both[self.groups])

    @cached_property
    def in_both_parts(self) -> Places:
        """Where the images are that are in both parts, equal ones together."""
        return self._together(self._in_both[self.groups])

    @cached_property
    def conflicts(self) -> Places:
        """Where the images are that have several labels, equal ones together."""
        several = self._together(self._counts[self.groups] > 1)
        if not len(several):
            return several
        groups, labels = self.groups[several], self.labels[several]
        starts = np.flatnonzero(np.diff(groups, prepend=-1))
        differ = np.minimum.reduceat(labels, starts) < np.maximum.reduceat(labels, starts)
        return several[np.repeat(differ, np.diff(starts, append=len(several)))]

    @cached_property
    def once_in_training(self) -> Places:
        """Where the training images are that are the first of their group.

        Groups that are in the test part as well, or have several labels, are left out.
        """
        _, first = np.unique(self.groups[: self.training], return_index=True)
        firsts = np.sort(first)
        out = self._in_both.copy()
        out[self.groups[self.conflicts]] = True
        return firsts[~out[self.groups[firsts]]]

    def different(self, places: Places) -> int:
        """Count the different images at some places."""
        return len(np.unique(self.groups[places]))

    def _together(self, wanted: NDArray[np.bool_]) -> Places:
        places = np.flatnonzero(wanted)
        return places[np.argsort(self.groups[places], kind="stable")]

    @cached_property
    def _is_training(self) -> NDArray[np.bool_]:
        return np.arange(len(self.groups)) < self.training

    @cached_property
    def _counts(self) -> NDArray[np.intp]:
        return np.bincount(self.groups)

    @cached_property
    def _in_training(self) -> NDArray[np.intp]:
        return np.bincount(self.groups[: self.training], minlength=len(self._counts))

    @cached_property
    def _in_both(self) -> NDArray[np.bool_]:
        return (self._in_training > 0) & (self._in_training < self._counts)


def without_copies(training: Samples, test: Samples | None) -> Samples:
    """Keep one of equal training images: none, if the test part has it too or the labels differ."""
    if test is None:
        test = training.take(np.empty(0, np.intp))
    looks = look(training.images), look(test.images)
    equal = EqualImages.of(*looks, (training.numbers, test.numbers))
    return training.take(equal.once_in_training)
