"""Lanes: how the lines run that lead from a run to the one that it continues."""

from collections.abc import Sequence
from dataclasses import dataclass

MOST = 6  # lanes beside each other; what would need more shares the last one


@dataclass(frozen=True)
class Lanes:
    """What is drawn beside a row: its own lane, and the lines of others that touch the row.

    `from_above` are lanes whose line ends in this run, for it was continued, `passing` those that
    go on below; `goes_on` says whether this run continues another one further down.
    """

    own: int
    from_above: tuple[int, ...] = ()
    passing: tuple[int, ...] = ()
    goes_on: bool = False

    def count(self) -> int:
        """Return how many lanes there must be room for beside the row."""
        return max(self.own, *self.from_above, *self.passing, 0) + 1


def lanes_of(runs: Sequence[tuple[str, str | None]]) -> list[Lanes]:
    """Return the lanes of runs, newest first: of each its id, and that of the run it continues.

    A line leads down to the run that is continued; one that is not there has none.
    """
    place = {run: row for row, (run, _) in enumerate(runs)}
    waiting: list[str | None] = []  # for which run each lane waits
    found = []
    for row, (run, parent) in enumerate(runs):
        ended = [lane for lane, wanted in enumerate(waiting) if wanted == run]
        own = ended[0] if ended else _free(waiting)
        for lane in ended:
            waiting[lane] = None
        passing = [lane for lane, wanted in enumerate(waiting) if wanted is not None]
        goes_on = parent is not None and place.get(parent, -1) > row
        if goes_on:
            waiting[own : own + 1] = [parent]
        found.append(Lanes(_within(own), _shown(ended), _shown(passing), goes_on))
    return found


def _free(waiting: list[str | None]) -> int:
    """Return the first lane that waits for nothing, which may be a new one."""
    lanes = (lane for lane, wanted in enumerate(waiting) if wanted is None)
    free = next(lanes, len(waiting))
    if free == len(waiting):
        waiting.append(None)
    return free


def _within(lane: int) -> int:
    return min(lane, MOST - 1)


def _shown(lanes: Sequence[int]) -> tuple[int, ...]:
    return tuple(sorted({_within(lane) for lane in lanes}))
