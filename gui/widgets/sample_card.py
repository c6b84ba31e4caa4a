"""A sample on a small card: what it is, its picture, what the network says of it."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.theme import GRID, set_muted
from gui.widgets.elision import ElidedLabel
from gui.widgets.fixed_label import FixedLabel
from gui.widgets.pictures import Bytes
from gui.widgets.pinned_sample import Thumbnail

_PICTURE = 42  # px


class SampleCard(QWidget):
    """Narrow: its name stands above, its class and what is said in lines beside the picture."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._labels = name, *beside_picture = [ElidedLabel() for _ in range(4)]
        self._picture = Thumbnail(_PICTURE)
        words = QVBoxLayout()
        words.setSpacing(0)
        for label in beside_picture:
            if label is not beside_picture[0]:
                set_muted(label)
            words.addWidget(FixedLabel(label))
        beside = QHBoxLayout()
        beside.setSpacing(GRID)
        beside.addWidget(self._picture)
        beside.addLayout(words, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        column.addWidget(FixedLabel(name))
        column.addLayout(beside)

    def set_sample(self, picture: Bytes, name: str, true: str, said: str, sure: str) -> None:
        """Show a picture (channels, h, w) with its name, its class and what is said of it."""
        self._picture.set_picture(picture)
        for label, text in zip(self._labels, (name, true, said, sure), strict=True):
            label.set_texts(text, text.replace("says ", "→ "))
        title = " · ".join(filter(None, (name, true)))
        self._picture.setAccessibleName(f"{title}. {said}, {sure}".rstrip(", "))

    def texts(self) -> tuple[str, ...]:
        """Return the name, the class, what is said, and how sure the network is."""
        return tuple(label.text() for label in self._labels)
