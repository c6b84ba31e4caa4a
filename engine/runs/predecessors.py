"""Which run each of a list is compared with: the one that it goes on from, or the one before it."""

from collections.abc import Sequence

from engine.runs.run_folder import Run


def predecessors(runs: Sequence[Run]) -> list[Run | None]:
    """Return for each of some runs, newest first, the one to say its differences from.

    That is its parent, if it is among them, or else the next in the list; None for the last.
    """
    by_id = {run.id: run for run in reversed(runs)}
    before = [*runs, None][1:]
    return [
        by_id.get(run.parent.run, other) if run.parent is not None else other
        for run, other in zip(runs, before, strict=True)
    ]
