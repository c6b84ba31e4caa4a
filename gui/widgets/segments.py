"""Segments: a few names side by side of which one is chosen, drawn as one control."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QTabBar, QWidget

from gui.theme import GRID, ROUND, bolder, colours_of, mixed
from gui.widgets.labels import elide

_LEAST = 3 * GRID  # px of a segment where there is little room
_HEIGHT = 4 * GRID  # px
_INSET = 3  # px between the ground and the chosen segment


class Segments(QTabBar):
    """Chooses by click or by arrows."""

    def __init__(
        self, name: str, spoken: str, words: Sequence[str] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(spoken)
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setUsesScrollButtons(False)
        self.setElideMode(Qt.TextElideMode.ElideRight)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        for word in words:
            self.addTab(word)

    def tabSizeHint(self, index: int) -> QSize:
        """Ask for the name, as it is when it is chosen, and some room beside it."""
        metrics = QFontMetrics(bolder(self.font()))
        width = metrics.horizontalAdvance(self.tabText(index))
        return QSize(width + 2 * GRID, max(_HEIGHT, metrics.height() + 2 * GRID))

    def minimumTabSizeHint(self, index: int) -> QSize:
        """Be content with less: a name is cut where there is little room."""
        return QSize(_LEAST, self.tabSizeHint(index).height())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to scrolling."""
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground, the chosen segment on it, and all names."""
        colours, palette = colours_of(self.palette()), self.palette()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        seen = [tab for tab in range(self.count()) if self.isTabVisible(tab)]
        right = max((self.tabRect(tab).right() for tab in seen), default=0)
        ground = QRectF(0, 0, right + 1, self.height())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.ground))
        painter.drawRoundedRect(ground, ROUND, ROUND)
        for index in seen:
            room = QRectF(self.tabRect(index)).adjusted(_INSET, _INSET, -_INSET, -_INSET)
            chosen = index == self.currentIndex()
            if chosen:
                painter.setBrush(palette.color(QPalette.ColorRole.Base))
                painter.setPen(QPen(QColor(colours.border), 1))
                painter.drawRoundedRect(room.adjusted(0.5, 0.5, -0.5, -0.5), ROUND - 2, ROUND - 2)
                if self.hasFocus():
                    painter.setBrush(Qt.BrushStyle.NoBrush)
                    painter.setPen(QPen(palette.color(QPalette.ColorRole.Highlight), 2))
                    painter.drawRoundedRect(room.adjusted(1, 1, -1, -1), ROUND - 2, ROUND - 2)
            elif self.tabAt(self.mapFromGlobal(self.cursor().pos())) == index:
                painter.setPen(Qt.PenStyle.NoPen)
                over = mixed(QColor(colours.base), QColor(colours.ground), 0.5)
                painter.setBrush(over)
                painter.drawRoundedRect(room, ROUND - 2, ROUND - 2)
            painter.setFont(bolder(self.font()) if chosen else self.font())
            painter.setPen(QColor(colours.text if chosen else colours.muted))
            text = elide(self.tabText(index), painter.fontMetrics(), room.width() - 2)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text)
