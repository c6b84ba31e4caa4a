"""The confusion matrix with all that stands around it: titles, scores, scale and a reading."""

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
    Slot,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
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

from engine.training.evaluation import Confusion
from gui.theme import GRID, set_muted, small_font
from gui.widgets.confusion_cells import AIR, paint_cells, tile
from gui.widgets.confusion_colours import RateScale
from gui.widgets.confusion_labels import CENTRE, END, RIGHT, ClassLabels, line_of_figures
from gui.widgets.confusion_model import ConfusionModel, ScoresModel
from gui.widgets.elision import elide, elide_name
from gui.widgets.pictures import paint_frame
from gui.widgets.plain_labels import plain_label
from gui.widgets.plain_models import Index
from gui.widgets.sample_names import short_names

CHOOSE = "Point at a cell to read it, click it to see its images."
ACROSS, DOWN, SCORES = "predicted class", "true class", "of each class, %"
_LEAST = 6  # px; smaller cells scroll
_LARGEST = 30 * GRID  # px; larger ones would say no more
_NARROW = 18 * GRID  # px; what would be narrower leaves the room to the rest
_LETTERS = 14  # of a class that is read
_SLACK = GRID // 2  # px after the last cell, into which its label may reach
_CENTRE = Qt.AlignmentFlag.AlignCenter


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
        for index, width in ((self.pointed, 1), (self.currentIndex(), 2 * self.hasFocus())):
            if index.isValid() and width:
                frame = QRectF(tile(place, count, index.row(), index.column()))
                inside, ink = width / 2, palette.color(QPalette.ColorRole.Text)
                paint_frame(painter, frame.adjusted(inside, inside, -inside, -inside), ink, width)

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


class ConfusionSheet(QWidget):
    """Places the parts by hand, for all of them follow from the size of a cell.

    Cells are as large as there is room. Where numbers do not fit, there are colours alone; only
    where cells would be smaller than 6 px, the matrix scrolls under its labels. The scores stand
    in the rows of the matrix, or, where these are too low for text, in rows of their own; a narrow
    sheet leaves them out.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFont(small_font())
        self.table = ConfusionTable(self)
        self.scores = ScoresTable(self)
        self.scores.setHorizontalScrollBarPolicy(_bar(needed=False))
        self.scale = RateScale(self)
        self.reading = plain_label()
        self.reading.setParent(self)
        self.reading.setObjectName("confusion.reading")
        set_muted(self.reading)
        self.reading.setWordWrap(True)
        self.reading.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._cells = QRect()  # where they are seen
        self._fitted: tuple[object, ...] = ()  # to what the parts were placed, beside the size
        self.table.cell_pointed.connect(self._read)

    def set_confusion(self, confusion: Confusion, classes: tuple[str, ...]) -> None:
        """Take other counts."""
        self.table.cells.set_confusion(confusion, classes)
        self.scores.scores.set_confusion(confusion, classes)
        if self._fitted != self._what_fits():
            self._fit()
        else:
            self._read()

    def set_rates(self, as_rates: bool) -> None:
        """Say shares of the true class, or counts."""
        self.table.cells.as_rates = as_rates
        self._fit()
        self.table.cells.tell()

    def minimumSizeHint(self) -> QSize:
        return QSize(36 * GRID, 16 * GRID)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Write the titles along what they are about."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        line, cells, scores = self.fontMetrics().height(), self._cells, self.scores.geometry()
        # Where the cells are too small for a title, it may reach beyond them.
        needed = self.fontMetrics().horizontalAdvance(ACROSS)
        painter.drawText(cells.left(), 0, max(cells.width(), needed), line, _CENTRE, ACROSS)
        ends = scores.left() + self.scores.wanted_width()
        if self.scores.isVisible():
            painter.drawText(scores.left(), 0, ends - scores.left(), line, _CENTRE, SCORES)
        painter.translate(0, cells.bottom() + 1)
        painter.rotate(-90)
        high, needed = cells.height(), self.fontMetrics().horizontalAdvance(DOWN)
        title = elide(DOWN, self.fontMetrics(), cells.bottom() + 1)
        painter.drawText(0, 0, max(high, min(needed, cells.bottom() + 1)), line, _CENTRE, title)

    def _fit(self) -> None:
        """Find the size of a cell, and put everything where it belongs then."""
        count = len(self.table.cells.classes)
        if not count:
            return
        self._fitted = self._what_fits()
        line = self.fontMetrics().height()
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        labels = QSize(self.table.rows.thickness(), line + 2)
        foot = 2 * line + GRID // 2
        down = self.height() - line - labels.height() - _SLACK - foot
        in_rows = down // count >= line_of_figures(self.fontMetrics())
        beside = GRID + self.scores.wanted_width() + (0 if in_rows else bar)
        across = self.width() - line - labels.width() - _SLACK
        self.scores.setVisible(across - beside >= _NARROW)
        across -= beside * self.scores.isVisibleTo(self)
        tall, wide = count * _LEAST > down, count * _LEAST > across
        across, down = across - bar * tall, down - bar * wide
        cell = self._cell(across // count, down // count)
        self.table.set_cell_size(cell.width(), cell.height())
        seen = QSize(min(cell.width() * count, across), min(cell.height() * count, down))
        cells = QRect(line + labels.width(), line + labels.height(), *seen.toTuple())
        if cells != self._cells:
            self.update()  # the titles move
        self._cells = cells
        ends = self._cells.adjusted(0, 0, _SLACK + bar * tall, _SLACK + bar * wide)
        table = QRect(line, line, ends.right() + 1 - line, ends.bottom() + 1 - line)
        self.table.setGeometry(table)
        self.table.setVerticalScrollBarPolicy(_bar(needed=tall))
        self.table.setHorizontalScrollBarPolicy(_bar(needed=wide))
        scores = QRect(table.right() + 1 + GRID, line, 0, table.height())
        scores.setRight(self.width() - 1)
        rows = count
        if not in_rows:  # as many as there is room for, and none of them cut
            rows = max(1, min(count, (down + bar * wide + _SLACK) // line))
            scores.setHeight(labels.height() + rows * line)
        self.scores.setVerticalScrollBarPolicy(_bar(needed=rows < count))
        self.scores.set_row_height(cell.height() if in_rows else line)
        self.scores.setGeometry(scores)
        self._place_foot(table, scores)
        self._read()

    def _what_fits(self) -> tuple[object, ...]:
        """Return what the places of the parts follow from, beside the size of the sheet."""
        cells = self.table.cells
        return cells.classes, cells.widest(), cells.as_rates, self.font().key()

    def _place_foot(self, table: QRect, scores: QRect) -> None:
        """Put the scale below the matrix, and the reading beside it or in its place."""
        height = 2 * self.fontMetrics().height()
        width = max(self.scale.sizeHint().width(), table.right() + 1)
        left = max(scores.left(), width + GRID)
        beside = self.width() - left >= _NARROW
        self.scale.setGeometry(0, table.bottom() + 1, width, height)
        self.scale.setVisible(beside)
        top = scores.bottom() + 1 + GRID // 4 if beside else table.bottom() + 1
        left = left if beside else 0
        self.reading.setGeometry(left, top, self.width() - left, height)

    def _cell(self, width: int, height: int) -> QSize:
        """Choose the size of a cell for the room that there is for it: no broad strips."""
        height = min(max(height, _LEAST), _LARGEST)
        broadest = max(2 * height, self.table.readable().width())
        return QSize(min(max(width, _LEAST), broadest, _LARGEST), height)

    @Slot()
    def _read(self) -> None:
        """Say what is pointed at, or what to do."""
        pointed = self.table.pointed
        if pointed.isValid():
            cells = self.table.cells
            metrics, room = self.reading.fontMetrics(), self.reading.width()
            pair = (cells.classes[place] for place in (pointed.row(), pointed.column()))
            true, predicted = short_names(list(pair), _LETTERS)
            words = elide_name(f"true {true}, predicted {predicted}:", metrics, room)
            self.reading.setText(f"{words}\n{cells.number(pointed)}")
        else:
            self.reading.setText(CHOOSE)
        self.scores.mark(pointed.row())


def _bar(*, needed: bool) -> Qt.ScrollBarPolicy:
    """Decide about a scroll bar here: left to itself, Qt keeps one that made itself needed."""
    policy = Qt.ScrollBarPolicy
    return policy.ScrollBarAlwaysOn if needed else policy.ScrollBarAlwaysOff
