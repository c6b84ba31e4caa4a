"""PointMap: samples as points in a plane, coloured by class."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.array_types import Array
from gui.theme import GRID, bolder, mixed, small_font

_DOT, _CROSS, _NEAR = 2.5, 3.5, 12.0  # px: half of a point and of a cross, and what is meant
_MARGIN = 2 * GRID  # px around the points
_KEYS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


def class_colours(count: int, palette: QPalette) -> list[QColor]:
    """Return a colour for each class, as far apart as so many can be, readable on the ground."""
    dark = palette.color(QPalette.ColorRole.Base).lightness() < 128
    lights = (235, 190) if dark else (200, 130)
    return [
        QColor.fromHsv(360 * place // max(count, 1), 210, lights[place % 2])
        for place in range(count)
    ]


class PointMap(QWidget):
    """Points of classes; a mistake is a cross, the pinned sample has a frame.

    `read` is given the point under the pointer or at the keys (None: none), `choose` that of a
    click or Enter, `take` those within a line that is drawn around them.
    """

    def __init__(
        self,
        name: str,
        read: Callable[[int | None], object],
        choose: Callable[[int], object],
        take: Callable[[NDArray[np.intp]], object],
    ) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName("Samples as points; arrows go from one to the next, Enter selects")
        self._read, self._choose, self._take = read, choose, take
        self.points: Array = np.zeros((0, 2))
        self._labels: NDArray[np.integer] = np.zeros(0, np.intp)
        self._wrong: NDArray[np.bool_] = np.zeros(0, np.bool_)
        self._names: Sequence[str] = ()
        self.pinned: int | None = None
        self.current: int | None = None
        self._line: list[QPointF] = []
        self.setFont(small_font())
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(24 * GRID, 24 * GRID)

    def set_samples(
        self, labels: NDArray[np.integer], wrong: NDArray[np.bool_], names: Sequence[str]
    ) -> None:
        """Take the classes (n,) of the points that come next, and which are mistaken."""
        self._labels, self._wrong, self._names = labels, wrong, names

    def set_points(self, points: Array) -> None:
        """Show points (n, 2)."""
        self.points = points
        self.update()

    def pin(self, place: int | None) -> None:
        """Frame a point, or none."""
        self.pinned = place
        self.update()

    def spots(self) -> Array:
        """Return where the points lie in this widget, in px: (n, 2)."""
        if not len(self.points):
            return self.points
        low, high = self.points.min(axis=0), self.points.max(axis=0)
        room = np.array([self.width(), self.height()]) - 2 * _MARGIN
        scale = float(np.min(room / np.maximum(high - low, 1e-12)))
        shift = (room - scale * (high - low)) / 2 + _MARGIN
        found: Array = (self.points - low) * scale + shift
        found[:, 1] = self.height() - found[:, 1]
        return found

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw all points, and the names of the classes where most of each lie."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        spots, palette = self.spots(), self.palette()
        inks = class_colours(len(self._names), palette)
        for label, ink in enumerate(inks):
            mine = self._labels == label if len(self._labels) == len(spots) else []
            self._paint_class(painter, spots, np.asarray(mine, np.bool_), ink)
        painter.setFont(bolder(self.font()))
        for label, ink in enumerate(inks):
            mine = np.flatnonzero(self._labels == label)
            if len(mine) and len(self._labels) == len(spots):
                self._paint_name(painter, np.median(spots[mine], axis=0), label, ink)
        for place, role in ((self.current, "Mid"), (self.pinned, "Highlight")):
            if place is not None and place < len(spots):
                painter.setPen(QPen(palette.color(getattr(QPalette.ColorRole, role)), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                x, y = spots[place]
                painter.drawRect(QRectF(x - 6, y - 6, 12, 12))
        if self._line:
            painter.setPen(QPen(palette.color(QPalette.ColorRole.Highlight), 1.5))
            painter.drawPolygon(QPolygonF(self._line))
        if self.hasFocus():
            painter.setPen(QPen(palette.color(QPalette.ColorRole.Highlight), 1))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    def _paint_class(
        self, painter: QPainter, spots: Array, mine: NDArray[np.bool_], ink: QColor
    ) -> None:
        if not mine.any():
            return
        painter.setPen(QPen(ink, 2 * _DOT, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        right = spots[mine & ~self._wrong]
        painter.drawPoints(QPolygonF([QPointF(x, y) for x, y in right.tolist()]))
        painter.setPen(QPen(ink, 1.5))
        for x, y in spots[mine & self._wrong].tolist():
            for sign in (1, -1):
                by = QPointF(_CROSS, sign * _CROSS)
                painter.drawLine(QPointF(x, y) - by, QPointF(x, y) + by)

    def _paint_name(self, painter: QPainter, spot: Array, label: int, ink: QColor) -> None:
        name, metrics = self._names[label], painter.fontMetrics()
        box = QRectF(0, 0, metrics.horizontalAdvance(name) + GRID, metrics.height())
        box.moveCenter(QPointF(*spot.tolist()))
        ground = QColor(self.palette().color(QPalette.ColorRole.Base))
        ground.setAlphaF(0.8)
        painter.fillRect(box, ground)
        painter.setPen(mixed(ink, self.palette().color(QPalette.ColorRole.Text), 0.6))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, name)

    # --- events ------------------------------------------------------------------------------

    def _nearest(self, at: QPointF) -> int | None:
        if not len(self.points):
            return None
        away = np.hypot(*(self.spots() - (at.x(), at.y())).T)
        place = int(away.argmin())
        return place if away[place] <= _NEAR else None

    def _go(self, place: int | None) -> None:
        self.current = place
        self._read(place)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a line."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._line = [event.position()]

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read the point that is near, or go on with a line."""
        if self._line:
            self._line.append(event.position())
            self.update()
        else:
            place = self._nearest(event.position())
            if place != self.current:
                self._go(place)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose the point of a click, or take those within the line."""
        line, self._line = self._line, []
        self.update()
        if not line:
            return
        around = QPolygonF(line)
        if around.boundingRect().width() + around.boundingRect().height() < _NEAR:
            place = self._nearest(event.position())
            if place is not None:
                self._choose(place)
            return
        rule = Qt.FillRule.OddEvenFill
        inside = [around.containsPoint(QPointF(x, y), rule) for x, y in self.spots().tolist()]
        self._take(np.flatnonzero(inside))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to the point before or after, or choose the one."""
        by = _KEYS.get(Qt.Key(event.key()))
        if by is not None and len(self.points):
            here = -1 if self.current is None and by > 0 else self.current or 0
            self._go((here + by) % len(self.points))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current is not None:
            self._choose(self.current)
        else:
            super().keyPressEvent(event)
