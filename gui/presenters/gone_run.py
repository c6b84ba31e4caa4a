"""GoneRun: whether the run that is shown was in the list, and is no more."""

from collections.abc import Sequence
from pathlib import Path

from gui.runs.run_rows import RunRow


class GoneRun:
    """Remembers that a run was listed: one that is shown before it was read is not gone."""

    def __init__(self) -> None:
        self._listed: Path | None = None

    def is_gone(self, shown: Path | None, rows: Sequence[RunRow]) -> bool:
        """Return whether the run of a folder, None if none is shown, is no longer in the rows."""
        if any(row.run.folder == shown for row in rows):
            self._listed = shown
            return False
        return shown is not None and shown == self._listed
