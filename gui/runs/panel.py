"""The panel Runs: every training that was kept, and the time machine that goes back into them."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QTabWidget, QToolButton, QWidget

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
TIME_MACHINE = "Time machine"


class RunsPanel(BasePanel):
    """The list of runs over the time machine, as the first of some pages.

    Other pages speak of the chosen or the ticked runs. `undo_wanted` is a key.
    """

    undo_wanted = Signal()

    def __init__(self) -> None:
        super().__init__("runs", "Runs")
        self.list = RunList()
        self.bar = TimeBar()
        self.actions_ = RunActions(self)
        self.summary = named(ElidedLabel(), "runs.summary", muted=True)
        self.problem = named(ProblemLabel(), "runs.problem", "What is wrong with kept runs")
        self._time_machine = self._make_time_machine()
        self.tabs = named(QTabWidget(), "runs.pages")
        self.tabs.setTabBar(Segments("runs.switch", "What is said of the runs"))
        self.tabs.setDocumentMode(True)
        # Else a click on a tab would hand the focus on to a field, whose value the keys change.
        self.tabs.tabBar().setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._arrange()
        self.list.current_changed.connect(self._show_current)
        self.list.menu_wanted.connect(self.actions_.menu.popup)

    # --- what is shown -----------------------------------------------------------------------

    def show_rows(self, rows: Sequence[RunRow], summary: str, problem: str = "") -> None:
        """Show the runs, newest first, what they are in all, and what is wrong with some."""
        self.problem.say(problem)
        self.summary.setText(summary)
        if not rows:
            had_focus = self.list.hasFocus()
            self._empty.show_sentence(EMPTY)
            if had_focus:  # what was deleted last is brought back from here
                self.setFocus()
        self.list.runs.show_rows(rows)
        if rows:
            self._empty.show_content()
            if self.hasFocus():
                self.list.setFocus()
            if self.list.current is None:
                self.list.choose(rows[0].run.key)

    def refresh(self) -> None:
        """Draw nothing: what is shown is drawn at once."""

    def as_csv(self) -> bytes:
        """Write what the page in front compares, or else a line for each run that is shown."""
        page = self.tabs.currentWidget()
        if isinstance(page, ComparisonView) and page.is_compared():
            return page.as_csv()
        head = ["run", "name", "state", "started", "epochs", "seconds", "test accuracy", "differs"]
        return csv_table(head, (_line(row) for row in self.list.runs.rows))

    @Slot()
    def _show_current(self) -> None:
        self.bar.show_run(self.list.current)

    def event(self, event: QEvent) -> bool:
        """Take the key of Undo here, where it is about runs, before it changes the network."""
        if event.type() == QEvent.Type.ShortcutOverride and _is_undo(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ask for what was deleted last."""
        if _is_undo(event):
            self.undo_wanted.emit()
        else:
            super().keyPressEvent(event)

    # --- building ----------------------------------------------------------------------------

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
        return in_row((FixedLabel(self.summary), 1), menu)


def _is_undo(event: QEvent) -> bool:
    return isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Undo)


def _line(row: RunRow) -> list[object]:
    run = row.run
    started = "" if run.started is None else run.started.isoformat(timespec="seconds")
    accuracy = "" if run.test_accuracy is None else run.test_accuracy
    seconds = round(run.seconds, 3)
    return [run.id, run.title, run.state, started, run.epochs, seconds, accuracy, row.about]
