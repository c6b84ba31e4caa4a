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
from gui.glass.curve_picture import LEAST_HEIGHT, CurvePicture
from gui.glass.written_sums import running_sums, written_numbers
from gui.theme import GRID, small_font
from gui.widgets.equation_text import RAISED, pretty
from gui.widgets.number_words import short
from gui.widgets.plain_labels import plain_label
from gui.widgets.tooltips import plain_tooltip

MOST_ROWS = 60  # of a table: those with the largest numbers in the last column
_MOST_NUMBERS = 12
_DIGITS = 6  # of the largest number of a column that is added up
_WIDE = 26  # lines of text; from here on curve or table stands beside the words
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
        self.words = plain_label()
        self.words.setObjectName("glass.words")
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.result = plain_label()
        self.result.setObjectName("glass.value")
        self.note = plain_label()
        self.note.setObjectName("glass.note")
        self.note.setForegroundRole(self.note.palette().ColorRole.PlaceholderText)
        for label in (self.words, self.result, self.note):
            label.setFont(small_font(bold=label is self.result))
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.curve = CurvePicture()
        self.table = _whole_table()
        self._shown: Table | None = None
        self._rows = 0  # that the table was filled for
        inside = QWidget()
        self._grid = QGridLayout(inside)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(2 * GRID)
        self._grid.setVerticalSpacing(GRID // 2)
        self._grid.setColumnStretch(0, 1)
        self._grid.setRowStretch(5, 1)
        self._wide: bool | None = None

        self._first_column = QHeaderView.ResizeMode.Stretch
        self._numbers: Sequence[Number] = ()
        self._lines: list[str] = []
        self._arrange()
        self.setWidget(inside)
        self.setMinimumWidth(16 * GRID)

    def show_explanation(self, explanation: Explanation, seen: str = "") -> None:
        """Show why a value is what it is, and what it sees of the sample if that is to be said."""
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
        self._shown, self._rows = table if several else None, 0
        self.table.setVisible(several)
        self._arrange()
        self.verticalScrollBar().setValue(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put curve or table beside the words where there is the width for it."""
        super().resizeEvent(event)
        self._arrange()

    def _height_of_rows(self, count: int) -> int:
        row = max(1, self.table.sizeHintForRow(0))
        return self.table.header().sizeHint().height() + count * row + 4

    def _arrange(self) -> None:
        wide = self.width() >= _WIDE * self.fontMetrics().height()
        written = _numbers(self._numbers, ",   " if wide else "\n")
        self.words.setText("\n".join([*self._lines, *([written] if written else [])]))
        self._grid.setColumnStretch(1, int(wide and not self.curve.isHidden()))
        if wide != self._wide:
            self._wide = wide
            self._place_parts(wide=wide)
        if self._shown is not None:
            self._fill(self._shown)
        steep = round(_STEEP * self.viewport().width() / 2)
        most = min(self.viewport().height(), steep) if wide else 0
        self.curve.setFixedHeight(max(LEAST_HEIGHT, most))

    def _place_parts(self, *, wide: bool) -> None:
        """Put the parts below each other, where it is narrow with the result on top."""
        narrow = (self.result, self.words, self.curve, self.note, self.table)

        for widget in narrow:
            self._grid.removeWidget(widget)
        if wide:
            for row, label in enumerate((self.words, self.result, self.note)):
                self._grid.addWidget(label, row, 0)
            self._grid.addWidget(self.curve, 0, 1, 6, 1, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(self.table, 0, 1, 6, 1, Qt.AlignmentFlag.AlignTop)
        else:
            for row, part in enumerate(narrow):
                self._grid.addWidget(part, row, 0)
        modes = QHeaderView.ResizeMode
        self.table.header().setStretchLastSection(False)
        self._first_column = modes.ResizeToContents if wide else modes.Stretch

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
            self._add([mark + place, *numbers, written], plain_tooltip(index_words(index)))
        blank = [""] * (len(table.columns) - 1)
        left_out = len(table.values) - len(order)
        if left_out > 0:
            rest = last[-1] if table.sums else ""
            self._add([f"{left_out:,} more", *blank, rest])
        if table.sums:
            self._add(["sum", *blank, total])

    def _fit_table(self) -> None:
        """Make the table as large as its rows, or as narrow as there is room."""
        header, count = self.table.header(), self.table.columnCount()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, self._first_column)
        self.table.setFixedHeight(self._height_of_rows(self.table.topLevelItemCount()))
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

    def _add(self, texts: list[str], tip: str = "") -> None:
        item = QTreeWidgetItem(texts)
        item.setToolTip(0, tip)
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
