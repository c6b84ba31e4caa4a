"""When test samples were learned and forgotten, in all runs that trained a network.

The words are those of M. Toneva and others, "An Empirical Study of Example Forgetting during Deep
Neural Network Learning" (ICLR 2019): a sample is learned in the epoch in which it is classified
correctly after one in which it was not, and forgotten in the epoch in which it is misclassified
after one in which it was right. They count over training samples, here they are test samples, which
are looked at after each epoch that was kept. A sample that is right at the first of these was
learned then.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import RunError
from engine.runs.prediction_files import MOST_BYTES, read_predictions
from engine.runs.predictions import KeptSamples, RunPredictions
from engine.runs.run_folder import Run, read_run

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


Read = Callable[[Run], RunPredictions | None]


@dataclass(frozen=True, eq=False)
class Lifetime:
    """What was said in a run, and before in those that it goes on from, up to where it does.

    The epochs of `predictions` are those that the network was trained for in all. `runs` are those
    that are told of, the oldest first. What was said up to epoch `since` is not known.
    """

    predictions: RunPredictions
    runs: tuple[Run, ...]
    since: int

    @classmethod
    def of(
        cls,
        run: Run,
        said: RunPredictions,
        read: Read = lambda parent: read_predictions(parent.folder),
        listed: Sequence[Run] = (),
    ) -> "Lifetime":
        """Join what a run said and what `read` gives of those before, as far as it is known.

        A run before lies beside the one that goes on from it, or is among those `listed`.
        It is known no further where a run is gone, cannot be read, has kept no predictions or was
        tested on other images, and where all would be more than one run may keep.
        """
        parts = [(run, _aged(run, said)), *_before(run, said, read, listed)][::-1]
        runs = tuple(each for each, _ in parts)
        return cls(_joined([part for _, part in parts]), runs, runs[0].age(0))

    def checkpoint(self, age: int) -> tuple[Run, int]:
        """Return the run and the epoch of it that made the network so old."""
        run = next((each for each in reversed(self.runs) if each.age(0) < age), self.runs[0])
        return run, age - run.age(0)

    def age_at(self, key: str, epoch: int) -> int | None:
        """Return the network's age after an epoch of the run of a key; None if it was not so."""
        for run, later in zip(self.runs, [*self.runs[1:], None], strict=True):
            age = run.age(epoch)
            if run.key == key and (later is None or age <= later.age(0)):
                return age
        return None


def parent_of(run: Run, listed: Sequence[Run] = ()) -> Run | None:
    """Return the run that one goes on from: beside it, or listed; None if none can be read."""
    if run.parent is None:
        return None
    with contextlib.suppress(RunError, ValueError):  # no folder has such a name
        return read_run(run.folder.with_name(run.parent.run))
    return next((each for each in listed if each.id == run.parent.run), None)


def _before(
    run: Run, said: RunPredictions, read: Read, listed: Sequence[Run]
) -> Iterator[tuple[Run, RunPredictions]]:
    """Give what was said in the runs that one goes on from, the nearest first, by the age."""
    samples, known = said.samples, {run.id}
    bytes_told = said.bytes
    while run.parent is not None and run.age(0) > 0:
        parent, until = parent_of(run, listed), run.age(0)
        if parent is None or parent.id in known or parent.age(run.parent.epoch) != until:
            return
        if run.parent.epoch:
            part = _up_to(parent, until, samples, read)
            if part is None or (bytes_told := bytes_told + part.bytes) > MOST_BYTES:
                return
            yield parent, part
        known.add(parent.id)
        run = parent


def _up_to(run: Run, age: int, samples: KeptSamples, read: Read) -> RunPredictions | None:
    """Return what a run said of some samples up to an age; None if that is not known."""
    said = None
    with contextlib.suppress(RunError):  # what is damaged is told where it is looked at itself
        said = read(run)
    if said is None or not _same(said.samples, samples):
        return None
    count = int(np.searchsorted(said.epochs, age - run.age(0), side="right"))
    return _aged(run, _part_of(said, slice(count))) if count else None


def _same(one: KeptSamples, other: KeptSamples) -> bool:
    return one.digest == other.digest and np.array_equal(one.places, other.places)


def _aged(run: Run, said: RunPredictions) -> RunPredictions:
    return replace(said, epochs=said.epochs + run.age(0))


def _part_of(said: RunPredictions, epochs: slice | NDArray[np.bool_]) -> RunPredictions:
    return RunPredictions(said.samples, *(values[epochs] for values in _fields_of(said)))


def _fields_of(said: RunPredictions) -> tuple[NDArray[Any], ...]:
    return said.epochs, said.said, said.certainty, said.true_output


def _joined(parts: Sequence[RunPredictions]) -> RunPredictions:
    """Join parts of which each ends, at the latest, with the epoch that the next begins with."""
    if len(parts) == 1:
        return parts[0]
    fields = zip(*map(_fields_of, parts), strict=True)
    joined = RunPredictions(parts[-1].samples, *(np.concatenate(values) for values in fields))
    is_twice = np.diff(joined.epochs) == 0
    return _part_of(joined, ~np.append(False, is_twice)) if is_twice.any() else joined
