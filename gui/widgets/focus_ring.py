"""FocusRing: the frame of a field that has the focus, 2 px wide."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QLineEdit, QWidget

from gui.theme import ROUND, draw_round


class FocusRing(QWidget):
    """Lies over a field while that has the focus: Fusion's own frame is 1 px wide."""

    def __init__(self, field: QWidget) -> None:
        super().__init__(field)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.resize(field.size())
        self.show()
        field.installEventFilter(self)

    def eventFilter(self, field: QObject, event: QEvent) -> bool:
        """Follow the field, and go with the focus."""
        if isinstance(field, QWidget) and event.type() == QEvent.Type.Resize:
            self.resize(field.size())
        elif event.type() == QEvent.Type.FocusOut:
            self.deleteLater()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the frame."""
        ring = QPen(self.palette().highlight().color(), 2)
        draw_round(QPainter(self), self.rect().adjusted(1, 1, -1, -1), ROUND - 3, edge=ring)


def ring_field(widget: QWidget | None) -> None:
    """Frame a widget that has got the focus, if it is a field."""
    if isinstance(widget, QAbstractSpinBox | QComboBox | QLineEdit):
        FocusRing(widget)
