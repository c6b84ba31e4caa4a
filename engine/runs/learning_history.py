"""When test samples were learned and forgotten in a run.

The words are those of M. Toneva and others, "An Empirical Study of Example Forgetting during Deep
Neural Network Learning" (ICLR 2019): a sample is learned in the epoch in which it is classified
correctly after one in which it was not, and forgotten in the epoch in which it is misclassified
after one in which it was right. They count over training samples, here they are test samples, which
are looked at after each epoch that was kept. A sample that is right at the first of these was
learned then.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.runs.predictions import RunPredictions
from engine.runs.run_folder import Run

NEVER = -1

Epochs = NDArray[np.int64]
Indices = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class LearningHistory:
    """When each of n samples was learned and forgotten.

    `learned_first` (n,) is the epoch in which a sample was learned for the first time, and
    `learned_last` (n,) that since which it has been right up to the end; both are `NEVER` where
    there is none. `times_forgotten` (n,) counts.
    """

    learned_first: Epochs
    learned_last: Epochs
    times_forgotten: NDArray[np.int64]

    @classmethod
    def of(cls, predictions: RunPredictions) -> "LearningHistory":
        """Go through the epochs of some predictions."""
        right, epochs = predictions.right, predictions.epochs
        samples = right.shape[1]
        if not len(epochs):
            never = np.full(samples, NEVER)
            return cls(never, never, np.zeros(samples, np.int64))
        learned = right.copy()
        learned[1:] &= ~right[:-1]
        forgotten = right[:-1] & ~right[1:]
        ever = right.any(axis=0)
        first = learned.argmax(axis=0)
        last = len(epochs) - 1 - learned[::-1].argmax(axis=0)
        return cls(
            np.where(ever, epochs[first], NEVER),
            np.where(right[-1], epochs[last], NEVER),
            forgotten.sum(axis=0),
        )

    @cached_property
    def never_learned(self) -> Indices:
        """The indices of the samples that were never right."""
        return np.flatnonzero(self.learned_first == NEVER)

    def learned_after(self, epoch: float) -> Indices:
        """Return the indices of the samples first learned after an epoch, the last one first."""
        found = np.flatnonzero(self.learned_first > epoch)
        return found[np.argsort(-self.learned_first[found], kind="stable")]

    @cached_property
    def most_forgotten(self) -> Indices:
        """The indices of the samples that were forgotten, those most often first."""
        found = np.flatnonzero(self.times_forgotten)
        return found[np.argsort(-self.times_forgotten[found], kind="stable")]

    @cached_property
    def relearned(self) -> Indices:
        """The indices of those forgotten that are right at the end, the last relearned first."""
        found = np.flatnonzero((self.times_forgotten > 0) & (self.learned_last != NEVER))
        return found[np.argsort(-self.learned_last[found], kind="stable")]


class Lifetime(NamedTuple):
    """What was said in a run, by epochs of the network's age; the run began after epoch `since`."""

    predictions: RunPredictions
    since: int

    @classmethod
    def of(cls, run: Run, said: RunPredictions) -> "Lifetime":
        """Count what a run said from the start of its network."""
        return cls(replace(said, epochs=said.epochs + run.age(0)), run.age(0))
