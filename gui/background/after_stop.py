"""AfterStop: what takes the place of all that a run has learned waits until that is known."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Slot

from gui.background.session import Session


class AfterStop(QObject):
    """Does something at rest: a run that goes on is stopped before, and its last weights come.

    While training runs, the document has those of some moment before; undo would bring them back.
    """

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._then: Callable[[], None] | None = None
        # In a turn of its own: what others say of the stop is not said of what is done then.
        session.state_changed.connect(self._on_state, Qt.ConnectionType.QueuedConnection)

    def do(self, then: Callable[[], None]) -> None:
        """Do something now, or once the run is stopped; the last that was asked for counts."""
        if self._session.state == "Training":
            self._then = then
            self._session.stop()
        else:
            then()

    @Slot()
    def _on_state(self) -> None:
        then = self._then
        if then is not None and self._session.state != "Training":
            self._then = None
            then()
