"""RunModel: the kept runs for an item view, a row a run, newest first."""

from collections.abc import Iterable, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication

from engine.runs.run_folder import Run
from engine.text.words import time_taken
from gui.runs.run_colours import run_colour, swatch
from gui.runs.run_rows import RunRow
from gui.runs.run_rows import when as when_began
from gui.theme import colours_of
from gui.widgets.plain_models import Index, PlainTableModel

ROW_ROLE = Qt.ItemDataRole.UserRole + 1  # RunRow
HEADINGS = ("Run", "Test accuracy", "Epochs", "What differs")
_DIFFERS = 3
MOST_TICKED = 12

_NO_INDEX = QModelIndex()


class RunModel(PlainTableModel):
    """Follows the runs row by row, so that a view keeps its place and its selection.

    `renamed` carries a run and its new name. `ticked_changed` says that other runs are ticked, to
    be compared, or that one of those has grown.
    """

    renamed = Signal(object, str)
    ticked_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[RunRow] = []
        self._ticked: list[str] = []  # keys, in the order in which they were ticked
        self._looked = "", ""  # key of a run, and words

    # --- what is shown -----------------------------------------------------------------------

    def show_rows(self, rows: Sequence[RunRow]) -> None:
        """Show other rows, newest first."""
        before = [_compared_fields(row) for row in self.ticked()]
        keys = {row.run.key for row in rows}
        self._ticked = [run for run in self._ticked if run in keys]
        self._follow(rows)
        if before != [_compared_fields(row) for row in self.ticked()]:
            self.ticked_changed.emit()

    def set_looked(self, run: Run | None, when: str = "") -> None:
        """Say what is looked at: a run, and when, in words; None: the present is."""
        before, self._looked = self._looked, ("" if run is None else run.key, when)
        for each, _ in (before, self._looked):
            if (index := self.index_of(each)).isValid():
                self._tell(index.row(), index.row())

    def index_of(self, run: str | None) -> QModelIndex:
        """Find the row of a run by its key; an invalid index if it is not there."""
        places = (place for place, row in enumerate(self.rows) if row.run.key == run)
        place = next(places, None)
        return QModelIndex() if place is None else self.index(place, 0)

    def row_of(self, run: str | None) -> RunRow | None:
        """Find a run by its key."""
        return next((row for row in self.rows if row.run.key == run), None)

    def ticked(self) -> tuple[RunRow, ...]:
        """Return the runs to compare, in the order in which they were ticked."""
        found = (self.row_of(run) for run in self._ticked)
        return tuple(row for row in found if row is not None)

    def tick(self, runs: Iterable[Run], on: bool) -> None:
        """Tick runs, of which the first lose their ticks to too many, or take the ticks away."""
        keys = [run.key for run in runs]
        kept = [run for run in self._ticked if run not in keys]
        ticked = [*kept, *keys][-MOST_TICKED:] if on else kept
        if ticked != self._ticked:
            self._ticked = ticked
            self._tell(0, len(self.rows) - 1)
            self.ticked_changed.emit()

    def untick_all(self) -> None:
        """Take all ticks away."""
        self.tick([row.run for row in self.ticked()], on=False)

    # --- what Qt asks ------------------------------------------------------------------------

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        """Count the runs."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        """Count the columns."""
        return 0 if parent.isValid() else len(HEADINGS)

    def header(self, section: int, orientation: Qt.Orientation, role: int) -> Any:
        """Return the name of a column."""
        is_name = orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole
        return HEADINGS[section] if is_name else None

    def cell(self, index: Index, role: int) -> Any:
        """Return what a row shows, and what a screen reader says of it."""
        row, column = self.rows[index.row()], index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return (row.run.title, row.accuracy, row.done, self._differs(row))[column]
            case Qt.ItemDataRole.ToolTipRole:
                return _tip(row)
            case Qt.ItemDataRole.ForegroundRole:
                return self._colour(row, column)
            case _ if role == ROW_ROLE:
                return row
            case _:
                return self._of_name(index.row(), role) if column == 0 else None

    def _of_name(self, place: int, role: int) -> Any:
        row = self.rows[place]
        match role:
            case Qt.ItemDataRole.EditRole:
                return row.run.title
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"Run {place + 1} of {len(self.rows)}: {row.sentence()}"
            case Qt.ItemDataRole.CheckStateRole:
                ticked = row.run.key in self._ticked
                return Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked
            case Qt.ItemDataRole.DecorationRole:
                return swatch(run_colour(row.colour, colours_of(QGuiApplication.palette())))
            case _:
                return None

    def _differs(self, row: RunRow) -> str:
        """Say what is looked at of a run, or else what differs; how long it took, and when."""
        run, when = self._looked
        told = (f"shown: {when}", row.place) if run == row.run.key else (row.about,)
        pinned = "pinned" if row.run.pinned else ""
        parts = (pinned, *told, time_taken(row.run.seconds), when_began(row.run.started))
        return " · ".join(filter(None, parts))

    def _colour(self, row: RunRow, column: int) -> QColor | None:
        """Return the colour of what did not end well, and of what is looked at."""
        colours = colours_of(QGuiApplication.palette())
        if column == _DIFFERS and row.run.key == self._looked[0]:
            return QColor(colours.past)
        bad = row.run.state in ("failed", "interrupted")
        return QColor(colours.wrong) if bad and column == _DIFFERS - 1 else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let runs be renamed and ticked."""
        flags = super().flags(index)
        if index.isValid() and index.column() == 0:
            flags |= Qt.ItemFlag.ItemIsEditable | Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Ask for another name of a run, or tick it."""
        if not index.isValid():
            return False
        run = self.rows[index.row()].run
        if role == Qt.ItemDataRole.CheckStateRole:
            self.tick([run], Qt.CheckState(value) == Qt.CheckState.Checked)
            return True
        if role == Qt.ItemDataRole.EditRole and str(value).strip() != run.title:
            self.renamed.emit(run, str(value).strip())
            return True
        return False

    # --- following ---------------------------------------------------------------------------

    def _follow(self, wanted: Sequence[RunRow]) -> None:
        """Let rows come, go and say other things, while the others keep their place."""
        keys = [row.run.key for row in wanted]
        kept = [row.run.key for row in self.rows if row.run.key in set(keys)]
        if not kept or kept != [run for run in keys if run in set(kept)]:  # others, or a new order
            self.beginResetModel()
            self.rows = [*wanted]
            self.endResetModel()
            return
        before = {row.run.key: row for row in self.rows}
        self._remove_all_but(set(keys))
        for place, row in enumerate(wanted):
            if place == len(self.rows) or self.rows[place].run.key != row.run.key:
                self.beginInsertRows(QModelIndex(), place, place)
                self.rows.insert(place, row)
                self.endInsertRows()
        self.rows = [*wanted]
        for place, row in enumerate(wanted):
            if before.get(row.run.key) != row:
                self._tell(place, place)

    def _tell(self, first: int, last: int) -> None:
        """Say that rows say something else."""
        self.dataChanged.emit(self.index(first, 0), self.index(last, len(HEADINGS) - 1))

    def _remove_all_but(self, keys: set[str]) -> None:
        for place in reversed(range(len(self.rows))):
            if self.rows[place].run.key not in keys:
                self.beginRemoveRows(QModelIndex(), place, place)
                del self.rows[place]
                self.endRemoveRows()


def _compared_fields(row: RunRow) -> tuple[object, ...]:
    """Return what a comparison shows of a run."""
    run = row.run
    return run.key, run.title, row.colour, run.state, run.epochs, run.kept_epochs


def _tip(row: RunRow) -> str:
    name = row.run.description.name
    whole = "" if name in ("", row.run.title) else name  # of several lines
    parts = [whole, row.sentence(), row.run.note.strip(), str(row.run.folder)]
    return "\n\n".join(part for part in parts if part)
