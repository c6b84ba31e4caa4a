"""ExportActions: what writes something that is seen into a file, as picture, drawing or table."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QDir, QObject, QSize, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from gui.storage import picture_export
from gui.storage.picture_export import Paint

TEXTS = {
    ".png": ("Export as &PNG picture…", "Draw it into a file of pixels"),
    ".svg": ("Export as &SVG drawing…", "Draw it into a file that stays sharp at any size"),
    ".csv": ("Export as &CSV table…", "Write its numbers into a file"),
}
_FINE = {".png": 2.0, ".svg": 1.0}  # device px per px


class ExportPicture(NamedTuple):
    """What is to be drawn: its size in px, what paints it, and what it shows, in words."""

    size: QSize
    paint: Paint
    title: str


# Gives the picture for px that are so fine, and takes back afterwards what was done for it.
Drawing = Callable[[float], AbstractContextManager[ExportPicture]]
Table = Callable[[], bytes]


class ExportActions(QObject):
    """The actions that write a panel, or a part of one; what became of it is said by a signal.

    All have the same words. There is one for a table only where there are numbers.
    """

    exported = Signal(str)
    refused = Signal(str)
    written = Signal(object)  # the path that was chosen

    def __init__(
        self,
        name: str,
        what: str,
        drawing: Drawing,
        table: Table | None,
        owner: QWidget,
        why_not: Callable[[], str] = str,
    ) -> None:
        """Make actions for a file of this name; `what` is exported, `owner` asks for the file.

        `why_not` says why there is nothing to export now; empty if there is.
        """
        super().__init__(owner)
        self._why_not = why_not
        self._name, self._what, self._owner = name, what, owner
        self._drawing, self._table = drawing, table
        self._project: Path | None = None
        self._folder = Path(QDir.homePath())
        self.actions: list[QAction] = []
        for ending in self._endings():
            text, tip = TEXTS[ending]
            action = QAction(text, self)
            action.setObjectName(f"action.export_{name}{ending.replace('.', '_')}")
            action.setToolTip(tip)
            action.triggered.connect(partial(self.ask, ending))
            self.actions.append(action)

    def set_project(self, path: Path | None, folder: Path) -> None:
        """Say which file it belongs to, so that exports are called like it, and where they go."""
        self._project, self._folder = path, folder

    def write(self, path: Path) -> bool:
        """Write a file, PNG, SVG or CSV by its ending; return whether it worked."""
        kind = path.suffix.lower()
        if kind == ".csv" and self._table is not None:
            data = self._table()
        else:
            with self._drawing(_FINE.get(kind, 2.0)) as (size, paint, title):
                if kind == ".svg":
                    data = picture_export.to_svg(size, paint, path.stem, title)
                else:
                    data = picture_export.to_png(size, paint)
        said = self.exported, self.refused
        return picture_export.export(path, data, self._what, *said, self._owner)

    def _endings(self) -> list[str]:
        return [ending for ending in TEXTS if ending != ".csv" or self._table is not None]

    def ask(self, ending: str) -> None:
        """Ask for a file of a format, or of another one, and write it."""
        if why := self._why_not():
            first = why.split("\n")[0].rstrip(".")
            self.refused.emit(f"{self._what}: nothing to export yet. {first}.")
            return
        stem = self._name if self._project is None else f"{self._project.stem}-{self._name}"
        endings = (ending, *(other for other in self._endings() if other != ending))
        suggested = self._folder / f"{stem}{ending}"
        path = picture_export.ask_for_file(self._owner, "Export", suggested, endings)
        if path is not None and self.write(path):
            self._folder = path.parent
            self.written.emit(path)
