"""TermTable: the terms of a sum over several maps, with the sum so far."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from engine.explain.convolution import Step, Term
from gui.glass.written_sums import running_sums, written_numbers
from gui.theme import GRID, small_font
from gui.widgets.equation_text import RAISED, pretty


def name_of(term: Term) -> str:
    """Write a term as its equation does, and the colour of its channel if that is one.

    That a convolution is full, the equation says.
    """
    return f"{pretty(term.text.removesuffix(' (full)'))} {term.channel}".rstrip()


def brief_name(term: Term) -> str:
    """Write a term, of a colour of the image only its map and that."""
    return f"{pretty(term.sheet.name)} {term.channel}" if term.channel else name_of(term)


class TermTable(QTreeWidget):
    """A row for every term: what it is, its sum, and the sum of all up to it; one is in front."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("glass.terms")
        self.setAccessibleName("Terms of the sum")
        self.setColumnCount(3)
        self.setHeaderLabels(["term", "sum", "so far"])
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFont(small_font())
        self.header().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self._biased = False
        self.several = False
        self.currentItemChanged.connect(self._choose)

    def show_terms(self, step: Step, front: int) -> None:
        """List the terms of a finished cell, with one of them in front."""
        self._biased = step.bias is not None
        self.several = len(step.terms) > 1
        names = ["bias"] if self._biased else []
        names += [name_of(term) for term in step.terms]
        values = [step.bias] if step.bias is not None else []
        texts, exponent = written_numbers([*values, *(term.total for term in step.terms)])
        factor = f" ·10{str(exponent).translate(RAISED)}" if exponent else ""
        self.setHeaderLabels(["term", f"sum{factor}", f"so far{factor}"])
        with QSignalBlocker(self):
            while self.topLevelItemCount() > len(names):
                self.takeTopLevelItem(self.topLevelItemCount() - 1)
            while self.topLevelItemCount() < len(names):
                self.addTopLevelItem(QTreeWidgetItem())
            for place, row in enumerate(zip(names, texts, running_sums(texts), strict=True)):
                item = self.topLevelItem(place)
                assert item is not None
                for column, words in enumerate(row):
                    if item.text(column) != words:
                        item.setText(column, words)
            for column in range(self.columnCount()):  # once; by itself it would be for every text
                self.resizeColumnToContents(column)
            self.setCurrentIndex(self.model().index(front + self._biased, 0))

    def whole_size(self) -> tuple[int, int]:
        """Return the width and height in px that show all rows without a scroll bar."""
        self.ensurePolished()
        widths = sum(self.columnWidth(column) for column in range(self.columnCount()))
        row = max(self.sizeHintForRow(0), self.fontMetrics().height() + 2)
        frame = 2 * self.frameWidth() + 4
        height = self.header().sizeHint().height() + self.topLevelItemCount() * row + frame
        return widths + frame + GRID, height

    @Slot()
    def _choose(self) -> None:
        place = self.currentIndex().row() - self._biased
        if place >= 0:
            self.chosen.emit(place)
