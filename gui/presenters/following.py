"""Following: a run that another program writes is shown live, as its epochs arrive."""

import logging
import os
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QMainWindow

from gui.background.latest_task import LatestTask
from gui.background.view import View
from gui.document.document import Document
from gui.presenters.follow_words import follow_words
from gui.widgets.actions import enable, make_action

if TYPE_CHECKING:
    from engine.runs.following import Follower, RunNews
    from engine.runs.run_folder import Run
    from gui.background.shown_moment import ShownMoment

LOOK_EVERY = 1_000  # ms
PATIENCE = 5.0  # s, after which a disk that does not answer is told
_TIP = "Show a run that another program is writing, live: choose its folder"
_NEWEST_TIP = "Show the newest epoch of the run that is followed, and go on with it"
_SILENT_DISK = "its disk does not answer"
_NO_WEIGHTS = "no weights of it can be read"
_logger = logging.getLogger(__name__)


class Following(QObject):
    """Looks at the folder of one run every second, and has the view go on with its newest epoch.

    That is until the user looks at another one. Back to now ends it; nothing of what was open has
    changed. `changed` says that there is something else to say of the run; `grew` carries the run
    with what is new, None when none is followed any more; `refused` and `said` carry a sentence,
    `refusal_over` one that is no longer true.
    """

    changed = Signal()
    grew = Signal(object)
    refused = Signal(str)
    refusal_over = Signal(str)
    said = Signal(str)

    def __init__(self, view: View, document: Document, window: QMainWindow) -> None:
        super().__init__(window)
        self._view, self._document, self._window = view, document, window
        self._task = LatestTask(self)
        self._follower: Follower | None = None
        self._look: RunNews | None = None
        self._asked = 0.0  # s on the clock, when a look was begun
        self._late = False
        self._told = ""  # the problem that was told last
        self._shown: int | None = None  # the epoch that was shown because it was the newest
        self._asks = False
        self._unread = False  # that epoch could not be read
        self.goes_along = False
        self._timer = QTimer(self, interval=LOOK_EVERY)
        self._timer.timeout.connect(self._look_again)
        make = partial(make_action, window)
        self.action = make("follow_run", "&Follow a run…", self.open)
        self.newest = make("newest_epoch", "&Newest epoch", self.go_along)
        enable(self.action, _TIP)
        enable(self.newest, _NEWEST_TIP)
        self.newest.setVisible(False)
        view.wished.connect(self._on_wish)
        view.moment_changed.connect(self._on_moment)
        view.failed.connect(self._on_failure)

    @property
    def run(self) -> "Run | None":
        """The run that is followed, as it was seen last."""
        return None if self._look is None else self._look.run

    @property
    def words(self) -> str:
        """How far the run is, and what is wrong: `epoch 12 of 50`."""
        if self._look is None:
            return ""
        return follow_words(self._look, _SILENT_DISK if self._late else "")

    @property
    def lack(self) -> str:
        """Why nothing of the run is shown; empty: something is, or is on its way."""
        run = self.run
        if run is None or self._is_seen:
            return ""
        return _NO_WEIGHTS if self._unread or not run.kept_epochs else ""

    @property
    def _is_seen(self) -> bool:
        """Whether the panels show a moment of the run that is followed."""
        run, moment = self.run, self._view.moment
        return run is not None and moment is not None and moment.run.folder == run.folder

    # --- begin and end -----------------------------------------------------------------------

    @Slot()
    def open(self) -> None:
        """Ask for the folder of a run and follow it."""
        folder = QFileDialog.getExistingDirectory(
            self._window, "Follow a run", str(self._document.folder)
        )
        if folder:
            self.follow(Path(folder))

    @Slot(object)
    def follow(self, path: Path) -> None:
        """Follow the run of a folder, or of the run.json in one, in the place of another run."""
        from engine.runs.following import Follower

        self.end()
        folder = path.parent if path.name == "run.json" else path
        self._follower, self.goes_along = Follower(Path(os.path.abspath(folder))), True
        self._begin_look()
        self._timer.start()

    @Slot()
    def end(self) -> None:
        """Follow no run any more; what is shown of it stays until something else is."""
        followed = self._look is not None
        self._timer.stop()
        self._task.give_up()
        self._follower = self._look = None
        self._late = self._unread = False
        self._tell_problem("")
        self._shown, self.goes_along = None, False
        if followed:
            self._tell()
            self.grew.emit(None)

    @Slot()
    def go_along(self) -> None:
        """Show the newest epoch, and go on with each that comes."""
        self.goes_along, self._shown = True, None
        self._show_newest()
        self._tell()

    # --- looks -------------------------------------------------------------------------------

    def _begin_look(self) -> None:
        follower = self._follower
        assert follower is not None
        self._asked = time.monotonic()
        self._task.begin(lambda _report: follower.look(), self._on_look, failed=self._refuse)

    @Slot()
    def _look_again(self) -> None:
        if not self._task.busy:
            self._begin_look()
        elif not self._late and time.monotonic() - self._asked >= PATIENCE:
            self._late = True
            if self._look is not None:
                self._tell()
            elif self._follower is not None:
                self._refuse(f"{self._follower.folder} was not followed: {_SILENT_DISK}.")

    def _refuse(self, problem: str) -> None:
        """Say why a run cannot be followed."""
        _logger.warning("Refused: %s", problem)
        self.end()
        self._tell_problem(problem)

    def _on_look(self, look: "RunNews") -> None:
        before, words = self._look, self.words
        self._look, self._late = look, False
        if look.began_anew:
            self.goes_along, self._shown = True, None
            self.said.emit(f"“{look.run.title}” began anew: it is followed from its start.")
        self._tell_problem(f"{look.problem} What was seen of it stays." if look.problem else "")
        is_new = before is None or look.run is not before.run
        if is_new:
            self.grew.emit(look.run)
            if self.goes_along:
                self._show_newest()
        if is_new or words != self.words:
            self._tell()

    def _tell_problem(self, problem: str) -> None:
        """Say what goes wrong, once, and take it back when it is over."""
        if problem != self._told:
            self.refusal_over.emit(self._told)
            self._told = problem
            if problem:
                self.refused.emit(problem)

    def _show_newest(self) -> None:
        run = self.run
        if run is None or not run.kept_epochs or run.kept_epochs[-1] == self._shown:
            return
        self._shown = run.kept_epochs[-1]
        self._asks, self._unread = True, False
        self._view.show(run, self._shown)
        self._asks = False

    def _tell(self) -> None:
        self.newest.setVisible(self._look is not None and not self.goes_along)
        self.changed.emit()

    @Slot(object, int)
    def _on_wish(self, wished: "Run", epoch: int) -> None:
        """Stay at an epoch that the user chose, unless it is the newest."""
        run = self.run
        if self._asks or run is None:
            return
        newest = run.kept_epochs[-1] if run.kept_epochs else None
        self.goes_along = wished.folder == run.folder and epoch == newest
        self._shown = newest if self.goes_along else None
        self._tell()

    @Slot(object)
    def _on_moment(self, moment: "ShownMoment | None") -> None:
        """In the present follow no longer."""
        if moment is None:
            self.end()

    @Slot()
    def _on_failure(self) -> None:
        """Say that nothing of the run is shown, if its newest epoch was to be."""
        if self._shown is not None and not self._is_seen:
            self._unread = True
            self._tell()
