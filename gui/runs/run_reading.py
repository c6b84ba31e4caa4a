"""RunReading: the rows of the list, read from the run folders beside the window."""

import os
from dataclasses import dataclass
from pathlib import Path

from engine.runs.moment_files import WEIGHTS
from engine.runs.run_folder import DESCRIPTION, METRICS, Run
from engine.runs.store import RunStore
from engine.text.words import count
from gui.runs.run_rows import Differences, RunRow, rows_of

Stamp = tuple[tuple[str, int], ...]


@dataclass(frozen=True, eq=False)
class RunsRead:
    """The rows of all runs, what they take in all, and what is wrong with folders among them.

    `stamp` tells whether anything has been written since.
    """

    rows: tuple[RunRow, ...]
    total_bytes: int
    problem: str
    stamp: Stamp


class RunReading:
    """Reads the runs of a store; its methods run in threads beside the window."""

    def __init__(self, store: RunStore, differences: Differences) -> None:
        self._store, self._differences = store, differences
        self._told: dict[tuple[Path, Path], str] = {}  # runs never change in what they differ

    def read(self, known: Stamp | None = None) -> RunsRead | None:
        """Read all runs; None if nothing was written since the known stamp was taken."""
        stamp = self._stamp()
        if stamp == known:
            return None
        runs = self._store.runs()
        rows = rows_of(runs, self._differ)
        return RunsRead(rows, self._store.total_bytes(), self._problem(), stamp)

    def _differ(self, run: Run, other: Run) -> str:
        """Say what differs, once for each pair."""
        pair = run.folder, other.folder
        if pair not in self._told:
            self._told[pair] = self._differences(run, other)
        return self._told[pair]

    def _problem(self) -> str:
        damaged = self._store.damaged
        if not damaged:
            return ""
        others = f" And {count(len(damaged) - 1, 'other')}." if len(damaged) > 1 else ""
        return f"{damaged[0].reason}{others}"

    def _stamp(self) -> Stamp:
        """Return when what can change of each run was written last."""
        found: list[tuple[str, int]] = []
        try:
            with os.scandir(self._store.folder) as entries:
                folders = sorted(entry.path for entry in entries if entry.name[:1] != ".")
        except OSError:
            return ()
        for folder in folders:
            for name in (DESCRIPTION, METRICS, WEIGHTS):
                path = os.path.join(folder, name)
                try:
                    found.append((path, os.stat(path).st_mtime_ns))
                except OSError:
                    found.append((path, 0))
        return tuple(found)
