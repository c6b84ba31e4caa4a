"""JobBar: what is being calculated beside the training, how far it is, and a way to end it."""

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QSizePolicy, QWidget

from gui.background.jobs import Jobs
from gui.theme import GRID, set_muted
from gui.widgets.buttons import text_button
from gui.widgets.elision import ElidedLabel

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
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addWidget(self._title)
        row.addWidget(self._progress)
        row.addWidget(self._cancel)
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
    def _show_progress(self, fraction: float) -> None:
        self._progress.setValue(round(fraction * STEPS))

    @Slot()
    def _give_up(self) -> None:
        self._cancel.setEnabled(False)
        self._jobs.cancel()
