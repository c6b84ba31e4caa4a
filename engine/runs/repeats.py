"""Repeats: runs that differ in their seed alone, and the mean of what they came to, epoch by epoch.

How far they lie apart says which differences between other runs are worth a word.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from engine.runs.differences import is_same_data
from engine.runs.run_folder import Run

Metric = Literal["test_accuracy", "test_loss", "accuracy", "loss"]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class MetricCurve:
    """A metric of a run after each of its epochs (n,), which are those of the network's age."""

    epochs: Floats
    values: Floats


@dataclass(frozen=True, eq=False)
class MeanCurve:
    """The means of several runs at the epochs (n,) that at least two of them have.

    `deviation` is the sample standard deviation.
    """

    epochs: Floats
    mean: Floats
    deviation: Floats


def repeats(runs: Sequence[Run]) -> list[tuple[Run, ...]]:
    """Sort runs into those that differ in their seed alone, in the order of the first of each.

    The seed may also have divided their data, see `has_own_images`.
    """
    found: list[list[Run]] = []
    for run in runs:
        for group in found:
            if _is_repeat(group[0], run):
                group.append(run)
                break
        else:
            found.append([run])
    same = [part for group in found for part in _of_same_data(group)]
    order = {id(run): place for place, run in enumerate(runs)}
    return sorted(same, key=lambda group: order[id(group[0])])


def one_of_each_seed(group: Sequence[Run]) -> tuple[Run, ...]:
    """Return of repeats one run for each seed, the longest, in their order.

    Another run of a seed says nothing new: a mean that counted it would lean towards that seed.
    """
    chosen: dict[int, Run] = {}
    for run in sorted(group, key=lambda run: (-run.epochs, run.id)):
        chosen.setdefault(seed_of(run), run)
    return tuple(run for run in group if run in chosen.values())


def seeds_trained_again(group: Sequence[Run]) -> tuple[int, ...]:
    """Return the seeds that more than one of some repeats has, ascending."""
    counts = Counter(map(seed_of, group))
    return tuple(sorted(seed for seed, count in counts.items() if count > 1))


def seed_of(run: Run) -> int:
    """Return the seed of a run."""
    return run.description.project.settings.seed


def has_own_images(group: Sequence[Run]) -> bool:
    """Return whether each seed of repeats was tested on images of its own."""
    return len({run.description.project.data_digest for run in group}) > 1


def metric_curve(run: Run, metric: Metric) -> MetricCurve:
    """Return a metric of a run over its epochs."""
    rows = [(run.age(each.epoch), getattr(each, metric)) for each in run.metrics]
    return MetricCurve(*np.array(rows, np.float64).reshape(-1, 2).T)


def mean_curve(curves: Sequence[MetricCurve]) -> MeanCurve:
    """Return the mean of several curves and how far they lie apart, epoch by epoch.

    A value that is not finite is left out.
    """
    epochs = np.unique(np.concatenate([curve.epochs for curve in curves]))
    values = np.full((len(curves), len(epochs)), np.nan)
    for row, curve in enumerate(curves):
        places = np.searchsorted(epochs, curve.epochs)
        finite = np.isfinite(curve.values)
        values[row, places[finite]] = curve.values[finite]
    several = np.isfinite(values).sum(axis=0) >= 2
    values = values[:, several]
    return MeanCurve(
        epochs[several],
        np.nanmean(values, axis=0),
        np.nanstd(values, axis=0, ddof=1),
    )


def _is_repeat(one: Run, other: Run) -> bool:
    """Return whether two runs trained the same network from the start in the same way.

    Whether their data was the same is not looked at.
    """
    a, b = one.description.project, other.description.project
    return (
        one.parent is None
        and other.parent is None
        and a.trained_epochs == b.trained_epochs == 0
        and a.stack.is_same_network(b.stack)
        and a.stack.has_same_locks(b.stack)
        and replace(a.settings, seed=0) == replace(b.settings, seed=0)
        and all(
            one.rate_of(mine) == other.rate_of(theirs)
            for mine, theirs in zip(one.metrics, other.metrics, strict=False)
        )
    )


def _of_same_data(group: Sequence[Run]) -> list[tuple[Run, ...]]:
    """Sort runs of the same settings by their data, if that was changed between them."""
    if is_same_data([run.description.project for run in group]):
        return [tuple(group)]
    found: dict[str, list[Run]] = {}
    for run in group:
        found.setdefault(run.description.project.data_digest, []).append(run)
    return [tuple(each) for each in found.values()]
