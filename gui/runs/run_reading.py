"""RunReading: the rows of the list, read from the run folders beside the window."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from engine.runs.run_folder import TRAINING, Run
from engine.runs.store import RunStore, bytes_of
from engine.text.words import count
from gui.runs.run_rows import PAUSED, RunRow, rows_of

Told = tuple[object, ...]


@dataclass(frozen=True, eq=False)
class RunsRead:
    """The rows of all runs, what they take in all, and what is wrong with folders among them.

    `told` is what is said of the runs: where it is the same, nothing has changed.
    """

    rows: tuple[RunRow, ...]
    total_bytes: int
    problem: str
    told: Told

    def rows_while(self, trained: str, *, paused: bool) -> tuple[RunRow, ...]:
        """Return the rows while this window trains a run of a key, or has paused it."""
        here = PAUSED if paused else TRAINING
        return tuple(replace(row, here=here if row.run.key == trained else "") for row in self.rows)


class RunReading:
    """Reads the runs of a store, in threads beside the window, of which the newest may come first.

    The run that is `shown` is not deleted to make room for others.
    """

    def __init__(self, store: RunStore) -> None:
        self._store = store
        self.shown: Run | None = None
        self._holding = threading.Lock()
        self._sizes: dict[Path, tuple[Run, int]] = {}
        self._said: dict[tuple[object, ...], Sequence[str]] = {}  # what differs never changes

    def read(self, known: Told | None = None, elsewhere: Sequence[Run] = ()) -> RunsRead | None:
        """Read all runs; None if what would be said of them, and of those `elsewhere`, is known."""
        with self._holding:  # whoever comes last knows what is shown now
            self._store.hold(self.shown)
        runs = self._store.runs()
        problem = self._problem()
        told = (problem, *map(shown_fields, (*runs, *elsewhere)))
        if told == known:
            return None
        rows = rows_of(runs, self._differ, elsewhere)
        self._sizes = {run.folder: (run, self._size(run)) for run in runs}
        return RunsRead(rows, sum(size for _, size in self._sizes.values()), problem, told)

    def _size(self, run: Run) -> int:
        """Measure a run, unless it is as it was when it was measured."""
        known, size = self._sizes.get(run.folder, (None, 0))
        return size if known is run else bytes_of(run.folder)

    def _differ(self, run: Run, other: Run) -> Sequence[str]:
        """Say what differs, once for each pair."""
        pair = run.folder, run.started, other.folder, other.started
        if pair not in self._said:
            from engine.runs.run_differences import run_changes

            self._said[pair] = run_changes(other, run)
        return self._said[pair]

    def _problem(self) -> str:
        damaged = self._store.damaged
        if not damaged:
            return ""
        others = f" And {count(len(damaged) - 1, 'other')}." if len(damaged) > 1 else ""
        return f"{damaged[0].reason}{others}"


def shown_fields(run: Run) -> tuple[object, ...]:
    """Return what may change of a run as it grows, ends, or is changed by a user."""
    user = (run.title, run.note, run.pinned, run.colour, run.bookmarks)
    return run.folder, run.started, run.state, run.metrics[-1:], run.kept_epochs, *user
