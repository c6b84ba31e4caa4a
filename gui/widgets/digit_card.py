"""A digit on a small card: what it is, its picture, what the network says of it."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.theme import GRID, set_muted
from gui.widgets.fixed_label import FixedLabel
from gui.widgets.pictures import Bytes
from gui.widgets.pinned_digit import Thumbnail
from gui.widgets.plain_labels import plain_label

_PICTURE = 28  # px


class DigitCard(QWidget):
    """Narrow: the title stands above, and what is said in two lines beside the picture."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._labels = self._title, self._said, self._sure = (
            plain_label(),
            plain_label(),
            plain_label(),
        )
        self._picture = Thumbnail(_PICTURE)
        words = QVBoxLayout()
        words.setSpacing(0)
        for label in (self._said, self._sure):
            set_muted(label)
            words.addWidget(FixedLabel(label))
        beside = QHBoxLayout()
        beside.setSpacing(GRID)
        beside.addWidget(self._picture)
        beside.addLayout(words, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        column.addWidget(FixedLabel(self._title))
        column.addLayout(beside)

    def set_digit(self, grey: Bytes, title: str, said: str, sure: str) -> None:
        """Show a picture (h, w), 0 black to 255 white, with its title and what is said of it."""
        self._picture.set_picture(grey)
        for label, text in zip(self._labels, (title, said, sure), strict=True):
            label.setText(text)
        self._picture.setAccessibleName(f"{title}. {said}, {sure}".rstrip(", "))

    def texts(self) -> tuple[str, str, str]:
        """Return the title, what is said, and how sure the network is."""
        return self._title.text(), self._said.text(), self._sure.text()
