"""Evaluation: what a network says of labelled samples, and how often it is right."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array
from engine.data.dataset import Dataset, is_unbalanced
from engine.model.network import NO_ANSWER, answers
from engine.training.dataset_batch import DatasetBatch
from engine.training.executor import Executor


class Confused(NamedTuple):
    """A class that was taken for another: their numbers, of how many samples, and their share."""

    true: int
    said: int
    samples: int
    share: float


@dataclass(frozen=True, eq=False)
class Confusion:
    """How often a class was taken for another: `counts[i, j]` samples of class i, taken for j.

    `unanswered[i]` samples of class i are taken for none: their outputs are not finite. They count
    among the samples, as ones that were not found. A score that would divide by nothing is NaN.
    """

    counts: NDArray[np.int64]
    unanswered: NDArray[np.int64] = field(default_factory=lambda: np.zeros((), np.int64))

    @classmethod
    def of(cls, labels: NDArray[np.integer[Any]], outputs: Array) -> "Confusion":
        """Count over samples with true classes (n,) and outputs (n, classes); the largest wins."""
        classes, said = outputs.shape[1], answers(outputs)
        is_said = said != NO_ANSWER
        cells = labels[is_said] * classes + said[is_said]
        counts = np.bincount(cells, minlength=classes * classes)
        unanswered = np.bincount(labels[~is_said], minlength=classes)
        return cls(counts.reshape(classes, classes), unanswered)

    @classmethod
    def total(cls, parts: Sequence["Confusion"]) -> "Confusion":
        """Return the counts of all parts together."""
        counts = np.sum([part.counts for part in parts], axis=0)
        return cls(counts, np.sum([part.unanswered for part in parts], axis=0))

    @cached_property
    def of_class(self) -> NDArray[np.int64]:
        """How many samples there are of each class."""
        samples: NDArray[np.int64] = self.counts.sum(axis=1) + self.unanswered
        return samples

    @property
    def samples(self) -> int:
        """How many samples were counted."""
        return int(self.of_class.sum())

    @property
    def without_answer(self) -> int:
        """How many samples were taken for no class."""
        return int(self.unanswered.sum())

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
        return is_unbalanced(self.of_class)

    @cached_property
    def rates(self) -> Array:
        """The counts as shares of their true class: a row adds up to 1 if all were answered."""
        return _share(self.counts, self.of_class[:, np.newaxis])

    @cached_property
    def recall(self) -> Array:
        """The share of the samples of each class that was found."""
        return _share(np.diag(self.counts), self.of_class)

    @cached_property
    def precision(self) -> Array:
        """The share of what was taken for each class that is of this class."""
        return _share(np.diag(self.counts), self.counts.sum(axis=0))

    @cached_property
    def f1(self) -> Array:
        """The harmonic mean of precision and recall: 2 · found / (found + missed + mistaken)."""
        both = self.of_class + self.counts.sum(axis=0)
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


_BLOCK = 65_536  # samples whose losses are computed together


@dataclass(frozen=True)
class Evaluation:
    """The outcome over a data set.

    `outputs` (n, classes) are in the order of the data set, and are not written to.
    """

    samples: int
    accuracy: float
    loss: float
    confusion: Confusion
    outputs: Array


def evaluate(executor: Executor, dataset: Dataset) -> Evaluation:
    """Run the executor's network over all samples of a data set, in blocks.

    Raises InterruptedWorkError if the executor is interrupted.
    """
    everything = np.arange(len(dataset))
    outputs = executor.outputs(DatasetBatch(dataset, everything, numerics=executor.numerics))
    outputs.setflags(write=False)
    loss_sum, parts = 0.0, []
    for start in range(0, len(outputs), _BLOCK):  # or targets and their like take most memory
        part = slice(start, start + _BLOCK)
        targets = dataset.batch_targets(part, outputs.dtype)
        loss_sum += float(
            executor.loss.values(outputs[part], targets, executor.numerics).sum(dtype=np.float64)
        )
        parts.append(Confusion.of(dataset.labels[part], outputs[part]))
    confusion = Confusion.total(parts)
    return Evaluation(
        samples=len(dataset),
        accuracy=confusion.accuracy,
        loss=loss_sum / len(outputs),
        confusion=confusion,
        outputs=outputs,
    )
