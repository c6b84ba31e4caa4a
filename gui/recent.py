"""RecentProjects: the project files that were opened or saved last, remembered between starts."""

import os
from pathlib import Path

import msgspec

from gui.remembered import recall, remember

LIMIT = 10
_FILE = "recent.json"


class _List(msgspec.Struct):
    projects: list[str] = []


class RecentProjects:
    """A list in a file that all windows share, so it is read anew each time.

    A list that cannot be read is empty, one that cannot be written stays as it is: it is no work
    of the user's.
    """

    def paths(self) -> list[Path]:
        """Give the files, the last one first; some may be gone by now."""
        found = recall(_FILE, _List, _List()).projects
        return [Path(name) for name in found if "\0" not in name][:LIMIT]  # no file has that

    def add(self, path: Path) -> None:
        """Put a file first."""
        path = Path(os.path.abspath(path))
        self._write([path, *(other for other in self.paths() if other != path)])

    def drop(self, path: Path) -> None:
        """Take a file out."""
        self._write([other for other in self.paths() if other != path])

    def _write(self, paths: list[Path]) -> None:
        remember(_FILE, _List([str(path) for path in paths[:LIMIT]]))
