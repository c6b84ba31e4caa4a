"""ExportActions: what writes something that is seen into a file, as picture, drawing or table."""

import os
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import (
    QBuffer,
    QByteArray,
    QIODevice,
    QObject,
    QRect,
    QSize,
)
from PySide6.QtGui import QAction, QColor, QFont, QFontInfo, QImage, QImageWriter, QPainter
from PySide6.QtWidgets import QFileDialog, QWidget

from engine.errors import LayerscopeError, ProjectError
from engine.files.atomic import ProgressReport, write_file
from gui.background.jobs import CancelledError
from gui.background.waiting import look, wait_for
from gui.document.document import Document
from gui.theme import small_font
from gui.widgets.messages import MessageBar, ask_to_replace

Paint = Callable[[QPainter], None]
FILTERS = {
    ".svg": "SVG drawing (*.svg)",
    ".png": "PNG picture (*.png)",
    ".csv": "CSV table (*.csv)",
}
_DOTS = 96  # px per inch, as browsers have it
_RATIO = 2.0  # sharp in print
_WIDEST = 30_000  # px that an image may have


def to_svg(size: QSize, paint: Paint, title: str, description: str) -> bytes:
    """Paint on white as SVG 1.1, the first version in which Qt cuts off what it is told to."""
    from PySide6.QtSvg import QSvgGenerator  # the start of the window does not need it

    from gui.storage.svg_readers import for_any_reader

    buffer = _open_buffer()
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
    generator.setResolution(_DOTS)
    generator.setOutputDevice(buffer)
    generator.setSize(size)
    generator.setViewBox(QRect(0, 0, size.width(), size.height()))
    generator.setTitle(title)
    generator.setDescription(description)
    painter = QPainter(generator)
    painter.fillRect(QRect(0, 0, size.width(), size.height()), QColor("white"))
    painter.setFont(file_font())
    paint(painter)
    painter.end()
    family = f'font-family="{file_font().family()}'.encode()
    return for_any_reader(bytes(buffer.data().data()).replace(family, family + b", sans-serif"))


def to_png(size: QSize, paint: Paint) -> bytes:
    """Paint on white as PNG, twice as fine as on the screen where that is not too wide."""
    ratio = min(_RATIO, _WIDEST / size.width())
    image = QImage(size * ratio, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    painter.scale(ratio, ratio)
    painter.setFont(file_font())
    paint(painter)
    painter.end()
    buffer = _open_buffer()
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())


def file_font() -> QFont:
    """Return the small font in pixels, since the points of a screen and of a file differ."""
    font = small_font()
    font.setPixelSize(QFontInfo(font).pixelSize())
    return font


def ask_for_file(
    parent: QWidget, title: str, suggested: Path, filters: Mapping[str, str]
) -> Path | None:
    """Ask where to write, in one of the formats with these endings; None if nowhere."""
    choices = ";;".join(filters.values())
    name, chosen = QFileDialog.getSaveFileName(parent, title, str(suggested), choices)
    if not name:
        return None
    path = Path(name)
    if path.suffix.lower() in filters:
        return path
    ending = next((each for each in filters if filters[each] == chosen), next(iter(filters)))
    path = path.with_name(path.name + ending)
    # The dialog asked about the name without its ending.
    there = look(lambda: os.path.exists(path), otherwise=True)
    return None if there and not ask_to_replace(parent, path.name) else path


def _open_buffer() -> QBuffer:
    buffer = QBuffer()
    buffer.setData(QByteArray())
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    return buffer


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
    """The actions that write a panel, or a part of one.

    All have the same words. There is one for a table only where there are numbers.
    """

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
        self.actions: list[QAction] = []
        for ending in self._endings():
            text, tip = TEXTS[ending]
            action = QAction(text, self)
            action.setObjectName(f"action.export_{name}{ending.replace('.', '_')}")
            action.setToolTip(tip)
            action.triggered.connect(partial(self.ask, ending))
            self.actions.append(action)

    def serve(self, document: Document, messages: MessageBar) -> None:
        """Call exports like a project's file, and write beside it; say what became of them."""
        self._document, self._messages = document, messages

    def write(self, path: Path) -> bool:
        """Write a file, PNG, SVG or CSV by its ending; return whether it worked."""
        kind = path.suffix.lower()
        if kind == ".csv" and self._table is not None:
            data = self._table()
        else:
            with self._drawing(_FINE.get(kind, 2.0)) as (size, paint, title):
                if kind == ".svg":
                    data = to_svg(size, paint, path.stem, title)
                else:
                    data = to_png(size, paint)

        def write(report: ProgressReport) -> None:
            write_file(path, data, ProjectError, report)

        try:
            wait_for(self._owner, f"Exporting {path.name}", write)
        except (LayerscopeError, CancelledError) as error:
            self._messages.say("export", str(error) or "Cancelled. Nothing was written.")
            return False
        self._messages.done(f"{self._what} exported to {path}.")
        return True

    def _endings(self) -> list[str]:
        return [ending for ending in TEXTS if ending != ".csv" or self._table is not None]

    def ask(self, ending: str) -> None:
        """Ask for a file of a format, or of another one, and write it."""
        if why := self._why_not():
            first = why.split("\n")[0].rstrip(".")
            self._messages.say("export", f"{self._what}: nothing to export yet. {first}.")
            return
        project = self._document.path
        stem = self._name if project is None else f"{project.stem}-{self._name}"
        endings = (ending, *(other for other in self._endings() if other != ending))
        filters = {each: FILTERS[each] for each in endings}
        suggested = self._document.folder / f"{stem}{ending}"
        path = ask_for_file(self._owner, "Export", suggested, filters)
        if path is not None and self.write(path):
            self._document.folder = path.parent
