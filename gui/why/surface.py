"""Surface: heights over a square, drawn from the back to the front; dragging or keys turn it."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QWidget
from scipy import ndimage

from engine.array_types import Array
from gui.theme import GRID, colours_of, draw_round, mixed, small_font
from gui.widgets.colour_scale import ColourMap, paint_scale, range_of, scale_margin, table_for
from gui.widgets.labels import elide
from gui.widgets.number_words import brief

COLOURS: ColourMap = "viridis"
LEAST = 26 * GRID  # px high
_HIGH = 0.6  # sides of the square, from the lowest to the highest
_BESIDE = 0.12  # sides of the square, from its edge to the numbers
_PARTS = 16  # of the path from one moment to the next
_BY_KEY, _BY_PX = 10.0, 0.5  # degrees
_KEYS = {
    Qt.Key.Key_Left: (-_BY_KEY, 0.0),
    Qt.Key.Key_Right: (_BY_KEY, 0.0),
    Qt.Key.Key_Up: (0.0, _BY_KEY),
    Qt.Key.Key_Down: (0.0, -_BY_KEY),
}


class Surface(QWidget):
    """Heights at the points (n, n) of a grid, in the colours of their scale, and a path on them.

    It is seen from `tilt` degrees above the ground, and turned by `turn` degrees to the right.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName("The loss as a surface; arrows turn it")
        self.turn, self.tilt = 30.0, 35.0
        self.heights: Array = np.full((2, 2), np.nan)
        self._path: Array = np.zeros((1, 2))
        self._ends: Sequence[str] = ()
        self._rows = self._columns = np.array([-1.0, 1.0])
        self._dragged = QPointF()
        self.setFont(small_font())
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(1, LEAST)

    def show_heights(
        self,
        title: str,
        heights: Array,
        rows: Array,
        columns: Array,
        path: Array,
        ends: Sequence[str] = (),
    ) -> None:
        """Show heights at the numbers of rows and columns, and a path (moments, 2) of places.

        `ends` name its first place and its last.
        """
        self.heights, self._rows, self._columns, self._path = heights, rows, columns, path
        self._ends = ends
        self.setAccessibleDescription(title)
        self.update()

    def project(self, places: Array, heights: Array | float) -> Array:
        """Return where points over rows and columns (..., 2) are seen.

        They are px across, px down, and how near they are: (..., 3).
        """
        low, high = range_of(self.heights)
        turn, tilt = np.radians((self.turn, self.tilt))
        y, x = np.moveaxis(places, -1, 0) / (len(self.heights) - 1) - 0.5
        z = _HIGH * ((heights - low) / (high - low or 1) - 0.5)
        across = x * np.cos(turn) + y * np.sin(turn)
        near = y * np.cos(turn) - x * np.sin(turn)
        down = near * np.sin(tilt) - z * np.cos(tilt)
        room, wide = self._room(), np.sqrt(2) + 2 * _BESIDE  # however it is turned
        scale, centre = min(room.width(), room.height()) / wide, room.center()
        return np.stack((centre.x() + scale * across, centre.y() + scale * down, near), axis=-1)

    def _room(self) -> QRectF:
        levels = range_of(self.heights)
        metrics = QFontMetricsF(self.font())
        room = QRectF(self.rect()).marginsRemoved(scale_margin("right", levels, metrics))
        return room.adjusted(GRID, metrics.height() + GRID // 2, -GRID, -GRID)

    # --- painting ----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what is nearer over what is farther away, then numbers."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self.font())
        self._paint_ground(painter)
        self._paint_cells(painter)
        self._paint_path(painter)
        room, levels = self._room(), range_of(self.heights)
        inside = room.adjusted(0, 0, self.width() - room.right(), 0)
        painter.setPen(self.palette().placeholderText().color())
        paint_scale(painter, "right", room, inside, table_for(COLOURS, self.palette()), levels)
        title = elide(self.accessibleDescription(), self.fontMetrics(), self.width())
        painter.drawText(self.rect().adjusted(2, 2, -2, 0), Qt.AlignmentFlag.AlignTop, title)
        if self.hasFocus():
            painter.setPen(self.palette().highlight().color())
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    def _paint_ground(self, painter: QPainter) -> None:
        """Draw the square, and the numbers at the ends of both edges that are in front."""
        last, low = len(self.heights) - 1, range_of(self.heights)[0]
        square = np.array([(0, 0), (0, 1), (1, 1), (1, 0)]) * last
        painter.setPen(colours_of(self.palette()).outline)
        painter.drawPolygon(_polygon(self.project(square, low)))
        painter.setPen(self.palette().text().color())
        metrics = painter.fontMetrics()
        beside = ([(0.12, side), (0.88, side)] for side in (-_BESIDE, 1 + _BESIDE))
        edges = np.array(list(beside)) * last
        for name, numbers, way in (("a", self._rows, 1), ("b", self._columns, -1)):
            found = self.project(edges[..., ::way], low)
            front = found[found[..., 2].sum(axis=1).argmax()]
            on_the_left = front[:, 0].mean() < self._room().center().x()
            for number, (across, down, _) in zip(numbers[[0, -1]], front.tolist(), strict=True):
                text = f"{name} = {brief(float(number))}"
                box = QRectF(0, 0, metrics.horizontalAdvance(text) + 1, metrics.height())
                box.moveCenter(QPointF(across, down))
                if on_the_left:
                    box.moveRight(across)
                else:
                    box.moveLeft(across)
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_cells(self, painter: QPainter) -> None:
        low, high = range_of(self.heights)
        places = np.moveaxis(np.indices(self.heights.shape, np.float64), 0, -1)
        corners = _corners(self.project(places, self.heights)).reshape(-1, 4, 3)
        means = _corners(self.heights).mean(axis=-1).ravel()
        known = np.isfinite(means)
        steps = 255 * (np.where(known, means, low) - low) / (high - low or 1)
        inks = table_for(COLOURS, self.palette())[steps.round().astype(np.intp)].tolist()
        order = corners[:, :, 2].sum(axis=1).argsort(kind="stable")
        for place in order.tolist():
            if known[place]:
                ink = QColor(*inks[place])
                painter.setPen(QPen(mixed(ink, QColor("black"), 0.85), 0.8))
                painter.setBrush(ink)
                painter.drawPolygon(_polygon(corners[place]))

    def _paint_path(self, painter: QPainter) -> None:
        """Draw the path over the surface, as high as that is there."""
        moments = np.arange(len(self._path))
        between = np.linspace(0, len(moments) - 1, _PARTS * (len(moments) - 1) + 1)
        line = np.stack([np.interp(between, moments, each) for each in self._path.T])
        heights = ndimage.map_coordinates(self.heights, line, order=1)
        spots = [QPointF(*spot[:2]) for spot in self.project(line.T, heights).tolist()]
        painter.setPen(QPen(self.palette().highlight().color(), 2))
        painter.setBrush(Qt.GlobalColor.white)
        painter.drawPolyline(spots)
        for moment in spots[::_PARTS]:
            painter.drawEllipse(moment, 3, 3)
        paint_ends(painter, spots, self._ends, self)

    # --- turning -----------------------------------------------------------------------------

    def _turn_by(self, right: float, up: float) -> None:
        self.turn = (self.turn + right) % 360
        self.tilt = min(90.0, max(5.0, self.tilt + up))
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to turn it."""
        self._dragged = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Turn it with the pointer."""
        by, self._dragged = event.position() - self._dragged, event.position()
        self._turn_by(_BY_PX * by.x(), _BY_PX * by.y())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Turn it by a step."""
        by = _KEYS.get(Qt.Key(event.key()))
        if by is None:
            super().keyPressEvent(event)
        else:
            self._turn_by(*by)


def paint_ends(
    painter: QPainter, path: Sequence[QPointF], names: Sequence[str], inside: QWidget
) -> None:
    """Write beside the ends of a path what they are: the first and the last, or the only one."""
    metrics, palette = painter.fontMetrics(), inside.palette()
    for spot, name in zip(path[:: max(1, len(path) - 1)], names, strict=False):
        box = QRectF(0, 0, metrics.horizontalAdvance(name) + GRID, metrics.height())
        box.moveCenter(spot + QPointF(box.width() / 2 + GRID, 0))
        box.moveRight(min(box.right(), inside.width()))
        draw_round(painter, box, 3, palette.base().color())
        painter.setPen(palette.text().color())
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, name)


def _corners(values: Array) -> Array:
    """Return what belongs to the four corners of each cell of a grid: (n - 1, n - 1, 4, ...)."""
    ends = values[:-1, :-1], values[:-1, 1:], values[1:, 1:], values[1:, :-1]
    return np.stack(ends, axis=2)


def _polygon(spots: Array) -> QPolygonF:
    return QPolygonF([QPointF(across, down) for across, down, _ in spots.tolist()])
