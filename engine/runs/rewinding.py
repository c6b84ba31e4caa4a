"""The epochs that have led to a checkpoint of a run, and the best of those that are kept."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from engine.errors import RunError
from engine.model.project import CheckpointRef, Project
from engine.runs.run_folder import EpochMetrics, Run
from engine.training.best_epoch import ranking_key


class RunEpoch(NamedTuple):
    """An epoch of a run, and what came of it."""

    run: Run
    done: EpochMetrics


def epochs_up_to(
    last: CheckpointRef, find: Callable[[str], Run], fits: Callable[[Project], bool]
) -> tuple[RunEpoch, ...]:
    """Return the epochs that have led to a checkpoint, those of the runs before it first.

    `find` reads a run by its id, and raises RunError; runs that another continues may be gone. Runs
    whose projects do not `fit` are passed over. Raises RunError if that of the checkpoint is gone.
    """
    return tuple(
        RunEpoch(run, each)
        for run, epoch in reversed([*continued(last, find)])
        if fits(run.description.project)
        for each in run.metrics
        if each.epoch <= epoch
    )


def best_kept(epochs: Sequence[RunEpoch]) -> RunEpoch | None:
    """Return the best of the epochs whose weights are kept, of equal ones the last."""
    kept = [each for each in reversed(epochs) if each.done.epoch in each.run.kept_epochs]
    return max(kept, key=lambda each: ranking_key(each.done), default=None)


def continued(last: CheckpointRef, find: Callable[[str], Run]) -> Iterator[tuple[Run, int]]:
    """Return the run of a checkpoint and its parents, each with the epoch that was gone on from.

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
