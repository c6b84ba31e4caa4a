"""RecentProjects: the project files that were opened or saved last, remembered between starts."""

import contextlib
import json
import os
from pathlib import Path

from engine.files.atomic import write_atomically
from engine.folders import home

LIMIT = 10


class RecentProjects:
    """A list in a file that all windows share, so it is read anew each time.

    A list that cannot be read is empty, one that cannot be written stays as it is: it is no work
    of the user's.
    """

    def paths(self) -> list[Path]:
        """Give the files, the last one first; some may be gone by now."""
        try:
            found = json.loads(_file().read_text("utf-8"))["projects"]
            return [Path(name) for name in found if isinstance(name, str)][:LIMIT]
        except (OSError, ValueError, KeyError, TypeError):
            return []

    def add(self, path: Path) -> None:
        """Put a file first."""
        path = Path(os.path.abspath(path))
        self._write([path, *(other for other in self.paths() if other != path)])

    def drop(self, path: Path) -> None:
        """Take a file out."""
        self._write([other for other in self.paths() if other != path])

    def _write(self, paths: list[Path]) -> None:
        content = {"projects": [str(path) for path in paths[:LIMIT]]}
        with contextlib.suppress(OSError, ValueError):
            home().mkdir(parents=True, exist_ok=True)
            write_atomically(_file(), json.dumps(content, indent=1).encode())


def _file() -> Path:
    return home() / "recent.json"
