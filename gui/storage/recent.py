"""RecentProjects: the project files that were opened or saved last, remembered between starts."""

import os
from pathlib import Path

from gui.storage.preferences import PreferencesStore

LIMIT = 10


class RecentProjects:
    """A list that all windows share, so it is read anew each time."""

    def __init__(self, preferences: PreferencesStore) -> None:
        self._preferences = preferences

    def paths(self) -> list[Path]:
        """Return the files, the last one first; some may be gone by now."""
        return _paths(self._preferences.reload().recent)

    def add(self, path: Path) -> None:
        """Put a file first."""
        path = Path(os.path.abspath(path))
        with self._preferences.changing() as preferences:
            others = [other for other in _paths(preferences.recent) if other != path]
            preferences.recent = [str(each) for each in [path, *others][:LIMIT]]

    def drop(self, path: Path) -> None:
        """Take a file out."""
        with self._preferences.changing() as preferences:
            others = [other for other in _paths(preferences.recent) if other != path]
            preferences.recent = [str(each) for each in others]


class RecentData:
    """The folders and files of data sets that were used last, for all windows."""

    def __init__(self, preferences: PreferencesStore) -> None:
        self._preferences = preferences

    def paths(self) -> list[str]:
        """Return the paths, the last one first; some may be gone by now."""
        return self._preferences.current.recent_data[:LIMIT]

    def add(self, data: str) -> None:
        """Put a path first."""
        path = os.path.abspath(os.path.expanduser(data))
        if self.paths()[:1] != [path]:
            with self._preferences.changing() as preferences:
                others = [other for other in preferences.recent_data if other != path]
                preferences.recent_data = [path, *others][:LIMIT]


def _paths(names: list[str]) -> list[Path]:
    return [Path(name) for name in names if "\0" not in name][:LIMIT]  # no file has that
