"""SeverityMark: a small sign before a finding, told from others by its shape and its colour."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.data.doctor import Severity
from gui.theme import colours_of, small_font

_LETTERS: dict[Severity, str] = {"serious": "×", "warning": "!", "note": "i"}
_MIDDLE = Qt.AlignmentFlag.AlignCenter


class SeverityMark(QWidget):
    """A disc with a cross, a triangle with an exclamation mark, or a ring with an i."""

    def __init__(self, severity: Severity, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.severity: Severity = severity
        self.setFont(small_font())
        self.setToolTip(severity.capitalize())
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Be as high as a line of text."""
        side = self.fontMetrics().height()
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the sign in the colours of the theme."""
        colours, severity = colours_of(self.palette()), self.severity
        ink = QColor({"serious": colours.error, "warning": colours.wrong_text}.get(severity, ""))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if severity == "note":
            ink = QColor(colours.muted)
            painter.setPen(QPen(ink, 1.2))
            painter.drawEllipse(box)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ink)
            if severity == "serious":
                painter.drawEllipse(box)
            else:
                top = QPointF(box.center().x(), box.top())
                painter.drawPolygon(QPolygonF([top, box.bottomRight(), box.bottomLeft()]))
            painter.setPen(self.palette().color(QPalette.ColorRole.Base))
        lowered = box.height() * 0.12 if severity == "warning" else 0
        painter.drawText(box.translated(0, lowered), _MIDDLE, _LETTERS[severity])
