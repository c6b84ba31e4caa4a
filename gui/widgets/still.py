"""Still: a place for a label whose text changes often."""

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget


class Still(QWidget):
    """Holds a label of one line, which takes the width that there is.

    When the text of a label changes, Qt lays everything around it out anew, up to the whole window,
    and that takes longer than to paint it. Here it stops.
    """

    def __init__(self, label: QLabel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = label
        label.setParent(self)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Ask for the height of a line."""
        return QSize(0, self.label.fontMetrics().height() + 2 * self.label.margin())

    def minimumSizeHint(self) -> QSize:
        """Ask for the height of a line."""
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the label all the room."""
        self.label.setGeometry(self.rect())

    def changeEvent(self, event: QEvent) -> None:
        """Ask for another height in another font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()
