"""BlockDelegate: draws a row of the block list, and edits its title."""

from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractItemModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPalette, QPen, QPolygon
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from engine.array_types import format_shape
from engine.blocks import UnknownBlock
from engine.model.stack import BlockSlot, Row
from gui.editor.block_list_model import FATE_ROLE, NEW, ROW_ROLE
from gui.theme import DARK, GRID, Colours, colours_of, kind_colour, small_font
from gui.widgets.elision import elide
from gui.widgets.icons import icon
from gui.widgets.problem_label import CROSS

GAP_HEIGHT = 3 * GRID
LONGEST_TITLE = 200

_PAD = 2
_LOCK = 12
_CHIP = 6
_UNKNOWN = "–"
_WRAP = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class _Places:
    """Where the parts of a row are: its body, and below it the joint to the next row.

    The error takes the place of a joint whose shape is not known.
    """

    body: QRect
    chip: QRect
    number: QRect
    title: QRect
    lock: QRect
    parameters: QRect
    cross: QRect
    error: QRect
    joint: QRect
    height: int


class BlockDelegate(QStyledItemDelegate):
    """A colour chip, position, title and parameters, or the error; below, the shape that flows on.

    `gap` is the row before which something may be dropped; the rows make room for it there.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._small = small_font()
        self.gap: int | None = None
        self.gap_text = ""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Size of a row as wide as the list: taller where an error needs several lines."""
        view = option.widget
        width = view.viewport().width() if isinstance(view, QAbstractItemView) else 300
        places = self._places(QRect(0, 0, width, 0), option, index.data(ROW_ROLE))
        above, below = self.gaps(index)
        return QSize(2 * GRID, above + places.height + below)  # the view stretches it to its width

    def gaps(self, index: QModelIndex | QPersistentModelIndex) -> tuple[int, int]:
        """Height of the gap above a row, and below it if it is the last."""
        above = GAP_HEIGHT if self.gap == index.row() else 0
        last = index.row() + 1 == index.model().rowCount()
        return above, GAP_HEIGHT if last and self.gap == index.row() + 1 else 0

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw a row."""
        row: Row = index.data(ROW_ROLE)
        colours = colours_of(option.palette)
        above, below = self.gaps(index)
        painter.save()
        rect = option.rect.adjusted(0, above, 0, -below)
        if above:
            self.draw_gap(painter, QRect(rect.x(), rect.y() - above, rect.width(), above), colours)
        if below:
            self.draw_gap(painter, QRect(rect.x(), rect.bottom() + 1, rect.width(), below), colours)
        places = self._places(rect, option, row)
        _draw_ground(painter, places.body, option.state, colours)
        painter.fillRect(places.chip, kind_colour(row.slot.block.group))
        painter.setPen(QColor(colours.text))
        painter.setFont(option.font)
        painter.drawText(places.title, Qt.AlignmentFlag.AlignVCenter, _title(row, painter, places))
        painter.setFont(self._small)
        painter.setPen(QColor(colours.muted))
        painter.drawText(places.number, _RIGHT, str(index.row() + 1))
        painter.drawText(places.parameters, _RIGHT, _parameters(row))
        _draw_lock(painter, places.lock, row.slot)
        if not places.joint.isNull():
            _draw_joint(painter, places, _shape(row), colours)
            _draw_learned(painter, places.joint, index.data(FATE_ROLE), colours)
        if row.problem is not None:
            painter.setPen(QColor(colours.error))
            painter.drawText(places.cross, _RIGHT, CROSS)
            painter.drawText(places.error, _WRAP, row.problem.predicate)
        painter.restore()

    def draw_gap(self, painter: QPainter, rect: QRect, colours: Colours) -> None:
        """Draw the place where what is dragged would go."""
        box = rect.adjusted(3, 3, -4, -4)
        painter.fillRect(box, _faint(colours.link, 0.15))
        painter.setPen(QPen(QColor(colours.link), 2))
        painter.drawRect(box)
        painter.setFont(self._small)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.gap_text)

    def createEditor(
        self,
        parent: QWidget,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> QWidget:
        """Make the field in which a title is edited; it suggests the block's own name."""
        editor = QLineEdit(parent)
        editor.setObjectName("rename")
        editor.setAccessibleName("Title of the block")
        editor.setMaxLength(LONGEST_TITLE)
        editor.setPlaceholderText(index.data(ROW_ROLE).slot.block.summary())
        editor.setTextMargins(0, 0, 0, 0)
        return editor

    def setModelData(
        self,
        editor: QWidget,
        model: QAbstractItemModel,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Take a title that was typed; what the field made of an odd one is no wish of the user."""
        if not isinstance(editor, QLineEdit) or editor.isModified():
            super().setModelData(editor, model, index)

    def destroyEditor(self, editor: QWidget, index: QModelIndex | QPersistentModelIndex) -> None:
        """Take the field away; until it is gone it cannot be found by its name."""
        editor.setObjectName("")
        super().destroyEditor(editor, index)

    def updateEditorGeometry(
        self,
        editor: QWidget,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Put the field over the title."""
        rect = option.rect.adjusted(0, self.gaps(index)[0], 0, 0)
        places = self._places(rect, option, index.data(ROW_ROLE))
        middle, height = places.title.center().y(), editor.sizeHint().height()
        left = places.title.x() - GRID // 2
        editor.setGeometry(left, middle - height // 2, places.body.right() - left, height)

    def _places(self, rect: QRect, option: QStyleOptionViewItem, row: Row) -> _Places:
        small = QFontMetrics(self._small)
        title_height = QFontMetrics(option.font).height()
        number_width = small.horizontalAdvance("00")
        left = rect.x() + _CHIP + number_width + 2 * GRID
        width = rect.x() + rect.width() - GRID - left
        y = rect.y() + _PAD
        parameters_width = small.horizontalAdvance(_parameters(row))
        parameters = QRect(left + width - parameters_width, y, parameters_width, title_height)
        lock_width = _lock_width(row.slot, small)
        lock = QRect(parameters.x() - lock_width, y, lock_width, title_height)
        title = QRect(left, y, lock.x() - GRID - left, title_height)
        number = QRect(rect.x() + _CHIP + GRID, y, number_width, title_height)
        y += title_height + _PAD
        cross = error = joint = QRect()
        if row.problem is not None:
            error = small.boundingRect(
                QRect(left, y, width, 10_000), int(_WRAP), row.problem.predicate
            )
            error.setWidth(width)
            cross = QRect(number.x(), y, number_width, small.height())
            y += error.height() + _PAD
        body = QRect(rect.x(), rect.y(), rect.width(), y - rect.y())
        chip = QRect(rect.x() + 1, rect.y() + 1, _CHIP, body.height() - 2)
        if row.problem is None or row.output_shape is not None:
            joint = QRect(left, y, width, small.height() - 1)
            y += joint.height()
        height = y - rect.y()
        return _Places(body, chip, number, title, lock, parameters, cross, error, joint, height)


def _title(row: Row, painter: QPainter, places: _Places) -> str:
    """Write title and key numbers; a title that is too long is cut, the numbers are not."""
    slot, metrics = row.slot, painter.fontMetrics()
    summary = slot.block.summary()
    if not slot.title:
        return elide(summary, metrics, places.title.width())
    rest = f" · {summary}"
    room = places.title.width() - metrics.horizontalAdvance(rest)
    return elide(slot.title, metrics, room) + rest


def _shape(row: Row) -> str:
    return _UNKNOWN if row.output_shape is None else format_shape(row.output_shape)


def _parameters(row: Row) -> str:
    if row.parameters is None:
        return "" if row.problem else _UNKNOWN
    return f"{row.parameters:,}"


def _lock_text(slot: BlockSlot) -> str:
    """Count the locked kernels, unless the whole block is locked, or nothing."""
    if slot.locked or not slot.locked_kernels or isinstance(slot.block, UnknownBlock):
        return ""
    return f"{len(slot.locked_kernels)}/{slot.block.kernel_count()}"


def _lock_width(slot: BlockSlot, small: QFontMetrics) -> int:
    text = _lock_text(slot)
    if not slot.locked and not text:
        return 0
    return _LOCK + GRID + (small.horizontalAdvance(text) + _PAD if text else 0)


def _draw_lock(painter: QPainter, place: QRect, slot: BlockSlot) -> None:
    """Draw a padlock, followed by how many kernels it is about, if it is not the block."""
    if place.width():
        box = QRect(place.x(), place.center().y() - _LOCK // 2, _LOCK, _LOCK)
        icon("lock", QPalette.ColorRole.PlaceholderText).paint(painter, box)
        painter.drawText(place.adjusted(0, 0, -GRID, 0), _RIGHT, _lock_text(slot))


def _draw_joint(painter: QPainter, places: _Places, shape: str, colours: Colours) -> None:
    """Draw an arrow from the chip to the next one, and the shape that goes there."""
    joint, x = places.joint, places.chip.center().x() + 1
    top, tip = joint.y() + 1, joint.y() + joint.height() - 1
    painter.setPen(QPen(QColor(colours.muted), 1))
    painter.drawLine(x, top, x, tip - 3)
    painter.setBrush(QColor(colours.muted))
    painter.drawPolygon(QPolygon([QPoint(x - 3, tip - 4), QPoint(x + 3, tip - 4), QPoint(x, tip)]))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawText(joint, Qt.AlignmentFlag.AlignVCenter, shape)


def _draw_learned(painter: QPainter, joint: QRect, learned: str, colours: Colours) -> None:
    """Say below the parameters whether they are still trained."""
    new = learned == NEW
    painter.setPen(QColor(colours.link if new else colours.muted))
    painter.drawText(joint, _RIGHT, f"● {learned}" if new else learned)


def _draw_ground(painter: QPainter, rect: QRect, state: QStyle.StateFlag, colours: Colours) -> None:
    """Tint a selected row and, less, the one under the mouse; frame the one with the focus."""
    painter.fillRect(rect, _faint(colours.text, 0.05))
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
