"""ExplanationCard: why one value is what it is: equation, numbers, table, curve, words."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHeaderView,
    QScrollArea,
    QSizePolicy,
    QWidget,
)

from engine.explain.explanation import Explanation, Number, Table
from engine.explain.indices import index_words
from gui.glass.curve_picture import LEAST_HEIGHT, CurvePicture
from gui.glass.written_sums import power_of_ten, written_numbers, written_total
from gui.theme import GRID, small_font
from gui.widgets.labels import plain_label, plain_tooltip
from gui.widgets.layouts import in_column, in_row
from gui.widgets.number_words import pretty, short
from gui.widgets.tables import add_row, small_table, whole_height
from gui.widgets.typesetting import EquationLabel

MOST_ROWS = 60  # of a table: those with the largest numbers in the last column
_MOST_NUMBERS = 12
_DIGITS = 6  # of the largest number of a column that is added up
_WIDE = 26  # lines of text; from here on curve or table stands beside the words
_NARROW = 20 * GRID  # px; below this width only the numbers are told
_NARROW_ROWS = 12  # of a table that stands below the words, and scrolls with them
_LEAST_ROWS = 4
_STEEP = 0.6  # times its width that a curve is high at most


class ExplanationCard(QScrollArea):
    """Shows an explanation; it alone scrolls where it is longer than there is room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("glass.explanation")
        self.setAccessibleName("Why the chosen value is what it is")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.equation = EquationLabel("glass.explained_equation")
        self.equation.setWordWrap(True)
        self.title, self.result, self.words, self.note = (plain_label(wraps=True) for _ in range(4))
        labels = (self.title, self.result, self.words, self.note)
        for label, name in zip(labels, ("explained", "value", "words", "note"), strict=True):
            label.setObjectName(f"glass.{name}")
            label.setFont(small_font(bold=label is self.result))
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.note.setForegroundRole(self.note.palette().ColorRole.PlaceholderText)
        self.curve = CurvePicture()
        self.table = small_table("glass.table", "Numbers that make the value")
        self.table.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)  # it is whole
        self._shown: Table | None = None
        self._rows = 0  # that the table was filled for
        inside = QWidget()
        said = (self.title, self.result, self.equation, self.words, self.note)
        left, right = in_column(*said, 1, gap=0), in_column(self.curve, self.table, 1)
        self._box = in_row((left, 1), right, 0, of=inside, gap=2 * GRID)
        self._wide = False
        self._numbers: Sequence[Number] = ()
        self._arrange()
        self.setWidget(inside)
        self.setMinimumWidth(16 * GRID)

    def show_explanation(self, explanation: Explanation, seen: str = "") -> None:
        """Show why a value is what it is, and what it sees of the sample if that is to be said."""
        self.title.setText(pretty(explanation.title))
        self.equation.show_equations(explanation.equation)
        self._numbers = explanation.numbers
        result = explanation.result
        self.result.setText(f"{pretty(result.label)} = {short(result.value, 7)}")
        self.note.setText("\n".join(filter(None, (pretty(explanation.note), seen))))
        self.curve.setVisible(explanation.curve is not None)
        if explanation.curve is not None:
            self.curve.show_curve(explanation.curve)
        table = explanation.table
        several = table is not None and len(table.values) > 1  # one is among the numbers
        self._shown, self._rows = table if several else None, 0
        self._arrange()
        self.verticalScrollBar().setValue(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put curve or table beside the words where there is the width for it."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        wide = self.width() >= _WIDE * self.fontMetrics().height()
        self.words.setText(_numbers(self._numbers, ",   " if wide else "\n"))
        directions = QBoxLayout.Direction
        self._box.setDirection(directions.LeftToRight if wide else directions.TopToBottom)
        self._box.setStretch(1, int(wide and not self.curve.isHidden()))
        spare = self.width() >= 3 * _WIDE * self.fontMetrics().height()
        self._box.setStretch(2, int(spare and self.curve.isHidden()))
        self._wide = wide
        narrow = self.width() < _NARROW
        self.equation.setHidden(narrow)
        self.note.setHidden(narrow or not self.note.text())
        self.table.setHidden(narrow or self._shown is None)
        if self._shown is not None:
            self._fill(self._shown)
        steep = round(_STEEP * self.viewport().width() / 2)
        most = min(self.viewport().height(), steep) if wide else 0
        self.curve.setFixedHeight(max(LEAST_HEIGHT, most))

    def _fill(self, table: Table) -> None:
        """List as many rows as fit, largest first, and the one that alone decides on top."""
        rows = _NARROW_ROWS
        if self._wide:
            row = max(1, self.table.sizeHintForRow(0), self.table.fontMetrics().height())
            room = self.viewport().height() - self.table.header().sizeHint().height() - 4
            rows = max(_LEAST_ROWS, room // row)
        rows = min(len(table.values) + table.sums, rows, MOST_ROWS)
        if rows != self._rows:
            self._rows = rows
            self._list(table, rows)
        self._fit_table()

    def _list(self, table: Table, rows: int) -> None:
        weights = np.abs(table.values[:, -1])
        order = np.argsort(-weights, kind="stable")
        if table.chosen is not None:
            order = np.concatenate([[table.chosen], order[order != table.chosen]])
        if rows < len(order) + table.sums:
            order = order[: rows - 1 - table.sums]
        last, total, factor = _last_column(table, order)
        self.table.clear()
        self.table.setColumnCount(len(table.columns) + 1)
        names = [pretty(name) for name in table.columns]
        self.table.setHeaderLabels(["place", *names[:-1], names[-1] + factor])
        for row, written in zip(order, last, strict=False):
            index = tuple(int(axis) for axis in table.indices[row])
            place = ", ".join(str(n + 1) for n in index)
            numbers = [short(float(value), 4) for value in table.values[row, :-1]]
            mark = "▸ " if row == table.chosen else ""
            tip = plain_tooltip(index_words(index))
            add_row(self.table, [mark + place, *numbers, written], tip)
        blank = [""] * (len(table.columns) - 1)
        left_out = len(table.values) - len(order)
        if left_out > 0:
            rest = last[-1] if table.sums else ""
            add_row(self.table, [f"{left_out:,} more", *blank, rest])
        if table.sums:
            add_row(self.table, ["sum", *blank, total])

    def _fit_table(self) -> None:
        """Make the table as large as its rows, or as narrow as there is room."""
        header, count = self.table.header(), self.table.columnCount()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        if not self._wide:
            header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.setFixedHeight(whole_height(self.table))
        widths = [
            max(self.table.sizeHintForColumn(n), header.sectionSizeHint(n)) for n in range(count)
        ]
        # Where there is no room for all, places and what is added up are told.
        fits = self._wide or sum(widths) + 4 <= self.viewport().width()
        for column in range(1, count - 1):
            self.table.setColumnHidden(column, not fits)
        if self._wide:
            self.table.setFixedWidth(sum(widths) + 4)
        else:
            self.table.setMinimumWidth(0)
            self.table.setMaximumWidth(16_777_215)


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
    return texts, written_total(texts), power_of_ten(exponent)


def _written(value: float) -> str:
    """Write a number; one that is whole by its nature, such as a byte, without decimals."""
    return f"{value:,}" if isinstance(value, int) else short(value, 6)


def _numbers(numbers: Sequence[Number], between: str) -> str:
    """Write numbers with their names; of very many, the first."""
    shown = numbers[: _MOST_NUMBERS - 1] if len(numbers) > _MOST_NUMBERS else numbers
    texts = [f"{pretty(each.label)} = {_written(each.value)}" for each in shown]
    if len(shown) < len(numbers):
        texts.append(f"… {len(numbers) - len(shown):,} more")
    return between.join(texts)
