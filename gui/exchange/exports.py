"""ExportPresenter: the dialog in which the network is exported, and the job that does it."""

import logging
import os
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFileDialog

from gui.background.jobs import Job, ReportProgress
from gui.background.waiting import look
from gui.storage.preferences import ExportPreferences
from gui.widgets.buttons import enable, make_action
from gui.widgets.messages import ask_to_replace, ask_to_replace_in
from gui.workspace.context import Context, Presenter

if TYPE_CHECKING:
    from engine.exports.export import DisprovedError, ExportOutcome
    from engine.exports.export_format import ExportFormat
    from gui.exchange.export_dialog import ExportDialog

NOTHING_TRAINED = "Nothing is trained yet. Click Train first."
UNDER_WAY = "The last export is not finished yet."
_TIP = "Write the trained network to a file or folder for other programs, and check it there"
_logger = logging.getLogger(__name__)


class ExportPresenter(Presenter):
    """Opens the dialog and does what is wished there."""

    def __init__(self, context: Context) -> None:
        """Make the action."""
        super().__init__(context)
        self._running = False
        self.action = make_action(self._window, "export", "&Export…", self.open, keys="Ctrl+E")
        store = self._document.store
        store.watch(lambda s: (s.document.report, s.document.learned, s.run.phase), self._allow)
        store.watch(lambda s: s.document.opened, self._begin_anew)
        self._allow()

    @Slot()
    def open(self) -> None:
        """Show the dialog, with the format and folder of the last export."""
        if not self._dialog.isVisible():
            self._begin_anew()
        self._dialog.open_window()

    @Slot()
    def _begin_anew(self) -> None:
        """Say nothing of the last export, and suggest where to write."""
        if self._is_made:
            self._dialog.forget_outcome()
            self._suggest()
            self._dialog.show_format(self._chosen)

    @cached_property
    def _formats(self) -> "tuple[ExportFormat, ...]":
        from engine.exports.formats import FORMATS

        return tuple(FORMATS.values())

    @cached_property
    def _dialog(self) -> "ExportDialog":
        from gui.exchange.export_dialog import ExportDialog
        from gui.workspace.job_bar import JobBar

        remembered = self._preferences.current.export
        bar = JobBar(self._jobs, "export_dialog")
        made = ExportDialog([kind.title for kind in self._formats], bar, self._window)
        made.verify.setChecked(remembered.verify)
        names = [kind.name for kind in self._formats]
        chosen = names.index(remembered.format) if remembered.format in names else 0
        made.formats.setCurrentRow(chosen)
        made.formats.currentRowChanged.connect(self._choose)
        made.path.textEdited.connect(self._follow_ending)
        made.browse.clicked.connect(self._browse)
        made.export.clicked.connect(self._export)
        return made

    @property
    def _is_made(self) -> bool:
        """Whether there is a dialog already."""
        return "_dialog" in vars(self)

    @property
    def _chosen(self) -> "ExportFormat":
        return self._formats[self._dialog.formats.currentRow()]

    # --- what is chosen ----------------------------------------------------------------------

    def _suggest(self) -> None:
        """Suggest a path: named like the project, in the folder of the last export."""
        remembered = self._preferences.current.export.folder
        there = look(lambda: os.path.isdir(remembered), otherwise=False)
        folder = Path(remembered) if there else self._document.folder
        project = self._document.path
        name = f"{project.stem if project else 'network'}{_tail_of(self._chosen)}"
        self._dialog.path.setText(str(folder / name))

    @Slot()
    def _choose(self) -> None:
        """Take another format, and call the file accordingly."""
        path = Path(self._dialog.path.text())
        other = _renamed(path, self._formats, self._chosen)
        if other != path:  # else the cursor stays where one types
            self._dialog.path.setText(str(other))
        self._dialog.show_format(self._chosen)

    @Slot(str)
    def _follow_ending(self, text: str) -> None:
        """Choose the format whose ending was typed; the path stays as it is typed."""
        ending = Path(text).suffix.lower()
        endings = [kind.ending for kind in self._formats]
        if ending and ending in endings:
            self._dialog.formats.setCurrentRow(endings.index(ending))

    @Slot()
    def _browse(self) -> None:
        kind = self._chosen
        filters = "New folder (*)" if kind.is_folder else f"{kind.title} (*{kind.ending})"
        # The question whether to replace comes with the export.
        options = QFileDialog.Option.DontConfirmOverwrite
        text, title = self._dialog.path.text(), f"Export as {kind.title}"
        name, _ = QFileDialog.getSaveFileName(self._dialog, title, text, filters, options=options)
        if name:
            self._dialog.path.setText(str(_with_ending(Path(name), kind)))

    # --- what is said ------------------------------------------------------------------------

    @Slot()
    def _allow(self) -> None:
        """Let the trained network be exported, and nothing else."""
        untrained = "" if self._document.project().weights else NOTHING_TRAINED
        enable(self.action, _TIP, unless=untrained)
        if self._is_made:
            self._dialog.allow(untrained or (UNDER_WAY if self._running else ""))

    # --- the export --------------------------------------------------------------------------

    @Slot()
    def _export(self) -> None:
        """Write and check the network in a job, if there is nothing there or it may be replaced."""
        dialog, kind = self._dialog, self._chosen
        dialog.forget_outcome()
        typed = self._document.folder / os.path.expanduser(dialog.path.text().strip())
        if not dialog.path.text().strip() or not typed.name:
            dialog.say_problem("Say where to write it, or browse for a place.")
            return
        path = _with_ending(typed, kind)
        dialog.path.setText(str(path))
        # On a disk that does not answer, the job looks again whether a folder is there.
        unknown = not kind.is_folder, False
        there, is_folder = look(lambda: (os.path.lexists(path), os.path.isdir(path)), unknown)
        ask = ask_to_replace_in if is_folder else ask_to_replace
        if there and not ask(dialog, path.name):
            dialog.say_problem(f"{path} is there already, and was not replaced.")
            return
        with self._preferences.changing() as preferences:
            preferences.export = ExportPreferences(
                kind.name, str(path.parent), dialog.verify.isChecked()
            )
        self._document.flush()
        self._start(path, kind, verify=dialog.verify.isChecked(), overwrite=there)

    def _start(self, path: Path, kind: "ExportFormat", *, verify: bool, overwrite: bool) -> None:
        from engine.exports.curves import kept_curves
        from engine.exports.export import DisprovedError, export
        from engine.exports.trained_network import TrainedNetwork
        from engine.runs.store import RunStore

        project, data = self._document.project(), self._session.wanted_data
        samples = (None, None) if data is None else (data.train, data.test)

        def work(report: ReportProgress) -> "ExportOutcome | DisprovedError":
            curves = kept_curves(project, RunStore().folder)
            network = replace(TrainedNetwork.of(project, *samples), curves=curves)
            how = {"verify": verify, "overwrite": overwrite}
            try:
                return export(network, path, kind, report=report, **how)
            except DisprovedError as fault:
                return fault

        self._running = True
        self._allow()
        self._jobs.start(Job(f"Export {path.name}", work, self._show, self._say))

    def _show(self, outcome: "ExportOutcome | DisprovedError") -> None:
        """Say what was written, if it was, and what came of the checks."""
        if isinstance(outcome, Exception):
            self._say(str(outcome))
            self._dialog.proof.show_disproof(outcome.verdicts)
            return
        self._end()
        done = f"Exported to {outcome.path}."
        self._document.folder = outcome.path.parent
        self._dialog.show_outcome(done, outcome.verdicts)
        if not self._dialog.isVisible():
            self._messages.done(self._dialog.proof.done.text())

    def _say(self, problem: str) -> None:
        """Say why nothing was written; an empty text: it was cancelled."""
        self._end()
        if not problem:
            self._dialog.say_cancelled()
            return
        self._dialog.say_problem(problem)
        _logger.warning("Refused: %s", problem)
        if not self._dialog.isVisible():
            self._messages.say("export", problem)

    def _end(self) -> None:
        self._running = False
        self._allow()


def _tail_of(kind: "ExportFormat") -> str:
    """Return what the names of a format's files or folders end in."""
    return kind.ending or f"-{kind.name}"


def _renamed(path: Path, formats: "Iterable[ExportFormat]", kind: "ExportFormat") -> Path:
    """Return a path for another one of some formats, in the same folder and called alike."""
    if not path.name:
        return path
    tails = (_tail_of(each) for each in formats)
    tail = next((each for each in tails if path.name.lower().endswith(each)), "")
    if tail == _tail_of(kind):
        return path
    return path.with_name(path.name[: len(path.name) - len(tail)] + _tail_of(kind))


def _with_ending(path: Path, kind: "ExportFormat") -> Path:
    """Return a path that ends as the files of a format do; folders are called as one likes."""
    if kind.is_folder or path.suffix.lower() == kind.ending:
        return path
    return path.with_name(path.name + kind.ending)
