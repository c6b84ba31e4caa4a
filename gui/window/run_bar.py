"""RunBar: the training row of the window: its buttons, its settings, and where the run stands."""

import time

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QToolButton,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from engine.text.words import duration
from gui.background.jobs import Jobs
from gui.background.mailbox import RunProgress, Speed
from gui.forms.settings_form import Strip
from gui.theme import GRID, set_muted
from gui.widgets.buttons import action_button
from gui.widgets.elision import ElidedLabel
from gui.widgets.fixed_label import FixedLabel
from gui.widgets.tooltips import plain_tooltip
from gui.window.job_bar import JobBar

HOLD = 0.6  # s
WORDS = ("Train", "Pause", "Resume", "Train on", "88 more epochs")
# By style sheet, since Fusion brightens a dark button until white text on it is hard to read.
_PRIMARY = """
QToolButton {
    background: palette(highlight); color: palette(highlighted-text);
    border: 1px solid palette(highlight); border-radius: 3px; padding: 2px 7px;
}
QToolButton:focus { border-color: palette(text); }
"""
_INPUT = (
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseButtonDblClick,
    QEvent.Type.KeyPress,
)
PROGRESS_STEPS = 1000
TIME_TIP = "Time without pauses; the list of runs tells how long its steps alone took."
PREPARATION_TIP = (
    "Until then networks train in plain numpy, two to four times as slowly.\n"
    "The next training after that is fast."
)
STATES = ("Ready", "Training", "Paused", "Stopped", "Finished", "Error")


class TrainButton(QToolButton):
    """The obvious next button, in the colour of a selection while it can be used.

    After `hold` it takes no click and no key for a moment. Its tooltip leaves the `row` free, which
    says why it is disabled.
    """

    def __init__(
        self, action: QAction, parent: QWidget | None = None, *, row: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._action = action
        self._row = row or self
        self._held_until = 0.0  # s on the clock
        self.setDefaultAction(action)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        action.setAutoRepeat(False)
        action.installEventFilter(self)
        self._fix_size()
        action.changed.connect(self._follow)
        self._follow()

    @property
    def held(self) -> bool:
        """Whether it takes no click and no key at present."""
        return time.monotonic() < self._held_until

    def hold(self) -> None:
        """Take no click and no key for a moment: one that was meant as Pause may come late."""
        self.setDown(False)
        self._held_until = time.monotonic() + HOLD

    def press(self) -> None:
        """Do what a click does."""
        if not self.held:
            self._action.trigger()

    def event(self, event: QEvent) -> bool:
        """Take no click and no key while it is held."""
        if event.type() in _INPUT and self.held:
            event.accept()
            return True
        if event.type() == QEvent.Type.ToolTip:
            left = self.mapTo(self._row, QPoint()).x()
            at = self._row.mapToGlobal(QPoint(left, self._row.height()))
            QToolTip.showText(at, self.toolTip(), self)
            return True
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the action's own key from it while it is held."""
        return event.type() == QEvent.Type.Shortcut and self.held

    @Slot()
    def _follow(self) -> None:
        style = _PRIMARY if self._action.isEnabled() else ""
        if style != self.styleSheet():
            self.setStyleSheet(style)
        self.setAccessibleName(self._action.iconText())

    def _fix_size(self) -> None:
        """Have room for the widest word."""
        metrics = self.fontMetrics()
        widest = max(metrics.horizontalAdvance(word) for word in WORDS)
        beside = self.sizeHint().width() - metrics.horizontalAdvance(self.text())
        self.setFixedWidth(beside + widest)
        self.setStyleSheet(_PRIMARY)
        self.setFixedHeight(self.sizeHint().height())


class RunBar(QWidget):
    """Shows the run: buttons for the actions, a status word, progress and speed."""

    def __init__(
        self,
        actions: list[QAction],
        primary: QAction,
        speed: QWidget,
        settings: Strip,
        jobs: Jobs,
        downloads: Jobs,
        series: Jobs,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._progress: RunProgress | None = None
        self._next_run = ""
        self._slow = False
        self.status = _status_label()
        self.progress = _progress_bar()
        self.detail = ElidedLabel()
        self.detail.setObjectName("progress_text")
        self.detail.setAccessibleName("Epoch, time and speed")
        set_muted(self.detail)
        self._preparation = ElidedLabel()
        self._preparation.setObjectName("run.preparation")
        self._preparation.setAccessibleName("Preparing the fast engine")
        self._preparation.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        set_muted(self._preparation)
        self._preparing = FixedLabel(self._preparation)
        self._preparing.hide()
        self.train = TrainButton(primary, row=self)
        buttons = [self.train if action is primary else _button(action) for action in actions]
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID, GRID // 2, GRID, GRID // 2)
        column.setSpacing(GRID // 2)
        settings.lead_with(buttons)
        column.addWidget(settings)
        named = ((jobs, "job"), (downloads, "download"), (series, "series"))
        bars = [JobBar(each, name) for each, name in named]
        self._series = bars[-1]
        column.addLayout(self._lower_row(speed, *bars))

    def _lower_row(self, speed: QWidget, *jobs: JobBar) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(speed)
        row.addWidget(self.progress)
        row.addWidget(self.status)
        row.addWidget(FixedLabel(self.detail), 1)
        row.addWidget(self._preparing, 1)
        for each in jobs:
            row.addWidget(each)
            row.addStrut(each.sizeHint().height())  # or all below would jump when it comes
        return row

    def show_state(self, state: str, next_run: str = "") -> None:
        """Write the status word, and after the progress of a run that is over what Train does."""
        if self.status.text() == "Training" and state in ("Finished", "Error"):
            self.train.hold()  # it ended by itself
        self._next_run = next_run
        self._series.set_resting(state == "Training")
        self.status.setText(state)
        if self._progress is not None:
            self.show_progress(self._progress)

    def show_speed(self, speed: Speed) -> None:
        """Leave the time that is left out in slow motion: no one waits for the end of that."""
        self._slow = speed == "slow"
        if self._progress is not None:
            self.show_progress(self._progress)

    def show_preparation(self, text: str) -> None:
        """Say how far the fast engine is compiled; an empty text hides it."""
        self._preparation.setText(text)
        self._preparation.setToolTip(plain_tooltip(f"{text}\n{PREPARATION_TIP}"))
        self._preparing.setVisible(bool(text))

    @property
    def idle(self) -> bool:
        """Whether no run's progress is shown."""
        return self._progress is None

    def show_idle(self, text: str) -> None:
        """Empty the progress bar and write what is to be done."""
        self._progress = None
        self.progress.setValue(0)
        self.detail.setText(text)
        self.detail.setToolTip(plain_tooltip(text))

    def show_progress(self, progress: RunProgress) -> None:
        """Write epoch, times and speed, and fill the bar."""
        self._progress = progress
        self.progress.setValue(round(progress.fraction * PROGRESS_STEPS))
        goes_on = self.status.text() in ("Training", "Paused") and not self._slow
        left = f", about {duration(progress.remaining)} left" if goes_on else ""
        next_run = f" · {self._next_run}" if self._next_run else ""
        tip = f"{self._next_run}\n{TIME_TIP}".lstrip()  # the first may be cut off
        self.detail.setToolTip(plain_tooltip(tip))
        self.detail.setText(
            f"epoch {progress.epoch:,} of {progress.epochs:,} · "
            f"{duration(progress.elapsed)}{left} · "
            f"{progress.samples_per_second:,.0f} samples/s{next_run}"
        )


def _status_label() -> QLabel:
    """Make the label of the status word, with room for any of them."""
    label = QLabel("Ready")
    label.setObjectName("status")
    label.setAccessibleName("Training state")
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    widest = max(label.fontMetrics().horizontalAdvance(word) for word in STATES)
    label.setMinimumWidth(widest)
    return label


def _progress_bar() -> QProgressBar:
    bar = QProgressBar()
    bar.setObjectName("progress")
    bar.setAccessibleName("Progress of the training run")
    bar.setRange(0, PROGRESS_STEPS)
    bar.setTextVisible(False)
    bar.setFixedSize(20 * GRID, GRID + GRID // 2)
    return bar


def _button(action: QAction) -> QToolButton:
    button = action_button(action)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    return button
