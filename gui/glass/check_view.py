"""CheckView: are the gradients right? Backward against what the loss does when a value moves."""

from collections.abc import Callable
from functools import partial

import numpy as np
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidgetItem

from engine.array_types import Array
from engine.data.dataset import Dataset
from engine.explain.gradient_check import ArrayCheck
from engine.explain.indices import Index, index_of, index_words
from gui.background.jobs import Job, Jobs
from gui.glass.array_grid import ArrayGrid
from gui.glass.specimen import GlassView, Specimen
from gui.theme import GRID, colours_of
from gui.widgets.buttons import text_button
from gui.widgets.labels import plain_label, plain_tooltip
from gui.widgets.layouts import in_column, in_row, named
from gui.widgets.number_words import short
from gui.widgets.tables import small_table, whole_height

LEVELS = (-14.0, -2.0)  # powers of ten: from rounding to plainly wrong
MOST_CELLS = 5_000  # of an array that is shown in its own shape
SAMPLES = 3  # of the batch; BatchNorm on vectors needs more than one
_EMPTY = (
    "Every gradient is compared with (E(w + ε) − E(w − ε)) / 2ε: what the loss does when a weight "
    "moves a little both ways. Click Check gradients."
)
_CHECKING = "Checking…"
_NO_IMAGES = "There are no images to check with. The view Data says what to do."
_COLUMNS = ("", "array", "error", "checked")


def _shown(check: ArrayCheck) -> Array:
    """Return the errors in the shape of their array; NaN where none was compared.

    Of an array that is too large they stay as they are.
    """
    if check.size > MOST_CELLS:
        return check.errors
    shown: Array = np.full(check.size, np.nan)
    shown[check.numbers] = check.errors
    return shown.reshape(check.shape)


class CheckView(GlassView):
    """Checks the gradients of all blocks, and shows the errors as heat maps.

    `samples` gives the samples that are shown now; the pinned one and its followers make the batch.
    The scale of errors is logarithmic; blank cells were not compared. An array that is too large is
    shown as the values that were drawn from it, one after the other.
    """

    def __init__(self, jobs: Jobs, samples: Callable[[], Dataset | None]) -> None:
        super().__init__()
        self._jobs, self._samples = jobs, samples
        self.checks: list[ArrayCheck] = []
        self._summary = ""
        tip = "Compare backward with differences of the loss, in float64"
        self.start = text_button("check.start", "Check gradients", tip)
        self.table = small_table("check.table", "Arrays whose gradients were checked")
        self.for_keys = self.table
        self.table.setHeaderLabels(list(_COLUMNS))
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.map = ArrayGrid("check.map")
        self.map.grid.setToolTip("Powers of ten: −6 stands for a relative error of 0.000001")
        self.readout = named(plain_label(muted=True, wraps=True), "check.numbers")
        self.table.header().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.verdict = named(plain_label(_EMPTY, muted=True, wraps=True), "check.verdict")
        self._arrange()
        self._forget(_EMPTY)
        self.start.clicked.connect(self._check)
        self.table.currentItemChanged.connect(self._show_array)
        self.map.pointed.connect(self._read)
        self.map.chosen.connect(self._read)

    # --- as a view under glass ---------------------------------------------------------------

    def show_specimen(self, specimen: Specimen) -> None:
        """Take over the copy; what was found with another goes."""
        super().show_specimen(specimen)
        self._forget(_EMPTY)

    def go(self, by: int) -> bool:
        """Go so many arrays on, or back."""
        return self._go_to(self.table.currentIndex().row() + by)

    def restart(self) -> None:
        """Go to the first array."""
        self._go_to(0)

    def obstacle(self) -> str:
        """Return that nothing is checked yet; empty if something is."""
        if self.checks:
            return ""
        running = not self.start.isEnabled()
        return (
            "The check is running" if running else "Nothing is checked yet: click Check gradients"
        )

    # --- building ----------------------------------------------------------------------------

    def _arrange(self) -> None:
        controls = in_row(self.start, 0)
        # The table is no higher than its rows.
        listed = in_column((self.table, 1), 0)
        shown = in_column(self.readout, (self.map, 1))
        halves = in_row((listed, 1), (shown, 1), gap=GRID)
        in_column(controls, self.verdict, (halves, 1), 0, of=self, margins=(0, GRID // 2, 0, 0))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the table as high as its rows."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.table.setMaximumHeight(whole_height(self.table))

    # --- checking ----------------------------------------------------------------------------

    @Slot()
    def _check(self) -> None:
        specimen, samples = self.specimen, self._samples()
        if samples is None or not len(samples):
            self._forget(_NO_IMAGES)
            return
        if specimen is None:
            return
        first = specimen.sample.index or 0
        places = np.arange(first, first + SAMPLES) % len(samples)
        self.start.setEnabled(False)
        self._forget(_CHECKING)
        work = partial(_check_all, specimen, samples.take(places))
        done = partial(self._done, specimen)
        self._jobs.start(Job("Check the gradients", work, done, self._ended))

    def _done(self, specimen: Specimen, checks: list[ArrayCheck]) -> None:
        self.start.setEnabled(True)
        if self.specimen is not specimen:
            self._forget("The image or the weights have changed since. Check again.")
            return
        self.checks = checks
        colours = colours_of(self.palette())
        for check in checks:
            mark, error = "✓" if check.agrees else "✗", short(check.max_relative_error, 2)
            item = QTreeWidgetItem(self.table, [mark, check.title, error, check.counted])
            item.setToolTip(1, plain_tooltip(f"{check.slot.label}: {check.verdict}"))
            item.setData(0, Qt.ItemDataRole.AccessibleTextRole, f"{check.title}: {check.verdict}")
            if not check.agrees:
                item.setForeground(0, QColor(colours.wrong))
        wrong = sum(not check.agrees for check in checks)
        worst = max((check.max_relative_error for check in checks), default=0.0)
        self._summary = (
            f"All {len(checks)} gradients are right; the largest relative error is "
            f"{short(worst, 2)}."
            if not wrong
            else f"{wrong} of {len(checks)} gradients are wrong: those with a ✗."
        )
        self._fit()
        self.table.show()
        self.restart()

    def _ended(self, problem: str) -> None:
        self.start.setEnabled(True)
        self._forget(problem or "The check was cancelled. Click Check gradients to begin again.")

    def _forget(self, words: str) -> None:
        self.checks = []
        self.table.clear()
        for part in (self.table, self.map, self.readout):
            part.hide()
        self.verdict.setText(words)
        self._say_place("")

    @Slot()
    def _show_array(self) -> None:
        place = self.table.currentIndex().row()
        if not 0 <= place < len(self.checks):
            return
        check, is_whole = self.checks[place], self.checks[place].size <= MOST_CELLS
        self._say_place(f"array {place + 1:,} of {len(self.checks):,}")
        self.verdict.setText(f"{self._summary} {check.title}: {check.verdict}")
        for part in (self.map, self.readout):
            part.show()
        with np.errstate(divide="ignore"):
            powers = np.log10(_shown(check)).clip(LEVELS[0])
        words = "log₁₀ of the relative error" if is_whole else "log₁₀ of the error, values drawn"
        self.map.show_array(words, powers, "viridis", LEVELS)
        worst = int(np.nan_to_num(check.errors, nan=-1.0).argmax())
        self._read(index_of(check.shape, int(check.numbers[worst])) if is_whole else (worst,))

    @Slot(object)
    def _read(self, place: Index) -> None:
        """Write both numbers of a cell, and mark it; at first, it is that of the largest error."""
        check = self.checks[self.table.currentIndex().row()]
        self.map.mark([place])
        if check.size > MOST_CELLS:
            place = index_of(check.shape, int(check.numbers[place[0]]))
        value = check.value(place)
        at = f"{check.name}, {index_words(place)}"
        if value is None:
            self.readout.setText(f"{at} was not among the values drawn.")
            return
        kink = " It stands on a kink." if value.is_kink else ""
        self.readout.setText(
            f"{at}: backward {short(value.backward, 8)}, difference {short(value.numeric, 8)}, "
            f"relative error {short(value.error, 2)}.{kink}"
        )

    def _go_to(self, place: int) -> bool:
        if not 0 <= place < self.table.topLevelItemCount():
            return False
        self.table.setCurrentIndex(self.table.model().index(place, 0))
        return True


def _check_all(
    specimen: Specimen, samples: Dataset, report: Callable[[float], None]
) -> list[ArrayCheck]:
    """Check all blocks, in the thread of a job."""
    from engine.explain.gradient_check import check_gradients

    project = specimen.project
    found = []
    for event in check_gradients(
        specimen.report,
        project.weights,
        project.settings,
        samples.batch_inputs(slice(None), np.float64),
        samples.labels.tolist(),
    ):
        if isinstance(event, ArrayCheck):
            found.append(event)
        else:
            report(event.done / max(1, event.total))
    return found
