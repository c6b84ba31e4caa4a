"""The confusion matrix as a coloured table, and the table of scores beside it."""

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QFrame,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from gui.theme import GRID, small_font
from gui.widgets.confusion_cells import AIR, paint_cells, tile
from gui.widgets.confusion_labels import CENTRE, END, RIGHT, ClassLabels, line_of_figures
from gui.widgets.confusion_model import ConfusionModel, ScoresModel

Index = QModelIndex | QPersistentModelIndex


class ConfusionTable(QTableView):
    """Cells coloured by the share of the true class: blue on the diagonal, orange beside it.

    A click or Enter emits the places of the true and the predicted class, Shift and Enter those of
    a cell that is to be followed through the epochs. `pointed` is the cell under the mouse, or else
    that in focus; `cell_pointed` tells of another one, or of none. `cell_asked` comes before a
    menu, with the places of its cell, or −1 beside all.
    """

    cell_chosen = Signal(int, int)
    cell_followed = Signal(int, int)
    cell_asked = Signal(int, int)
    cell_pointed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cells = ConfusionModel(self)
        self.columns = ClassLabels(Qt.Orientation.Horizontal, CENTRE, self)
        self.rows = ClassLabels(Qt.Orientation.Vertical, RIGHT, self)
        self.pointed = QPersistentModelIndex()
        self.says_numbers = True
        self.setHorizontalHeader(self.columns)
        self.setVerticalHeader(self.rows)
        self.setModel(self.cells)
        _make_quiet(self)
        self.setAccessibleName("Confusion matrix: true class down, predicted class across")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(self._choose)
        self.entered.connect(self._point_at)
        self.cells.modelReset.connect(self._forget_pointed)

    def readable(self) -> QSize:
        """The least size of a cell in which all numbers can be read."""
        metrics = self.fontMetrics()
        width = metrics.horizontalAdvance(self.cells.widest()) + AIR
        return QSize(width, line_of_figures(metrics))

    def set_cell_size(self, width: int, height: int) -> None:
        """Make all cells so large; they say numbers if these can be read."""
        least = self.readable()
        before = self.says_numbers, self.cells.precise
        self.says_numbers = width >= least.width() and height >= least.height()
        self.cells.precise = width >= self.fontMetrics().horizontalAdvance(">99.9") + AIR
        self.columns.set_section_size(width)
        self.rows.set_section_size(height)
        if (self.says_numbers, self.cells.precise) != before:
            self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the cells that are asked for."""
        count = len(self.cells.classes)
        if not count:
            return
        painter, place = QPainter(self.viewport()), self._place()
        palette = self.palette()
        asked = event.region()
        paint_cells(painter, self.cells, place, palette, asked, says_numbers=self.says_numbers)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for index, width in ((self.pointed, 1), (self.currentIndex(), 2 * self.hasFocus())):
            if index.isValid() and width:
                frame = QRectF(tile(place, count, index.row(), index.column()))
                inset = width / 2
                join = Qt.PenJoinStyle.MiterJoin
                painter.setPen(QPen(palette.color(QPalette.ColorRole.Text), width, j=join))
                painter.drawRect(frame.adjusted(inset, inset, -inset, -inset))

    def _place(self) -> QRect:
        """Return the px of all cells in the viewport, in view or not."""
        corner = QPoint(self.columnViewportPosition(0), self.rowViewportPosition(0))
        return QRect(corner, QSize(self.columns.length(), self.rows.length()))

    def event(self, event: QEvent) -> bool:
        """Keep the window from taking the keys that copy the matrix here."""
        if event.type() == QEvent.Type.ShortcutOverride and _copies(event):
            event.accept()
            return True
        return super().event(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Tell which cell the menu is of; what lies behind shows it."""
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_key else self.indexAt(event.pos())
        self.cell_asked.emit(index.row(), index.column())
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if _copies(event):
            QGuiApplication.clipboard().setText(self.cells.as_text())
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            current, shift = self.currentIndex(), Qt.KeyboardModifier.ShiftModifier
            if current.isValid() and event.modifiers() & shift:
                self.cell_followed.emit(current.row(), current.column())
            elif current.isValid():
                self._choose(current)
            return
        super().keyPressEvent(event)

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self._point_at(self.currentIndex())

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._point_at(self.currentIndex() if self.hasFocus() else QModelIndex())
        return super().viewportEvent(event)

    def _point_at(self, index: QModelIndex) -> None:
        """Tell which cell is meant, and mark its classes."""
        self.pointed = QPersistentModelIndex(index)
        self.viewport().update()
        self.columns.mark(index.column())
        self.rows.mark(index.row())
        self.cell_pointed.emit()

    def _forget_pointed(self) -> None:
        self._point_at(QModelIndex())

    def _choose(self, index: QModelIndex) -> None:
        self.cell_chosen.emit(index.row(), index.column())


class ScoresTable(QTableView):
    """Precision, recall and F1 of every class, in columns of numbers that stand on the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scores = ScoresModel(self)
        self.columns = ClassLabels(Qt.Orientation.Horizontal, RIGHT, self)
        self.rows = ClassLabels(Qt.Orientation.Vertical, RIGHT, self)
        self.setHorizontalHeader(self.columns)
        self.setVerticalHeader(self.rows)
        self.setModel(self.scores)
        self.setItemDelegate(_ScoreDelegate(self))
        _make_quiet(self)
        self.setAccessibleName("Precision, recall and F1 of every class, in percent")
        self.columns.setMinimumSectionSize(1)
        for column, (title, _, _) in enumerate(ScoresModel.SCORES):
            widest = max(map(self.fontMetrics().horizontalAdvance, (title, "100.0")))
            self.setColumnWidth(column, widest + GRID)

    def set_row_height(self, height: int) -> None:
        """Make all rows so high."""
        self.rows.set_section_size(height)

    def wanted_width(self) -> int:
        """The px that the columns take with their classes, without a scroll bar."""
        return self.rows.thickness() + sum(
            self.columnWidth(column) for column in range(len(ScoresModel.SCORES))
        )

    def mark(self, row: int) -> None:
        """Mark a class, and bring it into view; -1: none."""
        self.rows.mark(row)
        if row >= 0:
            self.scrollTo(self.scores.index(row, 0))


def _copies(event: QEvent) -> bool:
    return isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Copy)


class _ScoreDelegate(QStyledItemDelegate):
    """Writes a score where the title of its column ends."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        role = QPalette.ColorRole
        chosen = option.state & QStyle.StateFlag.State_Selected  # Qt has filled the cell then
        painter.setPen(option.palette.color(role.HighlightedText if chosen else role.Text))
        painter.drawText(option.rect.adjusted(0, 0, -END, 0), RIGHT, index.data())
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(option.palette.color(QPalette.ColorRole.Highlight))
            painter.drawRect(option.rect.adjusted(0, 0, -1, -1))
        painter.restore()


def _make_quiet(table: QTableView) -> None:
    """Leave a table its cells, on the ground of what is around it."""
    table.setFont(small_font())
    table.setFrameShape(QFrame.Shape.NoFrame)
    for part in (table, table.horizontalHeader(), table.verticalHeader()):
        part.viewport().setBackgroundRole(QPalette.ColorRole.Window)
    for corner in table.findChildren(QAbstractButton):
        corner.setMaximumSize(0, 0)  # Qt shows it whenever it lays the table out
    table.setShowGrid(False)
    table.setTabKeyNavigation(False)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setMouseTracking(True)
    table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
