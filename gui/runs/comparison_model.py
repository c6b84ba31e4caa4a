"""ComparisonModel: a row for each run, a column for what differs and for what came of it."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, Qt
from PySide6.QtGui import QFont

from engine.runs.comparison import spread
from engine.runs.run_differences import run_differences
from engine.text import words
from gui.runs.compared_runs import (
    ComparedRun,
    RunGroup,
    groups_of,
    mean_label,
    mean_name,
    of_seeds,
)
from gui.runs.run_colours import run_colour
from gui.theme import LIGHT, small_font
from gui.widgets.csv_table import tab_table
from gui.widgets.number_words import short
from gui.widgets.plain_models import Index, PlainTableModel

RESULTS = ("Test accuracy", "Best test loss", "Epochs done", "Time")
_NOTHING = "–"
_ROOT = QModelIndex()


@dataclass(frozen=True)
class TableRow:
    """A run, or the mean of several, by its texts: the name, what differs, what came of it."""

    texts: tuple[str, ...]
    tips: tuple[str, ...]
    colour: str
    shade: int
    is_mean: bool = False


class ComparisonModel(PlainTableModel):
    """Says of each run what only some have, and how good it was; of repeated ones the mean, too."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.head: tuple[str, ...] = ()
        self.rows: tuple[TableRow, ...] = ()
        self.colours = LIGHT

    def set_runs(self, runs: Sequence[ComparedRun]) -> None:
        """Show other runs, or what they are now."""
        head, rows = table_of(runs)
        if (head, rows) != (self.head, self.rows):
            self.beginResetModel()
            self.head, self.rows = head, rows
            self.endResetModel()

    def as_text(self) -> str:
        """Write the table for a spreadsheet: a line a row, tabs between cells."""
        return tab_table([self.head, *(row.texts for row in self.rows)])

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.head)

    def header(self, section: int, orientation: Qt.Orientation, role: int) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return self.head[section]
        return None

    def cell(self, index: Index, role: int) -> Any:
        row, column = self.rows[index.row()], index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return row.texts[column]
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{row.texts[0]}: {self.head[column]} {row.texts[column]}"
            case Qt.ItemDataRole.ToolTipRole:
                return row.tips[column] or row.texts[column]
            case Qt.ItemDataRole.DecorationRole if column == 0:
                return run_colour(row.colour, self.colours, row.shade)
            case Qt.ItemDataRole.FontRole if row.is_mean:
                return _bold()
            case Qt.ItemDataRole.TextAlignmentRole if column > len(self.head) - len(RESULTS) - 1:
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            case _:
                return None


def table_of(runs: Sequence[ComparedRun]) -> tuple[tuple[str, ...], tuple[TableRow, ...]]:
    """Return the head and the rows that say of runs what differs, and what came of each."""
    found = run_differences([each.run for each in runs]) if runs else []
    head = ("Run", *(each.title or each.key for each in found), *RESULTS)
    cells = {each.run.key: [f.texts[n] for f in found] for n, each in enumerate(runs)}
    rows: list[TableRow] = []
    for group in groups_of(runs):
        rows += [_row(each, cells[each.run.key]) for each in group.runs]
        if group.has_mean:
            rows.append(_mean_row(group, [cells[each.run.key] for each in group.runs]))
    return head, tuple(rows)


def _row(compared: ComparedRun, differing: Sequence[str]) -> TableRow:
    run, metrics = compared.run, compared.run.metrics
    lowest = min(metrics, key=lambda each: each.test_loss, default=None)
    results = (
        _NOTHING if run.test_accuracy is None else words.percent(run.test_accuracy),
        _NOTHING if lowest is None else short(lowest.test_loss),
        f"{run.epochs:,}",
        words.time_taken(run.seconds),
    )
    texts = (compared.brief, *differing, *results)
    when = "" if lowest is None else f"In epoch {run.age(lowest.epoch):,}"
    tips = (compared.name, *[""] * (len(texts) - 4), when, "", "")
    return TableRow(texts, tips, compared.colour, compared.shade)


def _mean_row(group: RunGroup, differing: Sequence[Sequence[str]]) -> TableRow:
    """Return the means of repeated runs, each with its deviation, and its ends as a tooltip."""
    runs, first = [each.run for each in group.runs], group.first
    accuracies = [run.test_accuracy for run in runs if run.test_accuracy is not None]
    losses = [min(each.test_loss for each in run.metrics) for run in runs if run.metrics]
    accuracy, accuracy_tip = _spread(accuracies, words.percent)
    loss, loss_tip = _spread(losses, short)
    same = [cells[0] if len(set(cells)) == 1 else "" for cells in zip(*differing, strict=True)]
    results = (accuracy, loss, "", words.time_taken(fmean(run.seconds for run in runs)))
    texts = (f"{mean_label(group)}: {of_seeds(group)}", *same, *results)
    tips = (mean_name(group), *[""] * (len(texts) - 5), accuracy_tip, loss_tip, "", "")
    return TableRow(texts, tips, first.colour, first.shade, is_mean=True)


def _spread(values: Sequence[float], write: Callable[[float], str]) -> tuple[str, str]:
    """Write the mean of values with one deviation, and a sentence with their ends."""
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return _NOTHING, ""
    found = spread(finite)
    mean, unit = write(found.mean).removesuffix(" %"), " %" if write is words.percent else ""
    if found.deviation is None:
        return f"{mean}{unit}", ""
    deviation = f"{100 * found.deviation:.2f}" if unit else short(found.deviation, 2)
    ends = f"{write(found.lowest)} to {write(found.highest)}"
    tip = f"Mean and standard deviation of {found.count} runs, from {ends}"
    return f"{mean} ± {deviation}{unit}", tip


def _bold() -> QFont:
    font = small_font()
    font.setBold(True)
    return font
