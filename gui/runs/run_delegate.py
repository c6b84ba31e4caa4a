"""RunDelegate: draws a row of the list of runs, and edits its name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from PySide6.QtCore import (
    QAbstractItemModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import (
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionButton,
    QStyleOptionViewItem,
    QWidget,
)

from gui.runs.run_colours import run_colour
from gui.runs.run_model import LOOK_ROLE, ROW_ROLE
from gui.runs.run_rows import RunRow
from gui.theme import DARK, GRID, Colours, colours_of, field_palette_for, small_font
from gui.widgets.elision import elide
from gui.widgets.icons import icon

LONGEST_NAME = 200
LEAST_SPAN = 0.1  # of accuracy that the small curve is high: smaller changes are no mountains

_PAD = GRID // 4  # px above and below the words
_BOX = 16
_DOT = 4  # radius
_PIN = 12
_CURVE = 7 * GRID
_NARROW = 41  # letters that a row has room for, below which there is no curve
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Places:
    """Where the parts of a row are."""

    dot: QRect
    box: QRect
    curve: QRect
    name: QRect
    about: QRect


class RunDelegate(QStyledItemDelegate):
    """A dot, a box to tick, the curve of the test accuracy; name, accuracy, and what differs."""

    def __init__(self, clock: Callable[[], datetime], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._small, self._small_beside = small_font(), 0.0  # pt of the font that it goes with

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Size of a row; the view stretches it to its width."""
        size = option.font.pointSizeF()
        if size != self._small_beside:  # making a font takes long
            self._small, self._small_beside = small_font(), size
        lines = QFontMetrics(option.font).height() + self._second_line
        return QSize(2 * GRID, lines + 2 * _PAD)

    @property
    def _second_line(self) -> int:
        return QFontMetrics(self._small).height()

    def places(self, rect: QRect) -> Places:
        """Return where the parts of a row are."""
        left = rect.x() + GRID // 2
        dot = QRect(left, rect.center().y() - _DOT, 2 * _DOT + 1, 2 * _DOT + 1)
        left = dot.right() + GRID // 2
        box = QRect(left, rect.center().y() - _BOX // 2, _BOX, _BOX)
        left = box.right() + GRID
        letters = rect.width() / QFontMetrics(self._small).horizontalAdvance("x")
        width = _CURVE if letters >= _NARROW else 0
        curve = QRect(left, rect.y() + _PAD, width, rect.height() - 2 * _PAD)
        left += width + (GRID if width else 0)
        small = self._second_line
        right = rect.right() - GRID
        name = QRect(left, rect.y() + _PAD, right - left, rect.height() - 2 * _PAD - small)
        about = QRect(left, name.bottom() + 1, right - left, small)
        return Places(dot, box, curve, name, about)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draw a row."""
        row: RunRow = index.data(ROW_ROLE)
        colours, places = colours_of(option.palette), self.places(option.rect)
        colour = run_colour(row.colour, colours)
        painter.save()
        _draw_ground(painter, option, colours)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(places.dot)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        _draw_box(painter, places.box, option, index.data(Qt.ItemDataRole.CheckStateRole))
        _draw_curve(painter, places.curve, row.curve, colour, colours)
        self._draw_words(painter, places, option.font, row, index.data(LOOK_ROLE), colours)
        painter.restore()

    def _draw_words(
        self,
        painter: QPainter,
        places: Places,
        font: QFont,
        row: RunRow,
        looked: str,
        colours: Colours,
    ) -> None:
        painter.setPen(QColor(colours.text))
        painter.setFont(font)
        painter.drawText(places.name, _RIGHT, row.accuracy)
        name = QRect(places.name)
        name.setWidth(name.width() - painter.fontMetrics().horizontalAdvance(row.accuracy) - GRID)
        if row.run.pinned:
            name.setWidth(name.width() - _PIN - GRID // 2)
        written = elide(row.run.title, painter.fontMetrics(), name.width())
        painter.drawText(name, _LEFT, written)
        if row.run.pinned:
            x = name.x() + painter.fontMetrics().horizontalAdvance(written) + GRID // 2
            box = QRect(x, name.center().y() - _PIN // 2, _PIN, _PIN)
            icon("pin", QPalette.ColorRole.PlaceholderText).paint(painter, box)
        painter.setFont(self._small)
        extent = row.extent(self._clock())
        extent = elide(extent, painter.fontMetrics(), places.about.width() // 2)
        bad = row.run.state in ("failed", "interrupted")
        quiet = colours.error if bad else colours.link if row.trains else colours.muted
        painter.setPen(QColor(quiet))
        painter.drawText(places.about, _RIGHT, extent)
        about = QRect(places.about)
        about.setWidth(about.width() - painter.fontMetrics().horizontalAdvance(extent) - GRID)
        if looked:
            place = f" · {row.place}" if row.place else ""
            text, colour = f"shown: {looked}{place}", colours.past
        else:
            text, colour = row.about, colours.muted
        painter.setPen(QColor(colour))
        painter.drawText(about, _LEFT, elide(text, painter.fontMetrics(), about.width()))

    # --- the name is edited ------------------------------------------------------------------

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: _Index) -> QWidget:
        """Make the field in which a name is edited."""
        editor = QLineEdit(parent)
        editor.setObjectName("runs.rename")
        editor.setAccessibleName("Name of the run")
        editor.setMaxLength(LONGEST_NAME)
        editor.setTextMargins(0, 0, 0, 0)
        editor.setText(index.data(Qt.ItemDataRole.EditRole))
        return editor

    def setEditorData(self, editor: QWidget, index: _Index) -> None:
        """Leave the field alone while the run grows: text and selection are the user's."""

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: _Index) -> None:
        """Take a name that was typed; what the field made of an odd one is no wish of the user."""
        if not isinstance(editor, QLineEdit) or editor.isModified():
            super().setModelData(editor, model, index)

    def destroyEditor(self, editor: QWidget, index: _Index) -> None:
        """Take the field away; until it is gone it cannot be found by its name."""
        editor.setObjectName("")
        super().destroyEditor(editor, index)

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: _Index
    ) -> None:
        """Put the field over the name."""
        name, height = self.places(option.rect).name, editor.sizeHint().height()
        top = max(option.rect.y(), name.center().y() - height // 2)
        editor.setGeometry(name.x() - GRID // 2, top, name.width() + GRID // 2, height)


def _draw_ground(painter: QPainter, option: QStyleOptionViewItem, colours: Colours) -> None:
    """Tint a selected row and, less, the one under the mouse; frame the one with the focus."""
    state, rect = option.state, option.rect
    if state & QStyle.StateFlag.State_Selected:
        opacity = 0.35 if colours is DARK else 0.18  # text stays at a contrast of 4.5
        painter.fillRect(rect, _faint(colours.highlight, opacity))
    elif state & QStyle.StateFlag.State_MouseOver:
        painter.fillRect(rect, _faint(colours.text, 0.07))
    painter.fillRect(rect.x(), rect.bottom(), rect.width(), 1, _faint(colours.text, 0.08))
    if state & QStyle.StateFlag.State_HasFocus:
        painter.setPen(QPen(QColor(colours.link), 2))
        painter.drawRect(rect.adjusted(1, 1, -1, -1))


def _draw_box(
    painter: QPainter, rect: QRect, option: QStyleOptionViewItem, ticked: Qt.CheckState
) -> None:
    """Draw a box as those of the style are."""
    box = QStyleOptionButton()
    box.rect = rect
    box.palette = _box_palette(colours_of(option.palette))
    on = Qt.CheckState(ticked) == Qt.CheckState.Checked
    state = QStyle.StateFlag.State_Enabled
    state |= QStyle.StateFlag.State_On if on else QStyle.StateFlag.State_Off
    box.state = state
    indicator = QStyle.PrimitiveElement.PE_IndicatorCheckBox
    option.widget.style().drawPrimitive(indicator, box, painter, option.widget)


@cache
def _box_palette(colours: Colours) -> QPalette:
    return field_palette_for(colours)


def _draw_curve(
    painter: QPainter, rect: QRect, curve: Sequence[float], colour: QColor, colours: Colours
) -> None:
    """Draw the test accuracy over the epochs, from its lowest to its highest value."""
    if not rect.width():
        return
    painter.fillRect(rect, _faint(colours.text, 0.04))
    finite = [value for value in curve if value == value]
    if not finite:
        return
    high = max(finite)
    low = min(min(finite), high - LEAST_SPAN)
    box = QRectF(rect).adjusted(2, 3, -2, -3)
    step = box.width() / max(1, len(curve) - 1)
    points = [
        QPointF(box.x() + place * step, box.bottom() - (value - low) / (high - low) * box.height())
        for place, value in enumerate(curve)
        if value == value
    ]
    painter.setPen(QPen(colour, 1.5))
    if len(points) > 1:
        painter.drawPolyline(QPolygonF(points))
    else:
        painter.drawEllipse(points[0], 1.5, 1.5)


def _faint(colour: str, opacity: float) -> QColor:
    faint = QColor(colour)
    faint.setAlphaF(opacity)
    return faint
