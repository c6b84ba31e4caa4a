"""Card: a surface with round corners, on which the parts of the window stand."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QWidget

from gui.theme import RADIUS, colours_of


class Card(QWidget):
    """Draws its surface; what stands on it need not."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the surface and its border."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colours_of(self.palette()).border), 1))
        painter.setBrush(self.palette().color(QPalette.ColorRole.Window))
        surface = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(surface, RADIUS, RADIUS)
