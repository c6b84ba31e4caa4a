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
    QFontMetrics,
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
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from gui.theme import GRID, small_font
from gui.widgets.confusion_cells import AIR, paint_cells, tile
from gui.widgets.confusion_model import ConfusionModel, ScoresModel
from gui.widgets.elision import elide_names

Index = QModelIndex | QPersistentModelIndex
_MOST_NAME = 18 * GRID  # px of a class
_NUDGE = 4  # px that the label of a row at the edge may move
_END = GRID // 2  # px between a number on the right and the end of its column
_MIDDLE = Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | _MIDDLE
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
        self.columns = _Labels(Qt.Orientation.Horizontal, _CENTRE, self)
        self.rows = _Labels(Qt.Orientation.Vertical, _RIGHT, self)
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
        self.columns = _Labels(Qt.Orientation.Horizontal, _RIGHT, self)
        self.rows = _Labels(Qt.Orientation.Vertical, _RIGHT, self)
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


class _Labels(QHeaderView):
    """The classes beside a table, or the titles above it: as many as there is room for.

    The marked one is always there.
    """

    def __init__(
        self, orientation: Qt.Orientation, alignment: Qt.AlignmentFlag, parent: QWidget
    ) -> None:
        super().__init__(orientation, parent)
        self._alignment = alignment
        self._marked = -1
        self._labelled = 1  # of so many classes one has a label
        self._cut_for: tuple[int, str] | None = None  # width and font
        self._cut_texts: list[str] = []
        self.setFont(small_font())
        if orientation == Qt.Orientation.Horizontal:
            self.setFixedHeight(self.fontMetrics().height() + 2)
        self.setSectionsClickable(False)
        self.setMinimumSectionSize(1)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)

    def reset(self) -> None:
        """Take the labels of other classes."""
        self._cut_for = None
        super().reset()

    def set_section_size(self, size: int) -> None:
        """Make all sections so large, and leave out labels that would touch each other."""
        before = self.defaultSectionSize(), self._labelled
        if size != before[0]:  # Qt would paint all labels anew
            self.setDefaultSectionSize(size)
        metrics = self.fontMetrics()
        across = self.orientation() == Qt.Orientation.Horizontal
        needed = self._apart(metrics, size) if across else self._line(metrics)
        self._labelled = -(-needed // size)
        if not across:
            self.setFixedWidth(self.thickness())
        if (size, self._labelled) != before:
            self.viewport().update()

    def thickness(self) -> int:
        """The px that the labels of rows take."""
        bold = self.font()
        bold.setBold(True)  # as the marked one is
        return self._widest(QFontMetrics(bold)) + GRID

    def _apart(self, metrics: QFontMetrics, size: int) -> int:
        """The px from one label to the next; long ones are pushed inwards at the ends."""
        widest = self._widest(metrics)
        return widest + AIR + (0 if self._figures() else max(0, (widest - size) // 2))

    def _touch_at_the_ends(self, first: int, last: int) -> bool:
        """Return whether two labels touch when both are pushed inwards, which one step allows."""
        if self.orientation() == Qt.Orientation.Vertical:
            return False
        size, widest = self.defaultSectionSize(), self._widest(self.fontMetrics())
        right = max(first * size + (size + widest) // 2, widest)
        left = min(last * size + (size - widest) // 2, self.length() - widest)
        return left - right < AIR

    def _figures(self) -> bool:
        texts = [self.model().headerData(i, self.orientation()) for i in range(self.count())]
        return all(text.isdecimal() for text in texts)

    def _line(self, metrics: QFontMetrics) -> int:
        """The px that a line of labels takes; words have letters that go below the line."""
        return line_of_figures(metrics) if self._figures() else metrics.height() - 2

    def mark(self, section: int) -> None:
        """Let a label stand out; -1: none."""
        if section != self._marked:
            self._marked = section
            self.viewport().update()

    def labelled(self) -> list[int]:
        """Which sections have their label written."""
        every, marked = self._labelled, self._marked
        regular = range(0, self.count(), every)
        if len(regular) == 2 and self._touch_at_the_ends(*regular):
            regular = regular[:1]
        if marked < 0:
            return list(regular)
        return sorted({one for one in regular if abs(one - marked) >= every} | {marked})

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        if section not in self.labelled():
            return
        if section != self._marked and self._is_pushed(rect, painter.fontMetrics()):
            return
        painter.save()
        marked = section == self._marked
        role = QPalette.ColorRole.WindowText if marked else QPalette.ColorRole.PlaceholderText
        painter.setPen(self.palette().color(role))
        font = painter.font()
        font.setBold(marked)
        painter.setFont(font)
        text = self._cut(min(self._seen().width() - 2, _MOST_NAME))[section]
        painter.drawText(self._label(rect, text, painter.fontMetrics()), _CENTRE, text)
        painter.restore()

    def _is_pushed(self, section: QRect, metrics: QFontMetrics) -> bool:
        """Return whether the label of a row at the edge would move so far that it meets the next.

        That of the first row moves by a few px and stays.
        """
        if self.orientation() == Qt.Orientation.Horizontal or self._labelled == 1:
            return False
        middle = self._label(section, "0", metrics).center().y()
        return abs(middle - section.center().y()) > _NUDGE

    def _label(self, section: QRect, text: str, metrics: QFontMetrics) -> QRect:
        """Return the place of a label, which may be larger than its section but is never cut."""
        label = QRect(0, 0, metrics.horizontalAdvance(text) + 2, metrics.height())
        label.moveCenter(section.center())
        if self._alignment == _RIGHT:
            label.moveRight(section.right() - _END)
        seen = self._seen()
        if self.orientation() == Qt.Orientation.Vertical:  # figures leave room above and below
            above = metrics.ascent() - metrics.capHeight() - 1
            seen = seen.adjusted(0, -above, 0, metrics.descent())
        label.moveRight(min(label.right(), seen.right()))
        label.moveBottom(min(label.bottom(), seen.bottom()))
        return label.translated(max(0, -label.left()), max(0, seen.top() - label.top()))

    def _seen(self) -> QRect:
        """Return where labels can be: what lies beyond the sections, Qt paints over."""
        seen = self.viewport().rect()
        if self.orientation() == Qt.Orientation.Horizontal:
            seen.setWidth(min(seen.width(), self.length() - self.offset()))
        return seen

    def _texts(self) -> list[str]:
        return [self.model().headerData(i, self.orientation()) for i in range(self.count())]

    def _cut(self, width: int) -> list[str]:
        """Return the labels as they fit into a width in px."""
        font = self.font()
        font.setBold(True)  # as the marked one is
        if self._cut_for != (width, font.key()):
            self._cut_for = width, font.key()
            self._cut_texts = elide_names(self._texts(), QFontMetrics(font), width)
        return self._cut_texts

    def _widest(self, metrics: QFontMetrics) -> int:
        texts = self._texts()
        return min(max(map(metrics.horizontalAdvance, texts), default=0), _MOST_NAME)


def _copies(event: QEvent) -> bool:
    return isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Copy)


class _ScoreDelegate(QStyledItemDelegate):
    """Writes a score where the title of its column ends."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        role = QPalette.ColorRole
        chosen = option.state & QStyle.StateFlag.State_Selected  # Qt has filled the cell then
        painter.setPen(option.palette.color(role.HighlightedText if chosen else role.Text))
        painter.drawText(option.rect.adjusted(0, 0, -_END, 0), _RIGHT, index.data())
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(option.palette.color(QPalette.ColorRole.Highlight))
            painter.drawRect(option.rect.adjusted(0, 0, -1, -1))
        painter.restore()


def line_of_figures(metrics: QFontMetrics) -> int:
    """The px that a line of figures takes, which has nothing above or below them."""
    return metrics.tightBoundingRect("0123456789").height() + AIR


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
