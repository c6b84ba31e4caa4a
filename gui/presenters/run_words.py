"""RunWordsPresenter: what the training row says of the run, or of what comes next."""

from PySide6.QtCore import QObject, Slot

from gui.background.session import Session
from gui.document.document import Document
from gui.window.run_bar import RunBar, next_run_words

READING = "The images are being read."


class RunWordsPresenter(QObject):
    """Tells the training row how far a run is; while none goes on, what Train would do."""

    def __init__(self, document: Document, session: Session, run_bar: RunBar, parent: QObject):
        super().__init__(parent)
        self._document, self._session, self._run_bar = document, session, run_bar
        document.report_changed.connect(self._show_hint)
        session.preparation_changed.connect(self._show_preparation)
        session.state_changed.connect(self._on_state)
        session.speed_changed.connect(self._on_speed)
        session.progress_made.connect(run_bar.show_progress)
        session.data_loaded.connect(self._show_hint)
        session.was_reset.connect(self._show_hint)
        self._on_speed()
        self._show_hint()

    @Slot(str)
    def _on_state(self, state: str) -> None:
        over = state in ("Stopped", "Finished", "Error")
        self._run_bar.show_state(state, self._next_run() if over else "")
        if state == "Ready" or (over and self._run_bar.idle):
            self._show_hint()

    @Slot()
    def _on_speed(self) -> None:
        self._run_bar.show_speed(self._session.speed)

    @Slot()
    def _show_preparation(self) -> None:
        self._run_bar.show_preparation(self._session.preparation)

    @Slot()
    def _show_hint(self) -> None:
        """Say beside the progress bar what comes next, unless a run is going on."""
        document, session = self._document, self._session
        if session.active:
            return
        problem = document.report.problem
        if problem is not None and problem.slot_id is not None:
            number = document.stack.index(problem.slot_id) + 1
            self._run_bar.show_idle(f"Training waits until block {number} fits.")
        elif problem is not None:
            self._run_bar.show_idle(f"Training waits. {problem.text}")
        elif session.data_problem:
            self._run_bar.show_idle("Training waits until there is data.")
        elif session.data is None:
            self._run_bar.show_idle(READING)
        elif session.data.train is not None:
            self._run_bar.show_idle(self._next_run())

    def _next_run(self) -> str:
        """Return what Train does next; nothing if there is no data."""
        data = self._session.data
        samples = data.train if data is not None else None
        return "" if samples is None else next_run_words(self._document, len(samples))
