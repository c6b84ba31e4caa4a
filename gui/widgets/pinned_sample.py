"""The pinned sample, small, as every panel that depends on it shows it."""

import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import GRID, colours_of, set_muted
from gui.widgets.labels import ElidedLabel, FixedLabel
from gui.widgets.layouts import in_column, in_row
from gui.widgets.pictures import Bytes, draw_picture, paint_edge, whole_scale
from gui.widgets.sample_names import image_title

_SIZE = 36  # px


class PinnedSample(QWidget):
    """A small picture, what it is, and what the network says of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thumbnail = Thumbnail(_SIZE)
        self._title, self._said = ElidedLabel(), ElidedLabel()
        set_muted(self._said)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        words = in_column(gap=0)
        for label, longest in (
            (self._title, image_title(9_999, "8")),
            (self._said, "says 8 (100 %): wrong"),
        ):
            place = FixedLabel(label, longest)
            place.setMinimumWidth(1)  # in a narrow panel what stands beside it is not cut
            words.addWidget(place)
        in_row(self._thumbnail, (words, 1), of=self, gap=GRID)

    def set_sample(self, picture: Bytes, title: str, said: str) -> None:
        """Show a picture (channels, h, w) with its title and what is said of it."""
        self._thumbnail.set_picture(picture)
        self._title.setText(title)
        self._said.setText(said)
        self._thumbnail.setAccessibleName(f"{title}. {said}")


class Thumbnail(QWidget):
    """A picture at the left of `side` px, in a hairline, whose pixels stay pixels.

    Where there is less room, it is up to a half lower, and whole.
    """

    def __init__(self, side: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: Bytes = np.zeros((1, 1, 1), dtype=np.uint8)
        self._size = QSize(side, side)
        self.setMaximumSize(self._size)
        self.setMinimumSize(side, side // 2)

    def sizeHint(self) -> QSize:
        """Return its whole size."""
        return self._size

    def set_picture(self, picture: Bytes) -> None:
        """Show a picture (channels, h, w), grey or red, green and blue."""
        if not np.array_equal(picture, self._shown):
            self._shown = picture.copy()  # what is painted; whose it is may draw on in it
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        side = min(self.width(), self.height()) - 2  # within the hairline
        _, height, width = self._shown.shape
        largest = max(height, width)
        scale = min(whole_scale(side, largest, self.devicePixelRatioF()), side / largest)
        top = 1 + (side - int(height * scale)) // 2
        area = draw_picture(painter, 1, top, scale, self._shown)
        paint_edge(painter, area, colours_of(self.palette()).border)
