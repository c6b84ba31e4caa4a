"""ImportDialog: what would be taken of a file and what not, and why, before it is taken."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from engine.imports.onnx.imported_network import ImportedNetwork
from engine.imports.onnx.proof import why_unproved
from engine.imports.onnx.table import NodeRow, RefusedNetworkError
from engine.imports.weights_match import MatchRow, WeightsMatch
from engine.proof.verdict import Verdict
from engine.text import words
from gui.exchange.proof_view import ProofView
from gui.theme import GRID, colours_of
from gui.widgets.dialogs import bring_to_front, lay_out, push_button
from gui.widgets.labels import CROSS, ProblemLabel, wrapping_label
from gui.widgets.layouts import in_column, in_row, named

_BLOCKS = ("Block", "In the file", "Outcome", "Why")
_NODES = ("Node", "Operator", "Outcome", "What became of it, and why")
_NONE = "–"
_UNDO = "Undo brings the present weights back."
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


def offer_of_weights(match: WeightsMatch) -> Offer:
    """Say which blocks would take weights of a file."""
    taken, rows = len(match.weights), [_of_block(row) for row in match.rows]
    blocks = sum(row.number > 0 for row in match.rows)
    headline = f"{match.path.name}: {match.text}"
    if not taken:
        problem = "Nothing in it fits this network. Choose weights of a network like this one."
        return Offer(headline, _BLOCKS, rows, problem=problem)
    take = "&Take all" if taken == blocks else f"&Take {taken:,} of {blocks:,}"
    return Offer(headline, _BLOCKS, rows, take, notes=_UNDO)


def offer_of_network(name: str, imported: ImportedNetwork, verdicts: tuple[Verdict, ...]) -> Offer:
    """Say what became of each node of a file, and how far the outputs of the two agree."""
    blocks = words.count(len(imported.project.stack), "block")
    headline = f"{name} becomes a network of {blocks}."
    rows = [_of_node(row) for row in imported.rows]
    notes = " ".join(imported.notes)
    take, unproved = "&Open as new project", why_unproved(verdicts)
    return Offer(headline, _NODES, rows, take, unproved, notes, verdicts)


def offer_of_refused(name: str, refusal: RefusedNetworkError) -> Offer:
    """Say what became of each node of a file, and which one is refused."""
    headline = f"{name} was not imported."
    return Offer(headline, _NODES, [_of_node(row) for row in refusal.rows], problem=str(refusal))


def _of_block(row: MatchRow) -> ImportRow:
    block = f"{row.number} {row.title}" if row.number else _NONE
    outcome = "taken" if row.is_taken else "not taken"
    return ImportRow((block, row.group or _NONE, outcome, row.note), refused=not row.is_taken)


def _of_node(row: NodeRow) -> ImportRow:
    node = f"{row.number} {row.name}" if row.number else row.name or _NONE
    return ImportRow((node, row.op, row.outcome, row.text), refused=row.outcome == "refused")


class ImportDialog(QDialog):
    """A window in front of the main one, which waits for its answer; training goes on."""

    def __init__(self, offer: Offer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._offer = offer
        self.setObjectName(_NAME)
        self.setWindowTitle("Import")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        headline = wrapping_label(f"{_NAME}.headline")
        headline.setText(offer.headline)
        notes = wrapping_label(f"{_NAME}.notes", muted=True)
        notes.setText(offer.notes)
        notes.setVisible(bool(offer.notes))
        problem = named(ProblemLabel(), f"{_NAME}.problem")
        problem.say(offer.problem)
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
        buttons = in_row(self.take, 1, self.leave, gap=GRID)
        column = in_column(headline, problem, (self.table, 1), notes, proof)
        lay_out(self, column, buttons, 100, 66)
        self._fill()
        self.take.clicked.connect(self.accept)
        self.leave.clicked.connect(self.reject)

    def open_window(self) -> None:
        """Come to the front, with the focus on the button that takes it."""
        bring_to_front(self)
        button = self.take if self._offer.take else self.leave
        button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _table(self) -> QTableWidget:
        """Make the table: its last column breaks into lines, so that every reason is seen whole."""
        rows, headings = self._offer.rows, self._offer.headings
        table = QTableWidget(len(rows), len(headings))
        table.setHorizontalHeaderLabels(headings)
        named(table, f"{_NAME}.table", "What is taken and what is not")
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
        red = QColor(colours_of(self.palette()).wrong)
        for number, row in enumerate(self._offer.rows):
            first, *others = row.cells
            cells = [f"{CROSS} {first}" if row.refused else first, *others]
            for column, cell in enumerate(cells):
                item = QTableWidgetItem(cell)
                item.setTextAlignment(_TOP)
                if row.refused:
                    item.setForeground(red)
                self.table.setItem(number, column, item)
        for column in range(len(self._offer.headings) - 1):
            self.table.resizeColumnToContents(column)
            most = self.width() // 3  # of a name that the file gives
            self.table.setColumnWidth(column, min(most, self.table.columnWidth(column)))
        self.table.resizeRowsToContents()
