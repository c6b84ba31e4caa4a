"""ExcitingSamples: which samples excite a map most: a question to ask, and the samples found."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QToolButton, QWidget

from gui.theme import GRID, KIND_COLOURS
from gui.widgets.buttons import text_button
from gui.widgets.labels import ElidedLabel
from gui.widgets.layouts import in_column, in_row, named
from gui.widgets.number_words import short
from gui.widgets.pictures import Bytes, draw_picture
from gui.widgets.sample_names import image_title

_SIZE = 56  # px
QUESTION = "Which images excite this map most?"
BUSY = "Looking through the test images…"


@dataclass(frozen=True, eq=False)
class Found:
    """A sample that excites the map: its place among the samples, its picture, how much, where.

    `field` is the part of the picture that the peak sees: top, left, height, width in pixels.
    """

    sample: int
    picture: Bytes
    class_name: str
    value: float
    field: tuple[int, int, int, int]


class ExcitingSamples(QWidget):
    """A button that asks, and then the samples, strongest first; a click chooses one."""

    sample_pinned = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        tip = "Search all test images for those that excite this map most"
        self.ask = text_button("feature_maps.excitation", QUESTION, tip)
        self.words = named(ElidedLabel(), "feature_maps.excited", muted=True)
        self.buttons: list[QToolButton] = []
        self._row = in_row(1)
        top = in_row(self.ask, (self.words, 1), gap=GRID)
        in_column(top, self._row, of=self)
        self.forget()

    def show_busy(self) -> None:
        """Say that the search goes on."""
        self.forget()
        self.ask.setEnabled(False)
        self.words.setText(BUSY)

    def show_found(self, found: Sequence[Found], words: str) -> None:
        """Show the samples, and say what they were found with."""
        self.forget()
        self.words.setText(words)
        for each in found:
            button = _sample_button(each)
            button.clicked.connect(partial(self.sample_pinned.emit, each.sample))
            self._row.insertWidget(len(self.buttons), button)
            self.buttons.append(button)

    def forget(self, words: str = "") -> None:
        """Be as before the question, or say why there is no answer."""
        self.ask.setEnabled(True)
        self.words.setText(words)
        for button in self.buttons:
            self._row.removeWidget(button)
            button.deleteLater()
        self.buttons.clear()


def _sample_button(found: Found) -> QToolButton:
    says = f"{image_title(found.sample, found.class_name)}: {short(found.value)}"
    tip = f"{says}. The frame is what the peak sees. Click to select it."
    button = text_button("", short(found.value, 3), tip, spoken=f"Select {says}", flat=True)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
    button.setIconSize(QSize(_SIZE, _SIZE))
    button.setIcon(QIcon(_picture(found)))
    return button


def _picture(found: Found) -> QPixmap:
    """Draw the sample, with a frame around what the peak sees."""
    pixmap = QPixmap(_SIZE, _SIZE)
    pixmap.fill(QColor("black"))
    painter = QPainter(pixmap)
    scale = max(1, _SIZE // max(found.picture.shape[1:]))
    draw_picture(painter, 0, 0, scale, found.picture)
    top, left, height, width = found.field
    painter.setPen(QPen(QColor(KIND_COLOURS["Dense"]), 2))
    painter.drawRect(QRectF(left * scale, top * scale, width * scale, height * scale))
    painter.end()
    return pixmap
