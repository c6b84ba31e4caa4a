"""RunBar: the training row of the window: its buttons, its settings, and where the run stands."""

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QLabel,
    QProgressBar,
    QSizePolicy,
    QToolButton,
    QToolTip,
    QWidget,
)

from engine.model.training_state import next_state, what_begins_anew
from engine.text.words import duration
from gui.background.jobs import Jobs
from gui.background.mailbox import RunProgress, Speed
from gui.document.document import Document
from gui.forms.settings_form import Strip
from gui.theme import GRID, set_muted
from gui.widgets.buttons import action_button, text_button
from gui.widgets.elision import ElidedLabel
from gui.widgets.fixed_label import FixedLabel
from gui.widgets.layouts import in_column, in_row
from gui.widgets.tooltips import plain_tooltip

_MOST_NAMED = 99  # epochs; the button has room for two figures


def next_run_words(document: Document, samples: int) -> str:
    """Return how far Train goes, and first what of the last run is lost.

    `samples` are the loaded training samples, those that are held out for validation among them.
    """
    known = document.learned.state, document.report, document.settings, samples
    done = document.trained_epochs
    anew, begun = what_begins_anew(*known, done), next_state(*known, done)
    if begun.epochs_done > begun.first_epoch or begun.part.steps:
        text = f"Train goes on with epoch {done + 1:,} of {begun.last_epoch:,}."
    else:
        more = begun.last_epoch - done
        images = document.settings.trained_samples(samples)
        text = f"Next: {images:,} images × {'1 epoch' if more == 1 else f'{more:,} epochs'}"
        text += f", after {done:,} so far" if done else ""
    return f"{anew} {text}" if anew else text


def next_run_button(document: Document, samples: int) -> tuple[str, str]:
    """Return what the button is called before a run, and its tooltip."""
    done, state = document.trained_epochs, document.learned.state
    begun = next_state(state, document.report, document.settings, samples, done)
    if begun.epochs_done > begun.first_epoch or begun.part.steps:
        return "Train on", f"Go on with epoch {done + 1:,} of {begun.last_epoch:,}"
    if not done:
        return "Train", "Train the network"
    more = begun.last_epoch - done
    epochs = "1 more epoch" if more == 1 else f"{more:,} more epochs"
    word = epochs if more <= _MOST_NAMED else "More epochs"
    return word, f"Train for {epochs}, after {done:,} so far"


STEPS = 1000
_WIDEST = 36 * GRID  # px of a title
PATIENCE = 300  # ms until a job is worth a word
_RESTS = "It goes on when the training of the window is paused or over"


class JobBar(QWidget):
    """Shows the job that runs, if it takes its time; there is nothing of it while none does."""

    def __init__(self, jobs: Jobs, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs, self._rests = jobs, False
        self._title = ElidedLabel()
        self._title.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self._title.setMinimumWidth(1)  # what is in it may be called anything
        self._title.setMaximumWidth(_WIDEST)
        self._title.setObjectName(f"{name}.title")
        set_muted(self._title)
        self._progress = QProgressBar()
        self._progress.setObjectName(f"{name}.progress")
        self._progress.setRange(0, STEPS)
        self._progress.setTextVisible(False)
        self._progress.setFixedSize(12 * GRID, GRID + GRID // 2)
        self._cancel = text_button(f"{name}.cancel", "Cancel", flat=True)
        self._cancel.setFixedHeight(self._title.sizeHint().height())  # no higher than its words
        in_row(self._title, self._progress, self._cancel, of=self, gap=GRID)
        self._cancel.clicked.connect(self._give_up)
        self._timer = QTimer(self, singleShot=True, interval=PATIENCE)
        self._timer.timeout.connect(self.show)
        jobs.changed.connect(self._show_job)
        jobs.progressed.connect(self._show_progress)
        self._show_job()

    def set_resting(self, rests: bool) -> None:
        """Say whether the job rests while the window trains."""
        self._rests = rests
        self._show_title()

    def _show_title(self) -> None:
        self._title.setText(f"{self._jobs.title} · rests" if self._rests else self._jobs.title)
        self._title.setToolTip(_RESTS if self._rests else "")

    @Slot()
    def _show_job(self) -> None:
        title = self._jobs.title
        if title:
            self._timer.start()
        else:
            self._timer.stop()
            self.hide()
        self._show_title()
        self._progress.setValue(0)
        self._progress.setAccessibleName(f"Progress: {title}")
        self._cancel.setAccessibleName(f"Cancel: {title}")
        self._cancel.setEnabled(True)

    @Slot(float)
    def _show_progress(self, part: float) -> None:
        self._progress.setValue(round(part * STEPS))

    @Slot()
    def _give_up(self) -> None:
        self._cancel.setEnabled(False)
        self._jobs.cancel()


WORDS = ("Train", "Pause", "Resume", "Train on", "88 more epochs")
# By style sheet, since Fusion brightens a dark button until white text on it is hard to read.
_PRIMARY = """
QToolButton {
    background: palette(highlight); color: palette(highlighted-text);
    border: 1px solid palette(highlight); border-radius: 3px; padding: 2px 7px;
}
QToolButton:focus { border-color: palette(text); }
"""
PROGRESS_STEPS = 1000
TIME_TIP = "Time without pauses; the list of runs tells how long its steps alone took."
PREPARATION_TIP = (
    "Until then networks train in plain numpy, two to four times as slowly.\n"
    "The next training after that is fast."
)
STATES = ("Ready", "Training", "Paused", "Stopped", "Finished", "Error")


class TrainButton(QToolButton):
    """The obvious next button, in the colour of a selection while it can be used.

    Its tooltip leaves the `row` free, which says why it is disabled.
    """

    def __init__(self, action: QAction, row: QWidget) -> None:
        super().__init__()
        self._action = action
        self._row = row
        self.setDefaultAction(action)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        action.setAutoRepeat(False)
        metrics = self.fontMetrics()
        widest = max(metrics.horizontalAdvance(word) for word in WORDS)
        beside = self.sizeHint().width() - metrics.horizontalAdvance(self.text())
        self.setFixedWidth(beside + widest)
        self.setStyleSheet(_PRIMARY)
        self.setFixedHeight(self.sizeHint().height())
        action.changed.connect(self._follow)
        self._follow()

    def event(self, event: QEvent) -> bool:
        """Show the tooltip below the row."""
        if event.type() == QEvent.Type.ToolTip:
            left = self.mapTo(self._row, QPoint()).x()
            at = self._row.mapToGlobal(QPoint(left, self._row.height()))
            QToolTip.showText(at, self.toolTip(), self)
            return True
        return super().event(event)

    @Slot()
    def _follow(self) -> None:
        style = _PRIMARY if self._action.isEnabled() else ""
        if style != self.styleSheet():
            self.setStyleSheet(style)
        self.setAccessibleName(self._action.iconText())


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
    ) -> None:
        super().__init__()
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
        self.train = TrainButton(primary, self)
        buttons = [self.train if action is primary else _button(action) for action in actions]
        column = in_column(of=self, margins=(GRID, GRID // 2, GRID, GRID // 2))
        settings.lead_with(buttons)
        column.addWidget(settings)
        named = ((jobs, "job"), (downloads, "download"), (series, "series"))
        bars = [JobBar(each, name) for each, name in named]
        self._series = bars[-1]
        row = in_row(
            speed,
            self.progress,
            self.status,
            (FixedLabel(self.detail), 1),
            (self._preparing, 1),
            gap=GRID,
        )
        for each in bars:
            row.addWidget(each)
            row.addStrut(each.sizeHint().height())  # or all below would jump when it comes
        column.addLayout(row)

    def show_state(self, state: str, next_run: str = "") -> None:
        """Write the status word, and after the progress of a run that is over what Train does."""
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
