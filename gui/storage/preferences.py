"""Preferences: what the window remembers between starts, in one file.

None of it is work of the user's. So whatever is wrong with the file, a folder or a pipe in its
place, a value that no window has, a nesting without end, costs the preferences and nothing else.
"""

import json
import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, field

from engine.errors import ProjectError
from engine.files.atomic import write_atomically
from engine.files.untrusted_read import read_file
from engine.paths import PREFERENCES_BYTES, EnginePreferences
from gui.background.waiting import PATIENCE, look
from gui.state import Speed
from gui.theme import Scheme

THREAD = "preferences"
_logger = logging.getLogger(__name__)
_Size = Annotated[int, Meta(ge=0, le=16_384)]  # px
_Length = Annotated[int, Meta(ge=1, le=16_384)]  # px; no screen has more


class WindowPreferences(msgspec.Struct):
    """The window's colours, and its width and height while it is not maximized."""

    scheme: Scheme = "system"
    size: tuple[_Length, _Length] | None = None
    maximized: bool = False


class StageLayout(msgspec.Struct):
    """The px that the places of the window have, and the titles of the views that are seen."""

    across: list[_Size]
    down: list[_Size]
    views: list[str]


class PanelPreferences(msgspec.Struct):
    """What was chosen in the panels, by the names of the widgets."""

    choices: dict[str, str] = {}


class ExportPreferences(msgspec.Struct):
    """How the last export was made: the name of its format, the folder, and whether it checked."""

    format: str = ""
    folder: str = ""
    verify: bool = True


class Preferences(EnginePreferences):
    """All that is remembered; `recent` are the project files used last, the last one first.

    `recent_data` are the folders and files of data sets used last.

    Until a run was seen or a speed chosen, there is no `run_speed`.
    """

    window: WindowPreferences = field(default_factory=WindowPreferences)
    stage: StageLayout | None = None
    panels: PanelPreferences = field(default_factory=PanelPreferences)
    export: ExportPreferences = field(default_factory=ExportPreferences)
    recent: list[str] = field(default_factory=list)
    recent_data: list[str] = field(default_factory=list)
    tour_offered: bool = False
    run_speed: Speed | None = None
    coach: bool = True


class PreferencesStore:
    """Keeps the preferences in a file that all windows share.

    Where the file cannot be written, they last as long as the window. `written` says whether the
    last change is in the file. A slow disk is written to beside the window.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writing: threading.Thread | None = None
        self.current, self.written = Preferences(), False
        self.current = self._read()

    def reload(self) -> Preferences:
        """Return what the file holds now; what is known already, if it cannot be read at once.

        That is newer than the file while it is being written.
        """
        if self._writing is not None and self._writing.is_alive():
            return self.current
        self.current = look(self._read, otherwise=self.current)
        return self.current

    def _read(self) -> Preferences:
        if os.path.lexists(self._path):
            try:
                held = json.loads(read_file(self._path, PREFERENCES_BYTES, ProjectError))
                return msgspec.convert(held, Preferences)
            except Exception as error:  # of the disk, of JSON, of a type, of a depth
                _logger.warning("The preferences are not used. %s: %s", self._path, error)
        return self.current

    @contextmanager
    def changing(self) -> Iterator[Preferences]:
        """Give the preferences to be changed, as other windows left them, and write the change."""
        self.reload()
        yield self.current
        # Escapes keep what is not UTF-8 in the name of a file.
        args = json.dumps(msgspec.to_builtins(self.current), indent=1).encode(), self._writing
        self.written = False
        self._writing = threading.Thread(target=self._write, args=args, name=THREAD, daemon=True)
        self._writing.start()
        self.wait(PATIENCE)

    def wait(self, seconds: float) -> None:
        """Wait until the last change is written, but no longer than so."""
        if self._writing is not None:
            self._writing.join(seconds)

    def _write(self, content: bytes, before: threading.Thread | None) -> None:
        if before is not None:
            before.join()
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self._path, content)
            self.written = True
        except (OSError, ValueError) as error:
            _logger.warning("The preferences cannot be written: %s", error)
