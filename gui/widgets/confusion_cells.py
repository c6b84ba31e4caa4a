"""The cells of the confusion matrix in pixels: colours, numbers where there is room, dots."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPalette, QPen, QPolygonF, QRegion

from gui.theme import GRID, colours_of, small_font, text_font
from gui.widgets.confusion_colours import cell_colours, text_colour
from gui.widgets.confusion_model import ConfusionModel
from gui.widgets.pictures import Bytes

_BELOW, _ABOVE = Qt.AlignmentFlag.AlignTop, Qt.AlignmentFlag.AlignBottom
_MIDDLE, _CENTRE = Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignCenter
AIR = 3  # px around the figures in a cell


def paint_cells(
    painter: QPainter,
    cells: ConfusionModel,
    place: QRect,
    palette: QPalette,
    asked: QRegion,
    *,
    says_numbers: bool,
) -> None:
    """Paint the cells that are asked for into a place whose sides are multiples of their number.

    Most cells of a large matrix stand for nothing: they are painted together.
    """
    count = len(cells.classes)
    colours = cell_colours(cells.confusion.rates, palette)
    painter.fillRect(place, QColor(colours_of(palette).base))
    filled = [
        (row, column)
        for row, column in np.argwhere(cells.confusion.counts).tolist()
        if asked.intersects(tile(place, count, row, column))
    ]
    for row, column in filled:
        painter.fillRect(tile(place, count, row, column), _colour(colours, row, column))
    painter.setPen(QColor(colours_of(palette).pinned))
    for i in range(count):  # is seen as the diagonal, however few are right
        painter.drawRect(QRectF(tile(place, count, i, i)).adjusted(0.5, 0.5, -0.5, -0.5))
    _part(painter, place, count, palette.color(QPalette.ColorRole.Window))
    if says_numbers:
        _dot(painter, cells, place, QColor(colours_of(palette).muted))
        _write(painter, cells, place, filled, colours)


def tile(place: QRect, count: int, row: int, column: int) -> QRect:
    """Return the place of a cell, without the gap after it."""
    width, height = place.width() // count, place.height() // count
    corner = place.topLeft() + QPoint(column * width, row * height)
    return QRect(corner.x(), corner.y(), width - 1, height - 1)


def _part(painter: QPainter, place: QRect, count: int, ground: QColor) -> None:
    """Let the ground be seen between the cells."""
    width, height = place.width() // count, place.height() // count
    for i in range(1, count + 1):
        painter.fillRect(place.left() + i * width - 1, place.top(), 1, place.height(), ground)
        painter.fillRect(place.left(), place.top() + i * height - 1, place.width(), 1, ground)


def _dot(painter: QPainter, cells: ConfusionModel, place: QRect, colour: QColor) -> None:
    """Leave a quiet dot where there is nothing."""
    count = len(cells.classes)
    first = QRectF(tile(place, count, 0, 0)).center()
    width, height = place.width() // count, place.height() // count
    down, across = np.nonzero(cells.confusion.counts == 0)
    x, y = first.x() + across * width, first.y() + down * height
    painter.setPen(QPen(colour, 1.5))
    painter.drawPoints(QPolygonF(list(map(QPointF, x.tolist(), y.tolist()))))


def _write(
    painter: QPainter,
    cells: ConfusionModel,
    place: QRect,
    filled: Sequence[tuple[int, int]],
    grounds: Bytes,
) -> None:
    """Write what a cell says, and below it what it would say after the switch, if it is large."""
    count = len(cells.classes)
    small, large = small_font(), text_font()
    painter.setFont(small)
    metrics = painter.fontMetrics()
    size = tile(place, count, 0, 0).size()
    roomy = (
        size.width() >= metrics.horizontalAdvance("99.9 %") + AIR
        and size.height() >= 2 * metrics.height() + GRID
    )
    for row, column in filled:
        cell = tile(place, count, row, column)
        first, second = cells.texts(row, column)
        painter.setPen(text_colour(_colour(grounds, row, column)))
        if not roomy:
            painter.drawText(cell, _CENTRE, first)
            continue
        middle = cell.center().y()
        painter.setFont(large)
        painter.drawText(cell.adjusted(0, 0, 0, middle - cell.bottom()), _MIDDLE | _ABOVE, first)
        painter.setFont(small)
        painter.drawText(cell.adjusted(0, middle - cell.top(), 0, 0), _MIDDLE | _BELOW, second)


def _colour(colours: Bytes, row: int, column: int) -> QColor:
    red, green, blue = colours[row, column].tolist()
    return QColor(red, green, blue)
