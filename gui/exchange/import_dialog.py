"""ImportDialog: what would be taken of a file and what not, and why, before it is taken."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from engine.proof.verdict import Verdict
from gui.exchange.proof_view import ProofView
from gui.theme import GRID, colours_of, set_muted
from gui.widgets.dialogs import bring_to_front, lay_out, push_button
from gui.widgets.plain_labels import wrapping_label
from gui.widgets.problem_label import CROSS, ProblemLabel

_NAME = "import_dialog"
_TOP = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop


@dataclass(frozen=True)
class ImportRow:
    """A row of the table; of a `refused` one nothing would be taken."""

    cells: tuple[str, ...]
    refused: bool = False


@dataclass(frozen=True)
class Offer:
    """What is said of a file before anything of it is taken.

    `take` is what the button says, empty if nothing can be taken: `problem` says why then, or else
    what speaks against taking it.
    """

    headline: str
    headings: tuple[str, ...]
    rows: Sequence[ImportRow]
    take: str = ""
    problem: str = ""
    notes: str = ""
    verdicts: Sequence[Verdict] = ()


class ImportDialog(QDialog):
    """A window in front of the main one, which waits for its answer; training goes on."""

    taken = Signal()

    def __init__(self, offer: Offer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._offer = offer
        self.setObjectName(_NAME)
        self.setWindowTitle("Import")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        headline = wrapping_label(f"{_NAME}.headline")
        headline.setText(offer.headline)
        notes = wrapping_label(f"{_NAME}.notes")
        notes.setText(offer.notes)
        notes.setVisible(bool(offer.notes))
        set_muted(notes)
        problem = ProblemLabel()
        problem.setObjectName(f"{_NAME}.problem")
        problem.say(offer.problem)
        self._rows = QStandardItemModel(self)
        self._fitting = QTimer(self, singleShot=True)
        self.table = self._table()
        proof = ProofView(_NAME)
        if offer.verdicts:
            proof.show_outcome("", offer.verdicts)
        self.take = push_button(f"{_NAME}.take", offer.take, "")
        self.take.setVisible(bool(offer.take))
        self.leave = push_button(
            f"{_NAME}.leave", "Cancel" if offer.take else "Close", "Take nothing (Escape)"
        )
        (self.take if offer.take else self.leave).setDefault(True)
        buttons = QHBoxLayout()
        buttons.setSpacing(GRID)
        buttons.addWidget(self.take)
        buttons.addStretch(1)
        buttons.addWidget(self.leave)
        column = QVBoxLayout()
        for widget in (headline, problem, self.table, notes, proof):
            column.addWidget(widget, 1 if widget is self.table else 0)
        lay_out(self, column, buttons, 100, 66)
        self._fill()
        self.take.clicked.connect(self.accept)
        self.leave.clicked.connect(self.reject)
        self.accepted.connect(self.taken)

    def open_window(self) -> None:
        """Come to the front, with the focus on the button that takes it."""
        bring_to_front(self)
        button = self.take if self._offer.take else self.leave
        button.setFocus(Qt.FocusReason.OtherFocusReason)

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self.isVisible():
            self._fill()

    def _table(self) -> QTableView:
        """Make the table: its last column breaks into lines, so that every reason is seen whole."""
        table = QTableView()
        table.setObjectName(f"{_NAME}.table")
        table.setAccessibleName("What is taken and what is not")
        table.setModel(self._rows)
        table.setShowGrid(False)
        table.setAlternatingRowColors(True)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setTabKeyNavigation(False)
        table.setMinimumHeight(6 * table.fontMetrics().height())
        table.verticalHeader().hide()
        table.verticalHeader().setMinimumSectionSize(table.fontMetrics().height() + GRID // 2)
        header = table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        header.setStretchLastSection(True)
        # When the column has its width: during the change rows are still made for the former one.
        self._fitting.timeout.connect(table.resizeRowsToContents)
        header.sectionResized.connect(lambda: self._fitting.start())
        return table

    def _fill(self) -> None:
        """List the rows; a refused one is red and has a cross."""
        self._rows.clear()
        self._rows.setHorizontalHeaderLabels(self._offer.headings)
        red = QColor(colours_of(self.palette()).error)
        for row in self._offer.rows:
            first, *others = row.cells
            cells = [f"{CROSS} {first}" if row.refused else first, *others]
            items = [QStandardItem(cell) for cell in cells]
            for item in items:
                item.setTextAlignment(_TOP)
                if row.refused:
                    item.setForeground(red)
            self._rows.appendRow(items)
        for column in range(len(self._offer.headings) - 1):
            self.table.resizeColumnToContents(column)
            most = self.width() // 3  # of a name that the file gives
            self.table.setColumnWidth(column, min(most, self.table.columnWidth(column)))
        self.table.resizeRowsToContents()
