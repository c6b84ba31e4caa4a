"""ComparisonTable: runs side by side, by only what differs and by what came of each."""

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QObject, QSize, Qt
from PySide6.QtWidgets import QAbstractItemView, QFrame, QTableView, QWidget

from engine.runs.comparison import spread
from engine.runs.differences import run_differences
from engine.runs.repeats import has_own_images, one_of_each_seed, repeats, seed_of
from engine.runs.run_folder import Run
from engine.text import words
from gui.runs.run_colours import SWATCH, run_colour, swatch
from gui.theme import GRID, LIGHT, colours_of, small_font
from gui.widgets.number_words import short
from gui.widgets.plain_models import Index, PlainTableModel

_SEED = re.compile("(,| ·) seed [0-9]+$")  # as a series names its runs
_RESULTS = ("Test accuracy", "Best test loss", "Epochs done", "Time")
_NOTHING = "–"
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_WIDEST = 26 * GRID  # px of a column
_ROOT = QModelIndex()


@dataclass(frozen=True, eq=False)
class ComparedRun:
    """A run that is compared: `colour` as `#rrggbb`, of which others may have other shades."""

    run: Run
    colour: str
    shade: int
    name: str


@dataclass(frozen=True, eq=False)
class RunGroup:
    """Runs that have a mean together, or one by itself."""

    runs: tuple[ComparedRun, ...]

    @property
    def has_mean(self) -> bool:
        """Whether there are several runs."""
        return len(self.runs) > 1

    @property
    def shade(self) -> float:
        """The shade of its mean, of the colour of its first run: one that no run has."""
        return self.runs[0].shade + 1.5

    @property
    def name(self) -> str:
        """What the mean is called."""
        own = has_own_images([each.run for each in self.runs])
        tested = ", each tested on images of its own" if own else ""
        series = _SEED.sub("", self.runs[0].run.short_title)
        return f"{series}: mean of {len(self.runs)} seeds{tested}"


def compared(runs: Sequence[tuple[Run, str]]) -> tuple[ComparedRun, ...]:
    """Return runs, each given with its colour, as they are told apart.

    Of one colour, the runs of lower numbers are nearer to the colour itself, in whichever order
    they come.
    """
    names, before, shades = names_of([run for run, _ in runs]), Counter[str](), {}
    for run, colour in sorted(runs, key=lambda each: (each[0].description.number, each[0].key)):
        shades[run.key] = before[colour]
        before[colour] += 1
    return tuple(
        ComparedRun(run, colour, shades[run.key], name)
        for (run, colour), name in zip(runs, names, strict=True)
    )


def groups_of(runs: Sequence[ComparedRun]) -> list[RunGroup]:
    """Sort runs into those that have a mean together, in the order of the first of each.

    They differ in their seed alone, and each has another one. One that ended, or is, before half
    the epochs of the longest is by itself: it would cut the mean short.
    """
    by_key = {each.run.key: each for each in runs}
    found: list[RunGroup] = []
    for group in repeats([each.run for each in runs]):
        half = max(run.epochs for run in group) / 2
        chosen = [run for run in one_of_each_seed(group) if run.epochs >= half]
        found.append(RunGroup(tuple(by_key[run.key] for run in chosen)))
        found += [RunGroup((by_key[run.key],)) for run in group if run not in chosen]
    return sorted(found, key=lambda group: runs.index(group.runs[0]))


def names_of(runs: Sequence[Run]) -> list[str]:
    """Return the short titles of runs; equal ones have their seed, too, or else a number."""
    seeds: dict[str, set[int]] = {}
    for run in runs:
        seeds.setdefault(run.short_title, set()).add(seed_of(run))
    names = [
        f"{run.short_title}, seed {seed_of(run)}"
        if len(seeds[run.short_title]) > 1
        else run.short_title
        for run in runs
    ]
    counts, seen = Counter(names), Counter[str]()
    found = []
    for name in names:
        seen[name] += 1
        found.append(f"{name} ({seen[name]})" if counts[name] > 1 else name)
    return found


@dataclass(frozen=True)
class TableRow:
    """A run, or the mean of several, by its texts: the name, what differs, what came of it."""

    texts: tuple[str, ...]
    colour: str
    shade: float
    is_mean: bool = False


class ComparisonModel(PlainTableModel):
    """A column for each run, and for the mean of repeats; a row for each thing of `head`."""

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

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else max(0, len(self.head) - 1)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def header(self, section: int, orientation: Qt.Orientation, role: int) -> Any:
        if orientation == Qt.Orientation.Vertical:
            return self.head[section + 1] if role == Qt.ItemDataRole.DisplayRole else None
        row = self.rows[section]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
                return row.texts[0]
            case Qt.ItemDataRole.DecorationRole:
                return swatch(run_colour(row.colour, self.colours, row.shade))
            case Qt.ItemDataRole.FontRole if row.is_mean:
                return small_font(bold=True)
            case _:
                return None

    def cell(self, index: Index, role: int) -> Any:
        row, place = self.rows[index.column()], index.row() + 1
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
                return row.texts[place]
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{row.texts[0]}: {self.head[place]} {row.texts[place]}"
            case Qt.ItemDataRole.FontRole if row.is_mean:
                return small_font(bold=True)
            case _:
                return None


class ComparisonTable(QTableView):
    """A table to read; columns can be made wider."""

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
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # names of runs differ at their ends
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setFont(small_font())
            header.setHighlightSections(False)
            header.setDefaultAlignment(_LEFT)
            header.setIconSize(QSize(SWATCH, SWATCH))
            header.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.compared.colours = colours_of(self.palette())

    def set_runs(self, runs: Sequence[ComparedRun]) -> None:
        """Show other runs, or what they are now."""
        head = self.compared.head, self.compared.columnCount()
        self.compared.set_runs(runs)
        if (self.compared.head, self.compared.columnCount()) != head:
            self.fit_columns()

    def fit_columns(self) -> None:
        """Make the columns as wide as their texts, within limits."""
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + GRID // 2)
        self.resizeColumnsToContents()
        for column in range(self.compared.columnCount()):
            self.setColumnWidth(column, min(_WIDEST, self.columnWidth(column)))

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.compared.colours = colours_of(self.palette())


def table_of(runs: Sequence[ComparedRun]) -> tuple[tuple[str, ...], tuple[TableRow, ...]]:
    """Return the head and the rows that say of runs what differs, and what came of each."""
    found = run_differences([each.run for each in runs]) if runs else []
    head = ("Run", *(each.title or each.key for each in found), *_RESULTS)
    cells = {each.run.key: [f.texts[n] for f in found] for n, each in enumerate(runs)}
    rows: list[TableRow] = []
    for group in groups_of(runs):
        rows += [_row(each, cells[each.run.key]) for each in group.runs]
        if group.has_mean:
            rows.append(_mean_row(group, [cells[each.run.key] for each in group.runs]))
    return head, tuple(rows)


def _row(compared: ComparedRun, differing: Sequence[str]) -> TableRow:
    run = compared.run
    losses = [each.test_loss for each in run.metrics]
    texts = (
        compared.name,
        *differing,
        _NOTHING if run.test_accuracy is None else words.percent(run.test_accuracy),
        short(min(losses)) if losses else _NOTHING,
        f"{run.epochs:,}",
        words.time_taken(run.seconds),
    )
    return TableRow(texts, compared.colour, compared.shade)


def _mean_row(group: RunGroup, differing: Sequence[Sequence[str]]) -> TableRow:
    """Return the means of repeated runs, each with its deviation."""
    runs, first = [each.run for each in group.runs], group.runs[0]
    accuracies = [run.test_accuracy for run in runs if run.test_accuracy is not None]
    losses = [min(each.test_loss for each in run.metrics) for run in runs if run.metrics]
    same = [cells[0] if len(set(cells)) == 1 else "" for cells in zip(*differing, strict=True)]
    texts = (
        group.name,
        *same,
        _spread(accuracies, words.percent),
        _spread(losses, short),
        "",
        words.time_taken(fmean(run.seconds for run in runs)),
    )
    return TableRow(texts, first.colour, group.shade, is_mean=True)


def _spread(values: Sequence[float], write: Callable[[float], str]) -> str:
    """Write the mean of values with one deviation."""
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return _NOTHING
    found = spread(finite)
    mean, unit = write(found.mean).removesuffix(" %"), " %" if write is words.percent else ""
    if found.deviation is None:
        return f"{mean}{unit}"
    deviation = f"{100 * found.deviation:.2f}" if unit else short(found.deviation, 2)
    return f"{mean} ± {deviation}{unit}"
