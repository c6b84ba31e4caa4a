"""The pinned digit, small, as every panel that depends on it shows it."""

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from gui.theme import GRID, set_muted
from gui.widgets.pictures import Bytes, draw_grey, whole_scale

_SIZE = 36  # px


class PinnedDigit(QWidget):
    """A small picture, what it is, and what the network says of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thumbnail = _Thumbnail()
        self._title = QLabel()
        self._said = QLabel()
        set_muted(self._said)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._said)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addWidget(self._thumbnail)
        row.addLayout(words, 1)

    def set_digit(self, grey: Bytes, title: str, said: str) -> None:
        """Show a picture (h, w), 0 black to 255 white, with its title and what is said of it."""
        self._thumbnail.set_picture(grey)
        self._title.setText(title)
        self._said.setText(said)
        self._thumbnail.setAccessibleName(f"{title}. {said}")

    def texts(self) -> tuple[str, str]:
        """The title, and what is said."""
        return self._title.text(), self._said.text()


class _Thumbnail(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._grey: Bytes = np.zeros((1, 1), dtype=np.uint8)
        self.setFixedSize(QSize(_SIZE, _SIZE))

    def set_picture(self, grey: Bytes) -> None:
        self._grey = grey
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), Qt.GlobalColor.black)
        scale = whole_scale(_SIZE, max(self._grey.shape), self.devicePixelRatioF())
        height, width = self._grey.shape
        draw_grey(
            painter,
            (_SIZE - int(width * scale)) // 2,
            (_SIZE - int(height * scale)) // 2,
            scale,
            self._grey,
        )
