"""ComparisonView: the ticked runs side by side: their curves, what differs, and the same images."""

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QRadioButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.runs.run_folder import Run
from gui.runs.compared_runs import ComparedRun, compared
from gui.runs.comparison_curves import ComparisonCurves
from gui.runs.comparison_images import ComparisonImages
from gui.runs.comparison_table import ComparisonTable
from gui.theme import GRID, small_font
from gui.widgets.buttons import text_button
from gui.widgets.csv_table import csv_table
from gui.widgets.empty_state import EmptyState
from gui.widgets.flow_layout import FlowLayout
from gui.widgets.visibility import VisibilityNotifier

EMPTY = (
    "Tick two runs or more in the list, which is beside this or under Time machine, with a click "
    "on their boxes or with Space: here are their curves over each other, what differs, and in "
    "which images."
)
_ONE = "Tick one more run in the list to compare it with this one."
_FIRST = "The curves of the series begin here after the first epoch of its first run."


class _Page(NamedTuple):
    name: str
    text: str
    tip: str


_PAGES = (
    _Page("curves", "curves", "The curves of the runs over each other"),
    _Page("table", "table", "Only the settings and blocks that differ, and what came of it"),
    _Page(
        "images",
        "images",
        "For the first two ticked: the images that both, one or none of them is right in",
    ),
)


class ComparisonView(VisibilityNotifier):
    """Three pages on the ticked runs. The setters only store; `refresh` draws when `dirty`.

    `images_wanted` says that the images are in view and of a pair that was not there before,
    `series_wanted` that more runs are to be trained.
    """

    images_wanted = Signal()
    series_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("runs.compare")
        self.setAccessibleName("Compare")
        self.dirty = False
        self._more_come = False
        self._runs: tuple[tuple[Run, str], ...] = ()
        self._compared: tuple[ComparedRun, ...] = ()  # as drawn
        self.curves, self.table = ComparisonCurves(), ComparisonTable()
        self.images = ComparisonImages()
        self.pages = QStackedWidget()
        for page in (self.curves, self.table, self.images):
            self.pages.addWidget(page)
        self.series = text_button(
            "runs.series",
            "More runs…",
            "Train the open network several times, with other seeds or settings",
            takes_focus=True,
        )
        self._switches = QButtonGroup(self)
        self._empty = EmptyState(self.pages, EMPTY)
        self._arrange()
        self._switches.idClicked.connect(self._show_page)
        self.series.clicked.connect(self.series_wanted)

    def set_runs(self, runs: Sequence[tuple[Run, str]]) -> None:
        """Store other runs, each with its colour, or what they are now."""
        self._runs = tuple(runs)
        self.dirty = True

    @Slot(bool)
    def expect_more(self, more_come: bool) -> None:
        """Say whether a series is being trained: then one run alone is shown till others come."""
        if more_come != self._more_come:
            self._more_come, self.dirty = more_come, True

    def show_page(self, name: str) -> None:
        """Show a page: curves, table or images."""
        number = [page.name for page in _PAGES].index(name)
        self._switches.button(number).click()

    def is_compared(self) -> bool:
        """Return whether two runs or more are compared in view."""
        return self.isVisible() and len(self._runs) > 1

    def shows_images(self) -> bool:
        """Return whether the images of two runs are in view."""
        return self.isVisible() and self.pages.currentWidget() is self.images

    def refresh(self) -> None:
        """Draw the runs that were stored."""
        self.dirty = False
        first_grows = self._more_come and any(run.epochs for run, _ in self._runs)
        if len(self._runs) < 2 and not first_grows:
            one = _FIRST if self._more_come else _ONE
            self._empty.show_sentence(one if self._runs else EMPTY)
            return
        self._compared = compared(self._runs)
        self.curves.set_runs(self._compared)
        self.images.set_runs(self._compared)
        self._empty.show_content()
        self._draw_page()

    def as_csv(self) -> bytes:
        """Write the page that is shown: the metrics of all epochs, or the table of differences."""
        if self.pages.currentWidget() is self.table:
            model = self.table.compared
            return csv_table(model.head, [row.texts for row in model.rows])
        return self.curves.table()

    @Slot(int)
    def _show_page(self, number: int) -> None:
        self.pages.setCurrentIndex(number)
        self._draw_page()

    def _draw_page(self) -> None:
        """Draw the page that is shown; the others are drawn when they are."""
        page = self.pages.currentWidget()
        if page is self.curves:
            self.curves.draw()
        elif page is self.table:
            self.table.set_runs(self._compared)
        elif self.shows_images():
            self.images_wanted.emit()

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(GRID)
        top.addWidget(self._make_switches(), 1)
        top.addWidget(self.series)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID, GRID // 2, GRID, GRID // 2)
        column.setSpacing(GRID // 2)
        column.addLayout(top)
        column.addWidget(self._empty, 1)

    def _make_switches(self) -> QWidget:
        row = QWidget()
        flow = FlowLayout(row, gap=GRID, row_gap=0)
        for number, page in enumerate(_PAGES):
            switch = QRadioButton(page.text)
            switch.setObjectName(f"runs.compare.{page.name}")
            switch.setFont(small_font())
            switch.setToolTip(page.tip)
            switch.setAccessibleName(page.tip)
            self._switches.addButton(switch, number)
            flow.addWidget(switch)
        self._switches.button(0).setChecked(True)
        return row
