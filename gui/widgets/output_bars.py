"""The outputs of a network for one image: a bar and a number for every class."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QPainter, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from engine.arrays import Array
from gui.theme import GRID, colours_of, small_font
from gui.widgets.numbers import short

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
PREDICTED, TRUE = "▸", "✓"
LEGEND = f"{PREDICTED} predicted   {TRUE} true"
_MARK = 10  # px that a mark takes
_TIGHT = 3  # px that the lowest row is higher than its figures
_ROOMY = 2 * GRID  # px that a row may be higher than its text


@dataclass(frozen=True)
class ClassOutput:
    """What a network says for one class, and whether it is the true one or the predicted one."""

    name: int
    value: float
    predicted: bool
    true: bool

    def number(self) -> str:
        """Write the value so that rows line up: three decimals while it is small."""
        if not np.isfinite(self.value) or abs(self.value) >= 100:
            return short(self.value)
        return f"{self.value:.3f}".replace("-", "−")

    def sentence(self) -> str:
        """Return it for a screen reader."""
        what = {
            (True, True): ", the predicted class, which is true",
            (True, False): ", the predicted class",
            (False, True): ", the true class",
        }.get((self.predicted, self.true), "")
        return f"class {self.name}: output {short(self.value)}{what}"


class OutputModel(QAbstractListModel):
    """A row for each class."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[ClassOutput] = []

    def set_outputs(self, outputs: Array, classes: tuple[int, ...], true: int | None) -> None:
        """Take the outputs (classes,), the names of the classes, and the true one if it is known.

        Without outputs, shape (0,), there is no row.
        """
        best = int(outputs.argmax()) if len(outputs) else -1
        rows = [
            ClassOutput(name, float(value), place == best, name == true)
            for place, (name, value) in enumerate(zip(classes, outputs, strict=False))
        ]
        if len(rows) != len(self.rows):
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()
        elif rows != self.rows:
            self.rows = rows
            self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            marks = f"{PREDICTED if row.predicted else ''}{TRUE if row.true else ''}"
            return f"{marks} {row.name}  {row.number()}".strip()
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return row.sentence()
        return None


class OutputBars(QListView):
    """A row for each class: its marks, its name, a bar from zero, its number.

    The scale goes from 0 to 1, or as far as the outputs go. Where there is no room for all rows,
    whole rows are in view, and the predicted one comes there when it is another one.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.outputs = OutputModel(self)
        self.setModel(self.outputs)
        self._delegate = _Delegate(self.outputs, self)
        self.setItemDelegate(self._delegate)
        self.setFont(small_font())
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Window)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerItem)
        self.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Outputs of all classes")
        self.setMinimumWidth(15 * GRID)
        self._shown: list[int] = []  # the rows that are to be in view, the last one above all

    def set_outputs(
        self, outputs: Array | None, classes: tuple[int, ...] = (), true: int | None = None
    ) -> None:
        """Show the outputs (classes,) with the names of the classes, or nothing.

        `true` is the true class, if it is known.
        """
        self.outputs.set_outputs(np.empty(0) if outputs is None else outputs, classes, true)
        self._fit()
        rows = self.outputs.rows
        marked = [i for i, row in enumerate(rows) if row.true]
        marked += [i for i, row in enumerate(rows) if row.predicted]
        if marked != self._shown:
            self._shown = marked
            self._bring_into_view()
        self.viewport().update()

    def bar_of(self, row: int) -> QRectF:
        """The bar of a class, in the viewport's px."""
        return self._delegate.bar(self.visualRect(self.outputs.index(row)), self.fontMetrics(), row)

    def sizeHint(self) -> QSize:
        return QSize(20 * GRID, 10 * (self.fontMetrics().height() + GRID))

    def minimumSizeHint(self) -> QSize:
        return QSize(15 * GRID, 4 * self.fontMetrics().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
        super().resizeEvent(event)
        self._bring_into_view()

    def _bring_into_view(self) -> None:
        for i in self._shown:
            self.scrollTo(self.outputs.index(i))

    def _fit(self) -> None:
        """Let the rows share the height, between tight and roomy; no row is cut."""
        metrics, count = self.fontMetrics(), max(1, len(self.outputs.rows))
        room = self.contentsRect().height()
        least = metrics.capHeight() + _TIGHT
        in_view = min(count, max(1, room // least))
        height = min(max(room // in_view, least), metrics.height() + _ROOMY)
        rest = room - in_view * height if in_view < count else 0
        if (height, rest) != (self._delegate.row_height, self.viewportMargins().bottom()):
            self._delegate.row_height = height
            self.setViewportMargins(0, 0, 0, max(0, rest))
            self.scheduleDelayedItemsLayout()


class _Delegate(QStyledItemDelegate):
    def __init__(self, outputs: OutputModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._outputs = outputs
        self.row_height = 0

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, self.row_height)

    def bar(self, cell: QRect, metrics: Any, row: int) -> QRectF:
        """The bar of a row between its name and its number."""
        left, right = self._columns(cell, metrics)
        low, high = self._range()
        scale = max(1, right - left) / (high - low)
        value = self._outputs.rows[row].value
        value = value if np.isfinite(value) else 0.0
        ends = sorted((left + (0.0 - low) * scale, left + (value - low) * scale))
        height = min(cell.height() - 4, 2 * GRID)
        top = cell.top() + (cell.height() - height) / 2
        return QRectF(ends[0], top, ends[1] - ends[0], height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row, cell = self._outputs.rows[index.row()], option.rect
        colours = colours_of(option.palette)
        wrong = row.predicted and not row.true and any(one.true for one in self._outputs.rows)
        painter.save()
        left, right = self._columns(cell, option.fontMetrics)
        track = self.bar(cell, option.fontMetrics, index.row())
        painter.fillRect(
            QRectF(left, track.top(), right - left, track.height()), QColor(colours.base)
        )
        bar_colour = colours.wrong if wrong else colours.pinned if row.predicted else colours.border
        painter.fillRect(track, QColor(bar_colour))
        if row.true and not row.predicted:  # framed, so that even a bar of no length is seen
            painter.setPen(QColor(colours.text))
            painter.drawRect(QRectF(left, track.top(), right - left - 1, track.height() - 1))
        painter.setPen(QColor(colours.wrong_text if wrong else colours.text))
        painter.setFont(_weighted(option.font, bold=row.predicted or row.true))
        middle = Qt.AlignmentFlag.AlignVCenter
        if row.predicted:
            painter.drawText(cell, middle, PREDICTED)
        if row.true:
            painter.drawText(cell.adjusted(_MARK, 0, 0, 0), middle, TRUE)
        name = cell.adjusted(2 * _MARK, 0, 0, 0)
        name.setRight(int(left) - GRID // 4)
        painter.drawText(name, middle | Qt.AlignmentFlag.AlignRight, str(row.name))
        painter.drawText(cell, middle | Qt.AlignmentFlag.AlignRight, row.number())
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(option.palette.color(QPalette.ColorRole.Highlight))
            painter.drawRect(cell.adjusted(0, 0, -1, -1))
        painter.restore()

    def _columns(self, cell: QRect, metrics: Any) -> tuple[float, float]:
        """Where the bars begin and end."""
        rows = self._outputs.rows
        names = max(metrics.horizontalAdvance(str(row.name)) for row in rows)
        numbers = max(metrics.horizontalAdvance(row.number()) for row in rows)
        numbers = max(numbers, metrics.horizontalAdvance("0.0000"))  # one of them is bold
        return cell.left() + 2 * _MARK + names + GRID // 2, cell.right() - numbers - GRID // 2

    def _range(self) -> tuple[float, float]:
        values = [row.value for row in self._outputs.rows if np.isfinite(row.value)]
        return min([0.0, *values]), max([1.0, *values])


def _weighted(font: QFont, *, bold: bool) -> QFont:
    font = QFont(font)
    font.setBold(bold)
    return font
