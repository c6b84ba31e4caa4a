"""FixedLabel: a place for a label whose text changes often."""

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.widgets.elision import ElidedLabel


class FixedLabel(QWidget):
    """Holds a label of one line, which takes the width that there is and is cut short there.

    When the text of a label changes, Qt lays everything around it out anew, up to the whole window,
    and that takes longer than to paint it. Here it stops. `longest` is a text that there should be
    room for.
    """

    def __init__(self, label: ElidedLabel, longest: str = "") -> None:
        super().__init__()
        self.label, self._longest = label, ""
        label.setParent(self)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.keep_room(longest)

    def keep_room(self, longest: str) -> None:
        """Have room for another text; empty: for none."""
        if longest != self._longest:
            self._longest = longest
            across = QSizePolicy.Policy.Preferred if longest else QSizePolicy.Policy.Ignored
            self.setSizePolicy(across, QSizePolicy.Policy.Fixed)
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Ask for the height of a line, and the width of the longest text."""
        metrics = self.label.fontMetrics()
        height = metrics.height() + 2 * self.label.margin()
        return QSize(metrics.horizontalAdvance(self._longest), height)

    def minimumSizeHint(self) -> QSize:
        """Do not be smaller."""
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the label all the room."""
        self.label.setGeometry(self.rect())

    def changeEvent(self, event: QEvent) -> None:
        """Ask for another height in another font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()
