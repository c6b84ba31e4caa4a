"""TabMark: a line that makes the selected tab plain to see in every theme."""

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QTabBar, QWidget

_THICK = 3  # px
_BELOW = (QTabBar.Shape.RoundedSouth, QTabBar.Shape.TriangularSouth)


class TabMark(QWidget):
    """Lies along the outer edge of the selected tab of a bar."""

    def __init__(self, tabs: QTabBar) -> None:
        super().__init__(tabs)
        self._tabs = tabs
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Highlight)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        tabs.installEventFilter(self)
        self.setGeometry(QRect())  # until the bar is painted, for else it would cover a tab
        self.show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the selected tab; Qt says nothing when its place changes, but paints the bar."""
        if event.type() == QEvent.Type.Paint:
            tab = self._tabs.tabRect(self._tabs.currentIndex())
            below = self._tabs.shape() in _BELOW
            top = tab.bottom() + 1 - _THICK if below else tab.top()
            place = QRect(tab.left() + 1, top, max(0, tab.width() - 2), _THICK)
            if place != self.geometry():
                self.setGeometry(place)
        return super().eventFilter(watched, event)
