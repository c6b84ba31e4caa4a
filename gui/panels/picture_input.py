"""PictureInput: pictures of files, the clipboard and other programs, as ink on the canvas."""

from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QSizePolicy, QWidget

from engine.data.handwriting import find_ink
from engine.errors import DataError, LayerscopeError
from gui.background.waiting import wait_for
from gui.theme import set_muted
from gui.widgets.drawing_canvas import SIDE, DrawingCanvas
from gui.widgets.picture_file import (
    PICTURE_FILTER,
    colour_values,
    find_picture,
    grey_values,
    in_square,
    read_picture,
)
from gui.widgets.plain_labels import plain_label
from gui.widgets.tooltips import plain_tooltip


class PictureInput(QObject):
    """Puts pictures on a canvas and says in `note` what was done with the one that is shown.

    `refused` says in a sentence why a picture was not taken, and `refusal_over` carries that
    sentence once other ink is there.
    """

    refused = Signal(str)
    refusal_over = Signal(str)

    def __init__(self, canvas: DrawingCanvas, parent: QWidget) -> None:
        super().__init__(parent)
        self._canvas, self._window = canvas, parent
        self._folder = self._refusal = ""
        self.note = plain_label()
        self.note.setObjectName("draw.note")
        set_muted(self.note)
        self.note.setWordWrap(True)
        self.note.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.note.setMinimumHeight(2 * self.note.fontMetrics().lineSpacing())
        canvas.inked.connect(self._on_ink)
        canvas.history_changed.connect(self._follow)

    def take_in(self, picture: Path | QImage) -> None:
        """Put a picture, or that in a file, on the canvas, or refuse it in a sentence."""
        try:
            if isinstance(picture, Path):
                title = f"Reading {picture.name}"
                read = wait_for(self._window, title, lambda _: read_picture(picture))
                self._take(read, picture.name)
            else:
                self._take(picture, "The picture")
        except LayerscopeError as error:
            self._refuse(str(error))

    @Slot()
    def ask_for_file(self) -> None:
        """Ask which picture to load, and take it in."""
        name, _ = QFileDialog.getOpenFileName(
            self._window, "Load image", self._folder, PICTURE_FILTER
        )
        if name:
            self._folder = str(Path(name).parent)
            self.take_in(Path(name))

    @Slot()
    def paste(self) -> None:
        """Take in the picture on the clipboard."""
        data: QMimeData | None = QGuiApplication.clipboard().mimeData()  # none: never any copied
        picture = None if data is None else find_picture(data)
        if picture is None:
            self._refuse("There is no picture on the clipboard. Copy one first.")
        else:
            self.take_in(picture)

    def _take(self, image: QImage, name: str) -> None:
        """Put a picture on the canvas: in colour as it is, else its ink.

        Raises DataError if there is no ink, but only paper.
        """
        if self._canvas.in_colour:
            self._canvas.show_picture(colour_values(image, SIDE, self._canvas.paper))
            self._write("in its colours", f"{name} is shown in its colours, on the chosen paper.")
            self._canvas.setFocus()
            return
        ink = find_ink(grey_values(image, SIDE))
        if not ink.values.any():
            raise DataError(
                f"{name} shows only paper, or its ink is too faint. Choose a picture with more "
                "contrast."
            )
        self._canvas.show_picture(in_square(ink.values, SIDE))
        paper, done = ("light", "inverted") if ink.inverted else ("dark", "kept as it is")
        why = ": the network knows white ink on black" if ink.inverted else ""
        self._write(
            f"{paper} paper, so {done}",
            f"{name} has {paper} paper ({ink.paper:.0f} of 255), so it was {done}{why}.",
        )
        self._canvas.setFocus()

    def _write(self, brief: str, whole: str) -> None:
        self.note.setText(brief)
        self.note.setToolTip(plain_tooltip(whole))
        self.note.setAccessibleDescription(whole)

    def _refuse(self, sentence: str) -> None:
        self._refusal = sentence
        self.refused.emit(sentence)

    @Slot()
    def _on_ink(self) -> None:
        if self._refusal and not self._canvas.is_empty():
            self.refusal_over.emit(self._refusal)
            self._refusal = ""

    @Slot()
    def _follow(self) -> None:
        """Say no more of a picture that is gone."""
        if self._canvas.is_empty() or not self._canvas.shows_picture():
            self._write("", "")
