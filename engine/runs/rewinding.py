"""Where to go back to: the best epoch that a run, or one of those that it continues, has kept."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from engine.errors import RunError
from engine.model.project import Project
from engine.model.run_moment import RunMoment
from engine.runs.run_folder import EpochMetrics, Run
from engine.training.best_epoch import ranking_key


class RunEpoch(NamedTuple):
    """An epoch of a run, and what came of it."""

    run: Run
    done: EpochMetrics


class WayBack(NamedTuple):
    """The best epoch that is kept, and what came after it."""

    best: RunEpoch
    since: tuple[RunEpoch, ...]


def way_back(
    last: RunMoment, find: Callable[[str], Run], fits: Callable[[Project], bool]
) -> WayBack | None:
    """Return the best kept epoch of those that have led to a moment; of equal ones the last.

    `find` reads a run by its id, and raises RunError; runs that another continues may be gone. Runs
    whose projects do not `fit` are passed over. Raises RunError if that of the moment is gone.
    """
    epochs = [
        RunEpoch(run, each)
        for run, epoch in reversed([*_continued(last, find)])
        if fits(run.description.project)
        for each in run.metrics
        if each.epoch <= epoch
    ]
    kept = [i for i, each in enumerate(epochs) if each.done.epoch in each.run.kept_epochs]
    best = max(reversed(kept), key=lambda i: ranking_key(epochs[i].done), default=None)
    return None if best is None else WayBack(epochs[best], tuple(epochs[best + 1 :]))


def _continued(last: RunMoment, find: Callable[[str], Run]) -> Iterator[tuple[Run, int]]:
    """Return the run of a moment, and those before it, each with the epoch that was gone on from.

    Other programs write what a run continues too, and might do so in a circle.
    """
    run, epoch = find(last.run), last.epoch
    seen = set[str]()
    while run.id not in seen:
        yield run, epoch
        seen.add(run.id)
        if run.parent is None:
            return
        epoch = run.parent.epoch
        try:
            run = find(run.parent.run)
        except RunError:
            return
