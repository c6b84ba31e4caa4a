"""DataActions: what asks for a folder or a file to train with, or leads to the classes of it."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction

from gui.document.document import LOCKED_REASON, Document
from gui.forms.settings_form import TrainingSettings
from gui.widgets.actions import enable, make_action

_TIPS = ("Train with a folder of images, or of IDX files", "Train with a .npz, .csv or .zip file")


class DataActions(QObject):
    """Those for the Data menu are `listed`; `classes` is for where classes are typed.

    `panel_wanted` carries the title of the panel that shows data, `classes_wanted` says that it is
    to show the classes.
    """

    panel_wanted = Signal(str)
    classes_wanted = Signal()

    def __init__(
        self, document: Document, settings: TrainingSettings, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document
        self.listed = [
            self._asking("data_folder", "Choose &folder…", settings.browse_folder),
            self._asking("data_file", "Choose f&ile…", settings.browse_file),
        ]
        self.classes = make_action(
            self,
            "choose_classes",
            "&Choose…",
            self._show_classes,
            tip="Tick classes by their names, in the panel Data",
        )
        document.locked_changed.connect(self._allow)
        self._allow()

    def _asking(self, name: str, text: str, ask: Callable[[], None]) -> QAction:
        def run() -> None:
            self.panel_wanted.emit("Data")
            ask()

        return make_action(self, name, text, run)

    def _show_classes(self) -> None:
        self.panel_wanted.emit("Data")
        self.classes_wanted.emit()

    @Slot()
    def _allow(self) -> None:
        for action, tip in zip(self.listed, _TIPS, strict=True):
            enable(action, tip, unless=LOCKED_REASON if self._document.locked else "")
