"""Segments: a few names side by side of which one is chosen, drawn as one control."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QTabBar

from gui.theme import GRID, ROUND, bolder, colours_of, draw_round, mixed
from gui.widgets.labels import elide

_LEAST = 3 * GRID  # px of a segment where there is little room
_HEIGHT = 4 * GRID  # px
_INSET = 3  # px between the ground and the chosen segment


class Segments(QTabBar):
    """Chooses by click or by arrows."""

    def __init__(self, name: str, spoken: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(spoken)
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setUsesScrollButtons(False)
        self.setElideMode(Qt.TextElideMode.ElideRight)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

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
        seen = [tab for tab in range(self.count()) if self.isTabVisible(tab)]
        right = max((self.tabRect(tab).right() for tab in seen), default=0)
        ground = QRectF(0, 0, right + 1, self.height())
        draw_round(painter, ground, ROUND, QColor(colours.ground))
        for index in seen:
            room = QRectF(self.tabRect(index)).adjusted(_INSET, _INSET, -_INSET, -_INSET)
            chosen = index == self.currentIndex()
            if chosen:
                box, edge = room.adjusted(0.5, 0.5, -0.5, -0.5), QColor(colours.border)
                draw_round(painter, box, ROUND - 2, palette.base().color(), edge)
                if self.hasFocus():
                    ring = QPen(palette.highlight().color(), 2)
                    draw_round(painter, room.adjusted(1, 1, -1, -1), ROUND - 2, edge=ring)
            elif self.tabAt(self.mapFromGlobal(self.cursor().pos())) == index:
                over = mixed(QColor(colours.base), QColor(colours.ground), 0.5)
                draw_round(painter, room, ROUND - 2, over)
            painter.setFont(bolder(self.font()) if chosen else self.font())
            painter.setPen(QColor(colours.text if chosen else colours.muted))
            text = elide(self.tabText(index), painter.fontMetrics(), room.width() - 2)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text)
