"""ExplanationCard: why one value is what it is: equation, numbers, table, curve, words."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHeaderView,
    QScrollArea,
    QSizePolicy,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from engine.explain.explanation import Explanation, Number, Table
from engine.explain.indices import index_words
from gui.glass.curve_picture import CurvePicture
from gui.glass.sums import running_sums, written_numbers
from gui.theme import GRID, small_font
from gui.widgets.equation_text import RAISED, pretty
from gui.widgets.numbers import short
from gui.widgets.plain_labels import plain_label

MOST_ROWS = 60  # of a table: those with the largest numbers in the last column
_MOST_NUMBERS = 12
_DIGITS = 6  # of the largest number of a column that is added up
_WIDE = 52 * GRID  # px; from here on the curve stands beside the words


class ExplanationCard(QScrollArea):
    """Shows an explanation; it alone scrolls where it is longer than there is room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("glass.explanation")
        self.setAccessibleName("Why the chosen value is what it is")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.words = plain_label()
        self.words.setObjectName("glass.words")
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.result = plain_label()
        self.result.setObjectName("glass.value")
        self.note = plain_label()
        self.note.setObjectName("glass.note")
        self.note.setForegroundRole(self.note.palette().ColorRole.PlaceholderText)
        bold = small_font()
        bold.setBold(True)
        for label, font in ((self.words, small_font()), (self.result, bold), (self.note, None)):
            label.setFont(font or small_font())
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.curve = CurvePicture()
        self.table = _whole_table()
        inside = QWidget()
        self._grid = QGridLayout(inside)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GRID // 2)
        for row, widget in ((0, self.words), (1, self.result), (3, self.note), (4, self.table)):
            self._grid.addWidget(widget, row, 0)
        self._grid.setColumnStretch(0, 1)
        self._grid.setRowStretch(5, 1)
        self._wide: bool | None = None
        self._numbers: Sequence[Number] = ()
        self._lines: list[str] = []
        self._arrange(wide=False)
        self.setWidget(inside)
        self.setMinimumWidth(16 * GRID)

    def show_explanation(self, explanation: Explanation, seen: str = "") -> None:
        """Show why a value is what it is, and what it sees of the digit if that is to be said."""
        self._lines = [pretty(explanation.title), pretty(explanation.equation)]
        self._numbers = explanation.numbers
        result = explanation.result
        self.result.setText(f"{pretty(result.label)} = {short(result.value, 7)}")
        note = "\n".join(filter(None, (pretty(explanation.note), seen)))
        self.note.setText(note)
        self.note.setVisible(bool(note))
        self.curve.setVisible(explanation.curve is not None)
        if explanation.curve is not None:
            self.curve.show_curve(explanation.curve)
        table = explanation.table
        several = table is not None and len(table.values) > 1  # one is among the numbers
        self.table.setVisible(several)
        if table is not None and several:
            self._fill(table)
        self._arrange(wide=self.width() >= _WIDE)

    def least_height(self, width: int) -> int:
        """Return the px that equation, numbers and result take at a width."""
        lines = (self.words, self.result)
        return sum(label.heightForWidth(width) for label in lines) + 2 * GRID

    def whole_height(self, width: int) -> int:
        """Return the px that all of it takes at a width."""
        return max(self._grid.totalHeightForWidth(width), self._grid.totalMinimumSize().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the curve beside the words where there is the width for it."""
        super().resizeEvent(event)
        self._arrange(wide=event.size().width() >= _WIDE)

    def _arrange(self, *, wide: bool) -> None:
        written = _numbers(self._numbers, ",   " if wide else "\n")
        self.words.setText("\n".join([*self._lines, *([written] if written else [])]))
        self._grid.setColumnStretch(1, int(wide and not self.curve.isHidden()))
        if wide == self._wide:
            return
        self._wide = wide
        self._grid.removeWidget(self.curve)
        if wide:
            self._grid.addWidget(self.curve, 0, 1, 6, 1)
        else:
            self._grid.addWidget(self.curve, 2, 0)

    def _fill(self, table: Table) -> None:
        """List the rows that matter most, largest first, and the one that alone decides on top."""
        weights = np.abs(table.values[:, -1])
        order = np.argsort(-weights, kind="stable")[:MOST_ROWS]
        if table.chosen is not None:
            order = np.concatenate([[table.chosen], order[order != table.chosen]])
        last, total, factor = _last_column(table, order)
        self.table.clear()
        self.table.setColumnCount(len(table.columns) + 1)
        names = [pretty(name) for name in table.columns]
        self.table.setHeaderLabels(["place", *names[:-1], names[-1] + factor])
        for row, written in zip(order, last, strict=False):
            place = index_words(tuple(int(axis) for axis in table.indices[row]))
            numbers = [short(float(value), 4) for value in table.values[row, :-1]]
            mark = "▸ " if row == table.chosen else ""
            self._add([mark + place, *numbers, written])
        blank = [""] * (len(table.columns) - 1)
        left_out = len(table.values) - len(order)
        if left_out > 0:
            rest = last[-1] if table.sums else ""
            self._add([f"{left_out:,} more", *blank, rest])
        if table.sums:
            self._add(["sum", *blank, total])
        rows = self.table.topLevelItemCount() * self.table.sizeHintForRow(0)
        self.table.setFixedHeight(self.table.header().sizeHint().height() + rows + 4)

    def _add(self, texts: list[str]) -> None:
        item = QTreeWidgetItem(texts)
        for column in range(1, len(texts)):
            item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight)
        self.table.addTopLevelItem(item)


def _last_column(table: Table, order: NDArray[np.intp]) -> tuple[list[str], str, str]:
    """Write the last column of some rows, of the others together, their sum, and a common factor.

    What is added up is written so that it adds up.
    """
    values = [float(table.values[row, -1]) for row in order]
    if not table.sums:
        return [short(value, 4) for value in values], "", ""
    if len(values) < len(table.values):
        values.append(float(table.values[:, -1].sum()) - sum(values))
    texts, exponent = written_numbers(values, _DIGITS)
    factor = f" ·10{str(exponent).translate(RAISED)}" if exponent else ""
    return texts, running_sums(texts)[-1], factor


def _numbers(numbers: Sequence[Number], between: str) -> str:
    """Write numbers with their names; of very many, the first."""
    shown = numbers[: _MOST_NUMBERS - 1] if len(numbers) > _MOST_NUMBERS else numbers
    texts = [f"{pretty(each.label)} = {short(each.value, 6)}" for each in shown]
    if len(shown) < len(numbers):
        texts.append(f"… {len(numbers) - len(shown):,} more")
    return between.join(texts)


def _whole_table() -> QTreeWidget:
    """Make a table that is as high as its rows: it does not scroll."""
    table = QTreeWidget()
    table.setObjectName("glass.table")
    table.setAccessibleName("Numbers that make the value")
    table.setRootIsDecorated(False)
    table.setUniformRowHeights(True)
    table.setFont(small_font())
    table.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    table.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    table.header().setStretchLastSection(False)
    return table
