"""JobBar: the job that runs beside the training, and how far it is."""

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.background.jobs import Jobs
from gui.theme import GRID
from gui.widgets.buttons import text_button
from gui.widgets.labels import ElidedLabel
from gui.widgets.layouts import in_row, named
from gui.widgets.progress_bar import ProgressBar

_WIDEST = 36 * GRID  # px of a title
PATIENCE = 300  # ms until a job is worth a word


class JobBar(QWidget):
    """Shows the job that runs, if it takes its time; there is nothing of it while none does."""

    def __init__(self, jobs: Jobs, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._title = named(ElidedLabel(), f"{name}.title", muted=True)
        self._title.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self._title.setMinimumWidth(1)  # what is in it may be called anything
        self._title.setMaximumWidth(_WIDEST)
        self._progress = named(ProgressBar(), f"{name}.progress")
        self._progress.setFixedHeight(GRID + GRID // 2)
        self._progress.setMinimumWidth(GRID)
        self._progress.setMaximumWidth(12 * GRID)
        self._cancel = text_button(f"{name}.cancel", "Cancel", flat=True)
        self._cancel.setFixedHeight(self._title.sizeHint().height())  # no higher than its words
        in_row(self._title, self._progress, self._cancel, of=self, gap=GRID)
        self._cancel.clicked.connect(self._give_up)
        self._timer = QTimer(self, singleShot=True, interval=PATIENCE)
        self._timer.timeout.connect(self.show)
        jobs.changed.connect(self._show_job)
        jobs.progressed.connect(self._show_progress)
        self._show_job()

    @Slot()
    def _show_job(self) -> None:
        title = self._jobs.title
        if title:
            self._timer.start()
        else:
            self._timer.stop()
            self.hide()
        self._title.setText(title)
        self._progress.setValue(0)
        self._progress.setAccessibleName(f"Progress: {title}")
        self._cancel.setAccessibleName(f"Cancel: {title}")
        self._cancel.setEnabled(True)

    @Slot(float)
    def _show_progress(self, part: float) -> None:
        self._progress.show_fraction(part)

    @Slot()
    def _give_up(self) -> None:
        self._cancel.setEnabled(False)
        self._jobs.cancel()
