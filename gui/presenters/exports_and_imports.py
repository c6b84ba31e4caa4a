"""ExportsAndImports: what goes out to other programs and comes in from them, for the File menu."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow

from gui.background.jobs import Jobs
from gui.background.session import Session
from gui.document.document import Document
from gui.document.edits import Edits
from gui.panels.loss import LossPanel
from gui.presenters.exports import ExportPresenter
from gui.presenters.imports import ImportPresenter
from gui.storage.file_actions import FileActions
from gui.storage.preferences import PreferencesStore


class ExportsAndImports(QObject):
    """Export and Import. `done` and `refused` carry a sentence."""

    done = Signal(str)
    refused = Signal(str)

    def __init__(
        self,
        document: Document,
        edits: Edits,
        session: Session,
        jobs: Jobs,
        files: FileActions,
        preferences: PreferencesStore,
        loss: LossPanel,
        window: QMainWindow,
    ) -> None:
        super().__init__(window)
        curves = loss.known_curves
        self.exports = ExportPresenter(document, session, jobs, preferences, curves, window)
        self.imports = ImportPresenter(document, edits, jobs, files, window)
        self.actions: list[QAction] = [self.exports.action, self.imports.action]
        self.exports.exported.connect(self.done)
        self.imports.imported.connect(self.done)
        self.exports.refused.connect(self.refused)
        self.imports.refused.connect(self.refused)
