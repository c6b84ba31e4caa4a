"""GoneRun: how the run that is shown was listed last, and whether it is no more."""

from collections.abc import Sequence
from pathlib import Path

from engine.runs.run_folder import Run
from gui.runs.run_rows import RunRow


class GoneRun:
    """Remembers a run as it was listed last: one that is shown before it was read is not gone."""

    def __init__(self) -> None:
        self.listed: Run | None = None

    def is_gone(self, shown: Path | None, rows: Sequence[RunRow]) -> bool:
        """Return whether the run of a folder, None if none is shown, is no longer in the rows."""
        found = next((row.run for row in rows if row.run.folder == shown), None)
        if found is not None:
            self.listed = found
            return False
        return shown is not None and self.listed is not None and shown == self.listed.folder

    def as_listed(self, run: Run) -> Run:
        """Return a run as it was listed last, where it may have another name by now."""
        return run if self.listed is None or self.listed.folder != run.folder else self.listed
