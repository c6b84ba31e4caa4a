"""RecentProjects: the project files that were opened or saved last, remembered between starts."""

import os
from pathlib import Path

from engine.paths import is_network_path
from gui.storage.preferences import PreferencesStore
from gui.widgets.messages import unattended

LIMIT = 10
_KNOWN = 100  # data sets that are read unasked


class RecentProjects:
    """A list that all windows share, so it is read anew each time."""

    def __init__(self, preferences: PreferencesStore) -> None:
        self._preferences = preferences

    def paths(self) -> list[Path]:
        """Return the files, the last one first; some may be gone by now."""
        names = self._preferences.reload().recent
        return [Path(name) for name in names if "\0" not in name][:LIMIT]  # no file has that

    def add(self, path: Path) -> None:
        """Put a file first."""
        with self._preferences.changing() as preferences:
            preferences.recent = _with_first(os.path.abspath(path), preferences.recent, LIMIT)

    def drop(self, path: Path) -> None:
        """Take a file out."""
        with self._preferences.changing() as preferences:
            preferences.recent = [each for each in preferences.recent if each != str(path)]


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
                preferences.recent_data = _with_first(path, preferences.recent_data, _KNOWN)

    def knows(self, data: str, project: Path | None) -> bool:
        """Return whether the data of a project file may be read unasked.

        It may if it was used here, or lies in the folder of the file. Unattended, whoever opens the
        file is no stranger to it, but what is on other computers is not read.
        """
        path = os.path.abspath(os.path.expanduser(data))
        if path in self._preferences.current.recent_data:
            return True
        if project is not None and Path(path).is_relative_to(project.parent):
            return True
        return unattended() and not is_network_path(data)


def _with_first(path: str, paths: list[str], most: int) -> list[str]:
    """Return so many paths at most, with one of them first."""
    return [path, *(other for other in paths if other != path)][:most]
