"""Texts that are cut short, with an ellipsis, where there is no room for all of them."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFontMetrics, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QLabel, QSizePolicy, QToolTip

from gui.widgets.tooltips import plain_tooltip


def elide(
    text: str,
    metrics: QFontMetrics | QFontMetricsF,
    width: float,
    mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
) -> str:
    """Return a text as it fits into a width in px, with `…` for what is left out."""
    return metrics.elidedText(text, mode, int(max(0, width)))


def elide_name(name: str, metrics: QFontMetrics | QFontMetricsF, width: float) -> str:
    """Return a name or a text as it fits into a width in px: its middle is left out.

    Names that begin alike, such as `capital letter A`, often differ at their ends.
    """
    return elide(name, metrics, width, Qt.TextElideMode.ElideMiddle)


def elide_button(button: QAbstractButton, text: str, width: float) -> None:
    """Write as much of a text on a button as fits into a width in px."""
    button.setText(elide(text, button.fontMetrics(), width).replace("&", "&&"))


class ElidedLabel(QLabel):
    """One line that is as wide as there is room, and cut short in its middle if that is not enough.

    In place of a text of numbers, which cut would be others, it shows a `brief` one. The tooltip
    has the whole text, unless there is another tooltip.
    """

    def __init__(self, brief: str = "") -> None:
        super().__init__()
        self._brief = brief
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def written(self) -> str:
        """Return what there is room for."""
        metrics, room = self.fontMetrics(), self.contentsRect().width()
        fits = metrics.horizontalAdvance(self.text()) <= room
        return elide_name(self.text() if fits else self._brief or self.text(), metrics, room)

    def event(self, event: QEvent) -> bool:
        """Say all of a text that is cut short."""
        asked = event.type() == QEvent.Type.ToolTip and not self.toolTip()
        if asked and isinstance(event, QHelpEvent) and self.written() != self.text():
            QToolTip.showText(event.globalPos(), plain_tooltip(self.text()), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as much of the text as there is room for."""
        QPainter(self).drawText(self.contentsRect(), self.alignment(), self.written())
