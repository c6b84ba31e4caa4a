"""ComparisonTable: runs side by side, by only what differs and by what came of each."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QPalette
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from gui.runs.compared_runs import ComparedRun
from gui.runs.comparison_model import ComparisonModel
from gui.theme import GRID, small_font

_WIDEST = 26 * GRID  # px of a column at first


class ComparisonTable(QTableView):
    """A table to read and to copy with Ctrl+C; columns can be made wider."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.compared = ComparisonModel(self)
        self.setModel(self.compared)
        self.setObjectName("runs.compare.table")
        self.setAccessibleName("What differs between the runs, and what came of each")
        self.setFont(small_font())
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setFont(small_font())
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self._take_palette()

    def set_runs(self, runs: Sequence[ComparedRun]) -> None:
        """Show other runs, or what they are now."""
        head = self.compared.head
        self.compared.set_runs(runs)
        if self.compared.head != head:
            self.fit_columns()

    def fit_columns(self) -> None:
        """Make the columns as wide as their texts, within a limit."""
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + GRID // 2)
        self.resizeColumnsToContents()
        for column in range(len(self.compared.head)):
            self.setColumnWidth(column, min(_WIDEST, self.columnWidth(column)))

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
        self.compared.ground = self.palette().color(QPalette.ColorRole.Base)


def _copies(event: QEvent) -> bool:
    return isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Copy)
