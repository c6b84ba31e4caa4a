"""ImportPresenter: weights, networks and runs of other programs, looked at and then taken."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFileDialog

from engine.errors import LayerscopeError
from gui.background.jobs import CancelledError, Job, ReportProgress
from gui.background.waiting import wait_for
from gui.document.checkpoint import checkpoint_words
from gui.document.document import LOCKED_REASON
from gui.storage.file_actions import FileActions
from gui.widgets.buttons import enable, make_action
from gui.widgets.messages import unattended
from gui.workspace.context import Context, Presenter

if TYPE_CHECKING:
    from engine.imports.onnx.imported_network import ImportedNetwork
    from engine.imports.weights_match import WeightsMatch
    from engine.model.project import Project
    from engine.proof.verdict import Verdict
    from engine.runs.run_folder import Run
    from gui.exchange.import_dialog import Offer

_TIP = "Take weights, a network or a run that another program has written"
_logger = logging.getLogger(__name__)


class ImportPresenter(Presenter):
    """Reads what is to be imported in a job, shows it, and takes it if the user says so."""

    def __init__(self, context: Context, files: FileActions) -> None:
        super().__init__(context)
        self._files = files
        self.action = make_action(self._window, "import", "&Import…", self.open, keys="Ctrl+I")
        self._document.store.watch(lambda s: s.document.locked, self._allow)
        files.import_dropped.connect(self.take)
        self._allow()

    @Slot()
    def _allow(self) -> None:
        enable(self.action, _TIP, unless=LOCKED_REASON if self._document.locked else "")

    @Slot()
    def open(self) -> None:
        """Ask for a file and import it."""
        from engine.imports.kinds import IMPORTED

        endings = " ".join(f"*{ending}" for ending in IMPORTED)
        filters = f"Weights, networks and runs ({endings})"
        folder = str(self._document.folder)
        name, _ = QFileDialog.getOpenFileName(self._window, "Import", folder, filters)
        if name:
            self.take(Path(name))

    @Slot(object)
    def take(self, path: Path) -> None:
        """Look at a file or the folder of a run, and offer what can be taken of it."""
        from engine.imports.kinds import kind_of

        if self._refuse_locked(path):
            return
        self._document.flush()
        try:
            kind = wait_for(self._window, f"Looking at {path.name}", lambda _: kind_of(path))
        except CancelledError:
            return
        except LayerscopeError as error:
            self._refuse(str(error))
            return
        {"weights": self._take_weights, "onnx": self._take_network, "run": self._take_run}[kind](
            path
        )

    # --- weights into the present network ----------------------------------------------------

    def _take_weights(self, path: Path) -> None:
        from engine.imports.weights_match import match_weights

        report = self._document.report
        self._read(path, lambda _report: match_weights(path, report), self._offer_weights)

    def _offer_weights(self, match: "WeightsMatch") -> None:
        from gui.exchange.import_dialog import offer_of_weights

        stack = self._document.stack

        def take() -> None:
            if self._refuse_locked(match.path):
                return
            if self._document.stack != stack:
                self._refuse(f"{match.path.name} was not imported: the network was changed.")
                return
            project = match.applied(self._document.project())
            self._edits.take_checkpoint(project, f"Import {match.path.name}")
            self._document.folder = match.path.parent
            self._say(f"{match.path.name}: {match.text}")

        self._offer(offer_of_weights(match), take)

    # --- a network or a run as a new project -------------------------------------------------

    def _take_network(self, path: Path) -> None:
        from engine.imports.onnx.imported_network import read_network
        from engine.imports.onnx.proof import prove_import
        from engine.imports.onnx.table import RefusedNetworkError
        from gui.exchange.import_dialog import offer_of_network, offer_of_refused

        def work(report: ReportProgress) -> "_Network | RefusedNetworkError":
            try:
                network = read_network(path, lambda part: report(0.3 * part))
            except RefusedNetworkError as refusal:
                return refusal
            return network, prove_import(path, network, lambda part: report(0.3 + 0.7 * part))

        def done(found: "_Network | RefusedNetworkError") -> None:
            if isinstance(found, RefusedNetworkError):
                _logger.warning("Refused: %s", found)
                self._offer(offer_of_refused(path.name, found), None)
                return
            network, verdicts = found
            take = self._opener(path, network.project, f"{path.name} is a new project.")
            self._offer(offer_of_network(path.name, network, verdicts), take)

        self._read(path, work, done)

    def _take_run(self, path: Path) -> None:
        from engine.runs import open_run
        from engine.runs.run_folder import DESCRIPTION
        from engine.text import words

        folder = path.parent if path.name == DESCRIPTION else path

        def done(project: "Project") -> None:
            epochs = words.count(project.position, "epoch")
            self._opener(folder, project, f"{folder.name} as it was after {epochs}.")()

        self._read(folder, lambda _report: open_run(folder), done)

    @Slot(object, int)
    def take_checkpoint(self, run: "Run", epoch: int) -> None:
        """Make a new project of a kept run as it was after an epoch."""

        def done(project: "Project") -> None:
            if not self._refuse_locked(run.folder) and self._files.begin_with(project):
                self._say(f"{run.title} {checkpoint_words(project)}. Save it to keep it.")

        if not self._refuse_locked(run.folder):
            self._read(run.folder, lambda _report: run.project_after(epoch), done)

    def _opener(self, path: Path, project: "Project", words: str) -> Callable[[], None]:
        """Return what opens a project that lies in no project file yet."""

        def take() -> None:
            if not self._refuse_locked(path) and self._files.begin_with(project):
                self._document.folder = path.parent
                self._say(f"{words} Save it to keep it.")

        return take

    # --- what all share ----------------------------------------------------------------------

    def _read(
        self, path: Path, work: Callable[[ReportProgress], Any], done: Callable[[Any], None]
    ) -> None:
        """Read in a job; what goes wrong is said."""

        def ended(problem: str) -> None:
            if problem:
                self._refuse(problem)
            else:
                self._say("Cancelled. Nothing was imported.")

        self._jobs.start(Job(f"Import {path.name}", work, done, ended))

    def _offer(self, offer: "Offer", take: Callable[[], None] | None) -> None:
        """Show what can be taken; with no one there to ask, take it."""
        from gui.exchange.import_dialog import ImportDialog

        if unattended():
            if offer.take and take is not None:
                take()
            else:
                self._refuse(offer.problem)
            return
        dialog = ImportDialog(offer, self._window)
        if take is not None:
            dialog.accepted.connect(take)
        dialog.open_window()

    def _refuse_locked(self, path: Path) -> bool:
        """Refuse to import while training runs, which may also have begun since it was read."""
        if self._document.locked:
            self._refuse(f"{path.name} was not imported. {LOCKED_REASON}")
        return self._document.locked

    def _say(self, words: str) -> None:
        _logger.info("%s", words)
        self._messages.done(words)

    def _refuse(self, problem: str) -> None:
        _logger.warning("Refused: %s", problem)
        self._messages.say("import", problem)


if TYPE_CHECKING:
    _Network = tuple[ImportedNetwork, tuple[Verdict, ...]]
