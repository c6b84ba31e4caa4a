"""RunExports: kept runs go out as folders, archives and tables, in jobs."""

import logging
import os
from pathlib import Path
from typing import NamedTuple

from PySide6.QtWidgets import QFileDialog, QWidget

from engine.files.staging import is_filled
from engine.runs.run_folder import Run
from engine.text.file_names import as_file_name
from gui.background.jobs import Job, ReportProgress
from gui.background.waiting import look
from gui.widgets.messages import ask_to_replace, ask_to_replace_in
from gui.workspace.context import Context, Presenter

_logger = logging.getLogger(__name__)


class _Kind(NamedTuple):
    title: str
    filters: str
    ending: str  # empty for a folder


_KINDS = {
    "folder": _Kind("Copy the run folder", "New folder (*)", ""),
    "zip": _Kind("Export the run as a zip file", "Zip file (*.zip)", ".zip"),
    "csv": _Kind("Export the epochs as a table", "Table (*.csv)", ".csv"),
}


class RunExports(Presenter):
    """Asks where to, and writes there."""

    def __init__(self, context: Context, panel: QWidget) -> None:
        super().__init__(context)
        self._panel = panel

    def ask(self, run: Run, kind: str) -> None:
        """Ask where a run is to be written, by the name that a user gave it, and write it there."""
        title, filters, ending = _KINDS[kind]
        folder = self._document.folder
        wished = as_file_name(run.description.name) or run.id
        name, _ = QFileDialog.getSaveFileName(
            self._panel, title, str(folder / f"{wished}{ending}"), filters
        )
        if not name:
            return
        path = Path(name)
        added = ending if path.suffix.lower() != ending else ""
        path = path.with_name(f"{path.name}{added}")
        is_folder, there = not ending, False
        if is_folder or added:  # of the name as it is now, the file dialog has not asked
            is_taken = is_filled if is_folder else os.path.lexists
            # On a disk that does not answer, the job looks again whether a folder is there.
            there = look(lambda: is_taken(path), otherwise=not is_folder)
            ask = ask_to_replace_in if is_folder else ask_to_replace
            if there and not ask(self._panel.window(), path.name):
                self._messages.say("export", f"{path} is there already, and nothing was written.")
                return
        self._start(run, kind, path, overwrite=there)

    def _start(self, run: Run, kind: str, path: Path, *, overwrite: bool) -> None:
        from engine.runs.run_export import export_run, run_format

        def work(report: ReportProgress) -> None:
            export_run(run, path, run_format(path, kind), overwrite=overwrite, report=report)

        def done(_nothing: None) -> None:
            self._document.folder = path.parent
            _logger.info("Exported the run %s to %s", run.id, path)
            self._messages.done(f"Exported {run.title} to {path}.")

        def ended(problem: str) -> None:
            self._messages.say("export", problem or "Cancelled. Nothing was written.")

        self._jobs.start(Job(f"Export {run.title}", work, done, ended))
