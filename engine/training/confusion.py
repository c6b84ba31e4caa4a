"""Which classes a network confuses, and the scores that follow from it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array
from engine.data.balance import is_unbalanced


class Confused(NamedTuple):
    """A class that was taken for another: their numbers, of how many samples, and their share."""

    true: int
    said: int
    samples: int
    share: float


@dataclass(frozen=True, eq=False)
class Confusion:
    """How often a class was taken for another: `counts[i, j]` samples of class i, taken for j.

    A score that would divide by nothing is NaN.
    """

    counts: NDArray[np.int64]

    @classmethod
    def of(cls, labels: NDArray[np.integer[Any]], outputs: Array) -> "Confusion":
        """Count over samples with true classes (n,) and outputs (n, classes); the largest wins."""
        classes = outputs.shape[1]
        cells = labels * classes + outputs.argmax(axis=1)
        counts = np.bincount(cells, minlength=classes * classes)
        return cls(counts.reshape(classes, classes))

    @property
    def samples(self) -> int:
        """How many samples were counted."""
        return int(self.counts.sum())

    @property
    def right(self) -> int:
        """How many samples were taken for what they are."""
        return int(np.trace(self.counts))

    @property
    def accuracy(self) -> float:
        """The share of the samples that were taken for what they are."""
        return self.right / self.samples if self.samples else float("nan")

    @property
    def balanced_accuracy(self) -> float:
        """The mean over the classes of the share that was found: small classes count as much.

        It says more than the accuracy where one class has many more samples than another.
        """
        found = self.recall[~np.isnan(self.recall)]
        return float(found.mean()) if len(found) else float("nan")

    @property
    def is_unbalanced(self) -> bool:
        """Whether the classes are so unequal in number that the accuracy misleads."""
        return is_unbalanced(self.counts.sum(axis=1))

    @cached_property
    def rates(self) -> Array:
        """The counts as shares of their true class: every row with samples adds up to 1."""
        return _share(self.counts, self.counts.sum(axis=1, keepdims=True))

    @cached_property
    def recall(self) -> Array:
        """The share of the samples of each class that was found."""
        return _share(np.diag(self.counts), self.counts.sum(axis=1))

    @cached_property
    def precision(self) -> Array:
        """The share of what was taken for each class that is of this class."""
        return _share(np.diag(self.counts), self.counts.sum(axis=0))

    @cached_property
    def f1(self) -> Array:
        """The harmonic mean of precision and recall: 2 · found / (found + missed + mistaken)."""
        both = self.counts.sum(axis=1) + self.counts.sum(axis=0)
        return _share(2 * np.diag(self.counts), both)

    def most_frequent(self, most: int) -> list[Confused]:
        """Return what was confused, the most samples first, but no more than so many pairs."""
        wrong = self.counts.copy()
        np.fill_diagonal(wrong, 0)
        order = np.argsort(-wrong, axis=None, kind="stable")[:most]
        places = [divmod(place, len(wrong)) for place in order.tolist()]
        return [
            Confused(true, said, int(wrong[true, said]), float(self.rates[true, said]))
            for true, said in places
            if wrong[true, said]
        ]


def _share(part: NDArray[np.int64], whole: NDArray[np.int64]) -> Array:
    """Divide; nothing by nothing is NaN."""
    whole = np.broadcast_to(whole, part.shape)
    shares: Array = np.full(part.shape, np.nan)
    np.divide(part, whole, out=shares, where=whole > 0)
    return shares
