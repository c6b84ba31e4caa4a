"""The outputs of a network for one image: a bar and a number for every class."""

from typing import Any

import numpy as np
from PySide6.QtCore import QModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from engine.array_types import Array
from gui.theme import GRID, bolder, colours_of, small_font
from gui.widgets.csv_table import csv_table
from gui.widgets.labels import elide_name
from gui.widgets.plain_models import Index, PlainListModel
from gui.widgets.plot_reading import paint_focus
from gui.widgets.sample_names import PREDICTED, TRUE, ClassOutput, outputs_of

_ROOT = QModelIndex()
_TIGHT = 3  # px that the lowest row is higher than its figures
_ROOMY = 2 * GRID  # px that a row may be higher than its text
_GAP = 4  # px between two bars, at least
_NUMBER = "0.0000"  # there is always room for it
_BARS = 0.22  # of the width, which names leave to the bars
_MARKS = f"{PREDICTED}{TRUE} "
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class OutputBars(QListView):
    """A row for each class: its marks, its name, a bar from zero, its number.

    The scale goes from 0 to 1, or as far as the outputs go. Where there is no room for all rows,
    they scroll, and the predicted one comes into view when it is another one.
    """

    def __init__(self) -> None:
        super().__init__()
        self._outputs = _Outputs(self)
        self._marked: list[int] = []  # the rows that are to be in view, the last one above all
        self.setAccessibleName("Outputs of all classes")
        self.setModel(self._outputs)
        self.setItemDelegate(_Delegate(self))
        self.setFont(small_font())
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Window)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_outputs(
        self, outputs: Array | None, classes: tuple[str, ...] = (), true: str | None = None
    ) -> None:
        """Show the outputs (classes,) with the names of the classes, or nothing.

        `true` is the true class, if it is known.
        """
        rows = outputs_of(outputs, classes, true)
        if rows == self._outputs.rows:
            return
        self._outputs.show(rows)
        marked = [place for place, row in enumerate(rows) if row.true]
        marked += [place for place, row in enumerate(rows) if row.predicted]
        if marked != self._marked:
            self._marked = marked
            self._bring_into_view()

    def rows(self) -> list[ClassOutput]:
        """What is shown of each class."""
        return list(self._outputs.rows)

    def table(self) -> bytes:
        """Write the outputs as CSV, a row a class."""
        cells = ((r.name, r.value, int(r.predicted), int(r.true)) for r in self._outputs.rows)
        return csv_table(["class", "output", "predicted", "true"], cells)

    def row_height(self) -> int:
        """Return the px that a row takes: they share the height, between tight and roomy."""
        metrics, count = self.fontMetrics(), max(1, len(self._outputs.rows))
        least, height = metrics.capHeight() + _TIGHT, self.viewport().height()
        in_view = min(count, max(1, height // least))
        return min(max(height // in_view, least), metrics.height() + _ROOMY)

    def sizeHint(self) -> QSize:
        """Ask for ten rows."""
        return QSize(20 * GRID, 10 * (self.fontMetrics().height() + GRID))

    def minimumSizeHint(self) -> QSize:
        """Need three rows."""
        return least_size(self.fontMetrics())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the rows share another height."""
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()
        self._bring_into_view()

    def _bring_into_view(self) -> None:
        for row in self._marked:
            self.scrollTo(self._outputs.index(row))


def least_size(metrics: QFontMetrics) -> QSize:
    """Return the size that three rows need in a font."""
    text = metrics.horizontalAdvance(f"{_MARKS}88 {_NUMBER}")
    return QSize(max(15 * GRID, text + 5 * GRID), 3 * (metrics.capHeight() + _TIGHT))


class _Outputs(PlainListModel):
    rows: tuple[ClassOutput, ...] | list[ClassOutput] = ()

    def show(self, rows: list[ClassOutput]) -> None:
        same = len(rows) == len(self.rows)
        if not same:
            self.beginResetModel()
        self.rows = rows
        if not same:
            self.endResetModel()
        elif rows:
            self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def cell(self, index: Index, role: int) -> Any:
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.caption()
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return row.sentence()
        return None


class _Delegate(QStyledItemDelegate):
    """Paints a row: the name and the bar, each as wide as in the other rows, and the number."""

    def __init__(self, bars: OutputBars) -> None:
        super().__init__(bars)
        self._bars = bars

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, self._bars.row_height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rows, colours, room = self._bars.rows(), colours_of(option.palette), option.rect
        row, bold = rows[index.row()], bolder(self._bars.font())
        metrics = QFontMetrics(bold)
        number, marks = metrics.horizontalAdvance(_NUMBER) + GRID, metrics.horizontalAdvance(_MARKS)
        # A name is cut where it leaves no room for bars.
        most = round((1 - _BARS) * room.width()) - number - marks - GRID
        named = min(max(metrics.horizontalAdvance(each.name) for each in rows) + 2, most)
        left = room.x() + named + marks + GRID
        painter.save()
        painter.setFont(bold if row.predicted or row.true else self._bars.font())
        painter.setPen(QColor(colours.wrong if row.wrong else colours.text))
        place = QRect(room.x(), room.y(), named + marks + GRID // 2, room.height())
        painter.drawText(place, _RIGHT, row.marks() + elide_name(row.name, metrics, named))
        place = QRect(room.right() + 1 - number + GRID // 2, room.y(), number, room.height())
        painter.drawText(place, _LEFT, row.number())
        thick = min(room.height() - _GAP, 2 * GRID)
        top = room.y() + (room.height() - thick) // 2
        track = QRect(left, top, room.right() + 1 - number - left, thick)
        painter.fillRect(track, QColor(colours.base))
        values = [each.value for each in rows if np.isfinite(each.value)]
        low, high = min([0.0, *values]), max([1.0, *values])
        value = row.value if np.isfinite(row.value) else 0.0
        start, end = (left + (x - low) / (high - low) * track.width() for x in sorted((0.0, value)))
        best = colours.wrong if row.wrong else colours.pinned
        ink = QColor(best if row.predicted else colours.border)
        painter.fillRect(QRectF(start, top, end - start, thick), ink)
        painter.setPen(QColor(colours.text))
        if row.true and not row.predicted:  # so that even a bar of no length is seen
            painter.drawRect(track.adjusted(0, 0, -1, -1))
        if option.state & QStyle.StateFlag.State_HasFocus:
            paint_focus(painter, QRectF(room), option.palette)
        painter.restore()
