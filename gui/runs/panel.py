"""The panel Runs: every training that was kept, and the time machine that goes back into them."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QTabWidget, QToolButton, QWidget

from gui.runs.comparison_view import ComparisonView
from gui.runs.run_actions import RunActions
from gui.runs.run_list import RunList
from gui.runs.run_rows import RunRow
from gui.runs.time_bar import TimeBar
from gui.theme import GRID
from gui.widgets.buttons import text_button
from gui.widgets.csv_table import csv_table
from gui.widgets.empty_state import EmptyState
from gui.widgets.labels import ElidedLabel, FixedLabel, ProblemLabel
from gui.widgets.layouts import in_column, in_row, named
from gui.widgets.segments import Segments
from gui.workspace.panel import BasePanel

EMPTY = "Train, and every run is kept here: to go back into, compare and continue."
READING = "The runs are being read."
MANY = 12  # runs, above which there is a field to find some
TIME_MACHINE = "Time machine"
_LOW = 30 * GRID  # px of the panel's height, below which the list would show a run or two


class RunsPanel(BasePanel):
    """The list of runs over the time machine, as the first of some pages.

    Other pages speak of the chosen or the ticked runs. The setters only store; `refresh` draws when
    `dirty`.
    """

    def __init__(self) -> None:
        super().__init__("runs", "Runs")
        self._rows: tuple[RunRow, ...] | None = None
        self._chosen = ""  # key of the run to choose when it is there
        self._summary = ""
        self.list = RunList()
        self.bar = TimeBar()
        self.actions_ = RunActions(self)
        self.filter = _filter()
        self.summary = named(ElidedLabel(), "runs.summary", muted=True)
        self.problem = named(ProblemLabel(), "runs.problem", "What is wrong with kept runs")
        self._time_machine = self._make_time_machine()
        self.tabs = named(QTabWidget(), "runs.pages")
        self.tabs.setTabBar(Segments("runs.switch", "What is said of the runs"))
        self.tabs.setDocumentMode(True)
        # Else a click on a tab would hand the focus on to a field, whose value the keys change.
        self.tabs.tabBar().setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._arrange()
        self.visibility_changed.connect(self._on_seen)
        self.filter.textChanged.connect(self._on_filter)
        self.list.current_changed.connect(self._show_current)
        self.list.menu_wanted.connect(self.actions_.menu.popup)

    # --- what is stored ----------------------------------------------------------------------

    def show_rows(self, rows: Sequence[RunRow], summary: str, problem: str = "") -> None:
        """Store the runs, newest first, what they are in all, and what is wrong with some."""
        self._rows, self._summary = tuple(rows), summary
        self.problem.say(problem)
        self.dirty = True
        if not self.isVisible():  # then nothing is painted, and the list can be asked at once
            self.refresh()

    def choose(self, run: str) -> None:
        """Choose a run by its key when what was stored is drawn; words that hide it are cleared."""
        self._chosen = run
        self.dirty = True
        if not self.isVisible():
            self.refresh()

    def as_csv(self) -> bytes:
        """Write what the page in front compares, or else a line for each run that is shown."""
        page = self.tabs.currentWidget()
        if isinstance(page, ComparisonView) and page.is_compared():
            return page.as_csv()
        head = ["run", "name", "state", "started", "epochs", "seconds", "test accuracy", "differs"]
        return csv_table(head, (_line(row) for row in self.list.runs.rows))

    # --- drawing -----------------------------------------------------------------------------

    def parts(self) -> list[Callable[[], object]]:
        """Return what draws it: the list, then what belongs to the chosen run."""
        self.dirty = False
        return [self._draw_rows, self._show_current]

    def _draw_rows(self) -> None:
        rows = self._rows
        if not rows:
            had_focus = self.list.hasFocus()
            self._empty.show_sentence(READING if rows is None else EMPTY)
            if had_focus:  # what was done last is undone from here
                self.setFocus()
        self.list.runs.show_rows(rows or ())
        if self.list.runs.hides(self._chosen):
            self.filter.clear()
        self.filter.setVisible(len(rows or ()) > MANY or bool(self.filter.text()))
        self._say_summary()
        if rows:
            self._empty.show_content()
            if self.hasFocus():
                self.list.setFocus()
            if self._chosen or self.list.current is None:
                self.list.choose(self._chosen or rows[0].run.key)
        self._chosen = ""

    @Slot(bool)
    def _on_seen(self, seen: bool) -> None:
        """Draw what was stored before the panel was covered: the list is asked while it is."""
        if self.dirty and not seen:
            self.refresh()

    @Slot()
    def _show_current(self) -> None:
        self.bar.show_run(self.list.current)

    @Slot(str)
    def _on_filter(self, words: str) -> None:
        self.list.search(words)
        self._say_summary()

    def _say_summary(self) -> None:
        """Say how many runs there are, and how many of them are found."""
        found = f"{len(self.list.runs.rows):,} of " if self.filter.text() and self._rows else ""
        self.summary.setText(f"{found}{self._summary}")

    # --- building ----------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let some runs be in view where there is little room."""
        super().resizeEvent(event)
        self.bar.set_low(self.height() < _LOW)

    def _arrange(self) -> None:
        self.tabs.addTab(self._time_machine, TIME_MACHINE)
        self._empty = EmptyState(self.tabs, READING)
        in_column(self._empty, of=self)

    def _make_time_machine(self) -> QWidget:
        page = QWidget()
        page.setAccessibleName(TIME_MACHINE)
        in_column(
            self._top_row(),
            self.problem,
            (self.list, 1),
            self.bar,
            of=page,
            margins=(GRID, GRID // 2, GRID, GRID // 2),
        )
        return page

    def _top_row(self) -> QHBoxLayout:
        menu = text_button(
            "runs.menu",
            "Actions",
            "What can be done with the chosen run: rename, pin, export, delete …",
            spoken="What can be done with the chosen run",
            takes_focus=True,
        )
        menu.setMenu(self.actions_.menu)
        menu.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        return in_row((self.filter, 1), (FixedLabel(self.summary), 1), menu)


def _filter() -> QLineEdit:
    field = named(QLineEdit(), "runs.filter", "Find runs by their words", small=True)
    field.setPlaceholderText("Find a run")
    field.setToolTip(
        "Show the runs with these words in name, note, state, data, network or settings"
    )
    field.setClearButtonEnabled(True)
    field.hide()
    return field


def _line(row: RunRow) -> list[object]:
    run = row.run
    started = "" if run.started is None else run.started.isoformat(timespec="seconds")
    accuracy = "" if run.test_accuracy is None else run.test_accuracy
    seconds = round(run.seconds, 3)
    return [run.id, run.title, run.state, started, run.epochs, seconds, accuracy, row.about]
