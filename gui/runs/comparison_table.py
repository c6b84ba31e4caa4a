"""ComparisonTable: runs side by side, by only what differs and by what came of each."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    QTransposeProxyModel,
)
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from gui.runs.compared_runs import ComparedRun
from gui.runs.comparison_model import RESULTS, ComparisonModel
from gui.runs.comparison_names import ComparisonNames
from gui.theme import GRID, colours_of, small_font

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_SWATCH = 12  # px
_SHOWN = Qt.ItemDataRole.DisplayRole
_WIDEST = 26 * GRID  # px of a column, unless there is room for more
_SHORT_NAME = "Run 12"  # is read in the narrowest column
_LONG_NAME = "seed 12, rate 0.01"  # is read where the columns scroll in any case


class ComparisonTable(QTableView):
    """A table to read and to copy with Ctrl+C; columns can be made wider.

    A run has a row, or, where the columns would take more room than there is, a column.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.compared = ComparisonModel(self)
        self._turned = _Turned(self)
        self._turned.setSourceModel(self.compared)
        self._names = ComparisonNames(self)
        self.setItemDelegate(self._names)
        self._natural = 0  # px that the columns take where a run has a row
        self._wished: list[int] = []  # px in which the columns cut nothing
        self._given: list[int] = []  # px that they got; a user may have given them others
        self.setModel(self.compared)
        self.setObjectName("runs.compare.table")
        self.setAccessibleName("What differs between the runs, and what came of each")
        self.setFont(small_font())
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setIconSize(QSize(_SWATCH, _SWATCH))
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # names of runs differ at their ends
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setFont(small_font())
            header.setHighlightSections(False)
            header.setDefaultAlignment(_LEFT)
            header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.verticalHeader().hide()
        self._take_palette()

    def set_runs(self, runs: Sequence[ComparedRun]) -> None:
        """Show other runs, or what they are now."""
        head = self.compared.head
        self.compared.set_runs(runs)
        self._names.set_names([row.texts[0] for row in self.compared.rows])
        if self.compared.head != head:
            self.fit_columns()

    def fit_columns(self) -> None:
        """Make the columns as wide as their texts, within limits and as far as there is room."""
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + GRID // 2)
        self._natural = 0  # else its own scroll bar, which may go now, would turn it again
        self._turn(False)
        self._natural = sum(self._widths())
        self._use_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let a run have a row or a column, whichever there is room for."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._use_room()

    def _use_room(self) -> None:
        turned = self._natural > self.contentsRect().width()
        if turned or self.model() is self._turned:
            self._turn(turned)
        if turned:
            self._give(self._cut_widths(self.contentsRect().width() - self._beside()))
        elif self._widths() == self._given:
            least = [min(_WIDEST, width) for width in self._wished]
            widest = _cut_at(self._wished, least, self.viewport().width())
            self._give(_cut(self._wished, least, widest))

    def _cut_widths(self, room: int) -> list[int]:
        """Return how wide the columns of runs are: names are cut, but not what came of a run."""
        natural, shortest = self._wished, self._width_of(_SHORT_NAME)
        needed = (max(shortest, self._width_of_results(run)) for run in range(len(natural)))
        least = [min(pair) for pair in zip(natural, needed, strict=True)]
        widths = _cut(natural, least, _cut_at(natural, least, room))
        return widths if sum(widths) <= room else _cut(natural, least, self._width_of(_LONG_NAME))

    def _turn(self, turned: bool) -> None:
        """Give each run a column, or a row."""
        model = self._turned if turned else self.compared
        if self.model() is not model:
            before = self.selectionModel()
            self.setModel(model)
            before.deleteLater()
            self.horizontalHeader().setVisible(not turned)
            self.verticalHeader().setVisible(turned)
        self.resizeColumnsToContents()
        self._wished = self._widths()
        self._give([min(_WIDEST, width) for width in self._wished])

    def _give(self, widths: Sequence[int]) -> None:
        """Make the columns so wide, in px."""
        for column, width in enumerate(widths):
            self.setColumnWidth(column, width)
        self._given = self._widths()

    def _width_of(self, name: str) -> int:
        """Return how wide a column is in which a name is read."""
        return self.fontMetrics().horizontalAdvance(name) + _SWATCH + 2 * GRID

    def _width_of_results(self, run: int) -> int:
        """Return how many px what came of a run takes, where it has a column."""
        last = self.model().rowCount()
        cells = (self.model().index(row, run) for row in range(last - len(RESULTS), last))
        return max(self.sizeHintForIndex(cell).width() for cell in cells)

    def _widths(self) -> list[int]:
        return [self.columnWidth(column) for column in range(self.model().columnCount())]

    def _beside(self) -> int:
        """Return how many px the titles take beside the columns, and what scrolls the rows."""
        heights = self.model().rowCount() * self.verticalHeader().defaultSectionSize()
        scrolls = heights > self.contentsRect().height()
        bar = self.verticalScrollBar().sizeHint().width() if scrolls else 0
        return self.verticalHeader().sizeHint().width() + bar

    def event(self, event: QEvent) -> bool:
        """Keep the window from taking the keys that copy the table here."""
        if event.type() == QEvent.Type.ShortcutOverride and _copies(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy all of it, or move through the cells."""
        if _copies(event):
            QGuiApplication.clipboard().setText(self.compared.as_text())
            return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of another theme, and the height of another font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._take_palette()
        elif event.type() == QEvent.Type.FontChange:
            self.fit_columns()

    def _take_palette(self) -> None:
        self.compared.colours = colours_of(self.palette())


class _Turned(QTransposeProxyModel):
    """The model with a column for each run, whose cells begin at one line."""

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = _SHOWN) -> Any:
        """Return what the model says of a cell."""
        return _LEFT if role == Qt.ItemDataRole.TextAlignmentRole else super().data(index, role)


def _cut_at(widths: Sequence[int], least: Sequence[int], room: int) -> int:
    """Return how wide the widest columns may be, so that all fit if that can be."""
    widest = max(widths, default=0)
    while widest > min(least, default=0) and sum(_cut(widths, least, widest)) > room:
        widest -= 1
    return widest


def _cut(widths: Sequence[int], least: Sequence[int], widest: int) -> list[int]:
    """Return the widths, each at most so wide, but no less than its least."""
    return [max(min(width, widest), each) for width, each in zip(widths, least, strict=True)]


def _copies(event: QEvent) -> bool:
    return isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Copy)
