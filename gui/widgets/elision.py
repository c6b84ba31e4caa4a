"""Texts that are cut short, with an ellipsis, where there is no room for all of them."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QLabel, QSizePolicy


def elide(text: str, metrics: QFontMetrics | QFontMetricsF, width: float) -> str:
    """Return a text as it fits into a width in px, with `…` for what is left out."""
    right, room = Qt.TextElideMode.ElideRight, max(0, width)
    if isinstance(metrics, QFontMetricsF):
        return metrics.elidedText(text, right, room)
    return metrics.elidedText(text, right, int(room))


def elide_button(button: QAbstractButton, text: str, width: float) -> None:
    """Write as much of a text on a button as fits into a width in px."""
    button.setText(elide(text, button.fontMetrics(), width).replace("&", "&&"))


class ElidedLabel(QLabel):
    """One line that is as wide as there is room, and cut short if that is not enough."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as much of the text as there is room for."""
        room = self.contentsRect()
        text = elide(self.text(), self.fontMetrics(), room.width())
        QPainter(self).drawText(room, Qt.AlignmentFlag.AlignVCenter, text)
