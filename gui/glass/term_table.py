"""TermTable: the terms of a sum over several maps, with the sum so far."""

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from engine.explain.sliding_window import Step, Term
from gui.glass.notation import pretty
from gui.theme import small_font
from gui.widgets.numbers import short


def name_of(term: Term) -> str:
    """Write a term as its equation does; that a convolution is full, the equation says."""
    return pretty(term.text.removesuffix(" (full)"))


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
        self.setFont(small_font())
        self.header().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self._biased = False
        self.several = False
        self.currentItemChanged.connect(self._choose)

    def show_terms(self, step: Step, front: int) -> None:
        """List the terms of a finished cell, with one of them in front."""
        self._biased = step.bias is not None
        self.several = len(step.terms) > 1
        rows = [("bias", step.bias)] if step.bias is not None else []
        rows += [(name_of(term), term.total) for term in step.terms]
        with QSignalBlocker(self):
            while self.topLevelItemCount() > len(rows):
                self.takeTopLevelItem(self.topLevelItemCount() - 1)
            while self.topLevelItemCount() < len(rows):
                self.addTopLevelItem(QTreeWidgetItem())
            for place, ((text, value), so_far) in enumerate(zip(rows, step.running, strict=True)):
                item = self.topLevelItem(place)
                assert item is not None
                for column, words in enumerate((text, short(value, 5), short(so_far, 5))):
                    if item.text(column) != words:
                        item.setText(column, words)
            for column in range(self.columnCount()):  # once; by itself it would be for every text
                self.resizeColumnToContents(column)
            self.setCurrentIndex(self.model().index(front + self._biased, 0))

    @Slot()
    def _choose(self) -> None:
        place = self.currentIndex().row() - self._biased
        if place >= 0:
            self.chosen.emit(place)
