"""BlockDelegate: draws a row of the block list."""

from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from engine.arrays import format_shape
from engine.stack import Row
from gui.editor.model import ROW_ROLE
from gui.editor.problem_label import CROSS
from gui.theme import DARK, GRID, Colours, colours_of, kind_colour, small_font

_PAD = GRID // 2
_CHIP = 6
_UNKNOWN = "–"
_WRAP = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop


@dataclass(frozen=True)
class _Places:
    """Where the parts of a row are. The error takes the place of numbers that are not known."""

    chip: QRect
    number: QRect
    title: QRect
    numbers: QRect
    cross: QRect
    error: QRect
    height: int


class BlockDelegate(QStyledItemDelegate):
    """A colour chip, position and title; below them output shape and parameters, or the error."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._small = small_font()

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Size of a row as wide as the list: taller where an error needs several lines."""
        view = option.widget
        width = view.viewport().width() if isinstance(view, QAbstractItemView) else 300
        places = self._places(QRect(0, 0, width, 0), option, index.data(ROW_ROLE))
        return QSize(2 * GRID, places.height)  # the view stretches rows to its width

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw a row."""
        row: Row = index.data(ROW_ROLE)
        rect, palette = option.rect, option.palette
        colours = colours_of(palette)
        places = self._places(rect, option, row)
        painter.save()
        _draw_ground(painter, rect, option.state, colours)
        painter.fillRect(places.chip, kind_colour(row.slot.block.group))
        painter.setPen(QColor(colours.text))
        painter.setFont(option.font)
        painter.drawText(places.title, Qt.AlignmentFlag.AlignVCenter, _title(row, painter, places))
        painter.setFont(self._small)
        painter.setPen(QColor(colours.muted))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(places.number, right, str(index.row() + 1))
        if not places.numbers.isNull():
            painter.drawText(places.numbers, Qt.AlignmentFlag.AlignVCenter, _shape(row))
            painter.drawText(places.numbers, right, _parameters(row))
        if row.problem is not None:
            painter.setPen(QColor(colours.error))
            painter.drawText(places.cross, Qt.AlignmentFlag.AlignTop, CROSS)
            painter.drawText(places.error, _WRAP, row.problem.text)
        painter.restore()

    def _places(self, rect: QRect, option: QStyleOptionViewItem, row: Row) -> _Places:
        small = QFontMetrics(self._small)
        title_height = QFontMetrics(option.font).height()
        number_width = small.horizontalAdvance("00")
        left = rect.x() + _CHIP + number_width + 2 * GRID
        width = rect.x() + rect.width() - GRID - left
        y = rect.y() + _PAD
        title = QRect(left, y, width, title_height)
        number = QRect(rect.x() + _CHIP + GRID, y, number_width, title_height)
        y += title_height + 1
        numbers = cross = error = QRect()
        if row.problem is None or row.output_shape is not None:
            numbers = QRect(left, y, width, small.height())
            y += small.height()
        if row.problem is not None:
            indent = small.horizontalAdvance(CROSS) + _PAD
            room = QRect(left + indent, y, width - indent, 10_000)
            error = small.boundingRect(room, int(_WRAP), row.problem.text)
            error.setWidth(room.width())
            cross = QRect(left, y, indent, small.height())
            y += error.height() + 1
        height = y + _PAD - rect.y()
        chip = QRect(rect.x() + 1, rect.y() + 2, _CHIP, height - 4)
        return _Places(chip, number, title, numbers, cross, error, height)


def _title(row: Row, painter: QPainter, places: _Places) -> str:
    """Write title and key numbers; a title that is too long is cut, the numbers are not."""
    slot, metrics = row.slot, painter.fontMetrics()
    summary = slot.block.summary()
    if not slot.title:
        return metrics.elidedText(summary, Qt.TextElideMode.ElideRight, places.title.width())
    rest = f" · {summary}"
    room = places.title.width() - metrics.horizontalAdvance(rest)
    return metrics.elidedText(slot.title, Qt.TextElideMode.ElideRight, room) + rest


def _shape(row: Row) -> str:
    return _UNKNOWN if row.output_shape is None else format_shape(row.output_shape)


def _parameters(row: Row) -> str:
    return _UNKNOWN if row.parameters is None else f"{row.parameters:,}"


def _draw_ground(painter: QPainter, rect: QRect, state: QStyle.StateFlag, colours: Colours) -> None:
    """Tint the selected row and, less, the one under the mouse; frame the one with the focus."""
    if state & QStyle.StateFlag.State_Selected:
        opacity = 0.35 if colours is DARK else 0.18  # text stays at a contrast of 4.5
        painter.fillRect(rect, _faint(colours.highlight, opacity))
    elif state & QStyle.StateFlag.State_MouseOver:
        painter.fillRect(rect, _faint(colours.text, 0.07))
    if state & QStyle.StateFlag.State_HasFocus:
        painter.setPen(QPen(QColor(colours.link), 2))
        painter.drawRect(rect.adjusted(1, 1, -1, -1))


def _faint(colour: str, opacity: float) -> QColor:
    faint = QColor(colour)
    faint.setAlphaF(opacity)
    return faint
