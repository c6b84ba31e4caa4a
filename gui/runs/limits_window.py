"""LimitsWindow: how much room kept runs take, how much they may take, and which would go first."""

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QGridLayout,
    QListWidget,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from gui.theme import GRID, set_muted
from gui.widgets.dialogs import bring_to_front, button_row, lay_out, push_button
from gui.widgets.plain_labels import plain_label, wrapping_label
from gui.widgets.problem_label import ProblemLabel

_MOST = 1_000_000  # MB
_LEAST_ROWS = 5  # of runs that are seen at once
_WHY = (
    "Every training is kept in a folder of Layerscope's own. A long run keeps the weights of some "
    "of its epochs. Where all runs together need more room, the oldest that are not pinned are "
    "deleted when a training ends, after that was said."
)


class LimitsWindow(QDialog):
    """A window with what the runs take, two limits in MB, and which would go first.

    `limits_chosen` carries the megabytes of one run and of all.
    """

    limits_chosen = Signal(int, int)
    empty_wanted = Signal()

    def __init__(self, folder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("run_limits")
        self.setWindowTitle("Room for runs")
        why, where = wrapping_label("run_limits.why"), wrapping_label("run_limits.folder")
        why.setText(_WHY)
        where.setText(folder)
        set_muted(where)
        self.taken = wrapping_label("run_limits.taken")
        self.first = wrapping_label("run_limits.first")
        self.going = _list("run_limits.going", "Runs that go first, the oldest on top")
        self.one = _megabytes("run_limits.one", "Megabytes of one run at most", 8)
        self.all = _megabytes("run_limits.all", "Megabytes of all runs at most", 100)
        self.problem = ProblemLabel()
        self.problem.setObjectName("run_limits.problem")
        tip = "Remove for good what was deleted and could still be brought back"
        self.empty = push_button("run_limits.empty", "&Empty deleted runs", tip)
        limits = QGridLayout()
        limits.setHorizontalSpacing(GRID)
        for row, (text, field) in enumerate(
            (("&All runs at most", self.all), ("&One run at most", self.one))
        ):
            title = plain_label(text)
            title.setBuddy(field)
            limits.addWidget(title, row, 0)
            limits.addWidget(field, row, 1)
            field.valueChanged.connect(self._say)
        limits.setColumnStretch(2, 1)
        column = QVBoxLayout()
        for label in (why, where, self.taken):
            column.addWidget(label)
        column.addLayout(limits)
        column.addWidget(self.first)
        column.addWidget(self.going, 1)
        column.addWidget(self.problem)
        lay_out(self, column, button_row(self, self.empty), 64, 50)
        self.empty.clicked.connect(self.empty_wanted)

    def show_measuring(self) -> None:
        """Say that the runs are being measured; until that is done, no limit can be chosen."""
        self.taken.setText("The runs are being measured.")
        self.first.setText("")
        self._show_going(())
        self.problem.say("")
        self._allow(False)

    def show_state(
        self,
        taken: str,
        first: str,
        going: Sequence[str],
        one: int,
        all_runs: int,
        problem: str | None,
    ) -> None:
        """Show in sentences what is taken and would go first, the limits, and what is wrong.

        `going` are the titles of all runs that would. A limit that is just being typed stays,
        unless the last one could not be written. None: what was wrong still is.
        """
        self.taken.setText(taken)
        self.first.setText(first)
        self._show_going(going)
        measured = not self.all.isEnabled()
        for field, value in ((self.one, one), (self.all, all_runs)):
            if measured or problem or not _is_typed(field):
                with QSignalBlocker(field):
                    field.setValue(value)
        if problem is not None:
            self.problem.say(problem)
        if measured:
            self._allow(True)
            self.all.setFocus(Qt.FocusReason.OtherFocusReason)

    def open_window(self) -> None:
        """Show the window in front of the others."""
        bring_to_front(self)

    def _show_going(self, titles: Sequence[str]) -> None:
        """List runs; as long as they stay the same, so does the place that was scrolled to."""
        self.going.setVisible(bool(titles))
        if list(titles) != [self.going.item(row).text() for row in range(self.going.count())]:
            self.going.clear()
            self.going.addItems(titles)

    def _allow(self, choosing: bool) -> None:
        for field in (self.one, self.all):
            field.setEnabled(choosing)

    @Slot()
    def _say(self) -> None:
        self.limits_chosen.emit(self.one.value(), self.all.value())


def _is_typed(field: QSpinBox) -> bool:
    """Return whether something is being typed that is not yet taken."""
    return field.text() != f"{field.textFromValue(field.value())}{field.suffix()}"


def _list(name: str, spoken: str) -> QListWidget:
    made = QListWidget()
    made.setObjectName(name)
    made.setAccessibleName(spoken)
    made.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    made.setUniformItemSizes(True)
    made.setMinimumHeight(_LEAST_ROWS * made.fontMetrics().lineSpacing())
    grows = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
    grows.setRetainSizeWhenHidden(True)
    made.setSizePolicy(grows)
    return made


def _megabytes(name: str, spoken: str, step: int) -> QSpinBox:
    field = QSpinBox()
    field.setObjectName(name)
    field.setAccessibleName(spoken)
    field.setToolTip(spoken)
    field.setRange(1, _MOST)
    field.setSingleStep(step)
    field.setGroupSeparatorShown(True)
    field.setSuffix(" MB")
    field.setKeyboardTracking(False)  # each digit that is typed would be a limit
    return field
