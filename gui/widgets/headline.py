"""A headline, and quietly after it of which checkpoint it is."""

import math

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import GRID, small_font
from gui.widgets.labels import elide

UNTRAINED = "untrained"
NOT_TRAINED = "changed, not trained"  # short: a docked panel has room for no more
_EXACT = 1e-6  # epochs


class Headline(QWidget):
    """One line that is painted, and not a label: when its text changes, nothing is laid out anew.

    Where there is not room for all of it, the checkpoint is left out first, then the brackets.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = self._checkpoint = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def text(self) -> str:
        """What it says."""
        return self._text

    def set_text(self, text: str) -> None:
        """Say something else."""
        self._say(text, self._checkpoint)

    def set_epoch(self, epoch: float | None, *, changed: bool = False) -> None:
        """Say after how many epochs it was so; None: that is not known.

        `changed` says that they were epochs of the network before it was changed.
        """
        self._say(self._text, NOT_TRAINED if changed else checkpoint_of(epoch))

    def sizeHint(self) -> QSize:
        return QSize(0, self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, metrics = QPainter(self), self.fontMetrics()
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        start = metrics.horizontalAdvance(self._text) + GRID
        text = self._text if start <= self.width() + GRID else self._text.partition(" (")[0]
        painter.drawText(self.rect(), left, elide(text, metrics, self.width()))
        small = small_font()
        if start + QFontMetrics(small).horizontalAdvance(self._checkpoint) > self.width():
            return
        painter.setFont(small)
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        painter.drawText(
            QRect(start, 0, self.width() - start, self.height()), left, self._checkpoint
        )

    def _say(self, text: str, checkpoint: str) -> None:
        if (text, checkpoint) == (self._text, self._checkpoint):
            return  # nothing to paint
        self._text, self._checkpoint = text, checkpoint
        self.setAccessibleName(f"{self._text} {self._checkpoint}".strip())
        self.update()


def checkpoint_of(epoch: float | None) -> str:
    """Return after how many epochs it was so; empty if that is not known."""
    if epoch is None:
        return ""
    if epoch == 0:
        return UNTRAINED
    if abs(epoch - round(epoch)) < _EXACT:
        return f"as of epoch {epoch:,.0f}"
    tenths = math.floor(epoch * 10 + _EXACT)  # not ahead of it
    if tenths % 10 == 0:  # "epoch 3.0" would be read as the end of epoch 3, which it is not
        return f"early in epoch {tenths // 10 + 1:,}"
    return f"as of epoch {tenths / 10:,.1f}"
