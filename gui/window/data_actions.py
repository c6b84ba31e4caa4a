"""DataActions: what asks for a folder or a file to train with, or leads to the classes of it."""

from collections.abc import Callable

from PySide6.QtCore import Slot
from PySide6.QtGui import QAction

from engine.data.names import listed_classes
from engine.training.samples import data_key, names_to_keep, what_changed
from gui.document.document import LOCKED_REASON, Document, KnownData
from gui.forms.settings_form import TrainingSettings
from gui.state import LoadedData
from gui.widgets.buttons import enable, make_action
from gui.widgets.dialogs import ask_megabytes
from gui.widgets.messages import MessageBar
from gui.window.panels import Panels
from gui.workspace.context import Context, Presenter

_IMAGES_CAP = (
    "How many megabytes of decoded images are kept at most, to load image files sooner. Where they "
    "take more, those that were used least recently are removed."
)
_TIPS = ("Train with a folder of images, or of IDX files", "Train with a .npz, .csv or .zip file")


CHANGED_DATA = "changed data"  # what is said of it
# Classes are chosen by their numbers, which a new folder among the others shifts.
_OTHER_CLASSES = (
    "{} has changed: the chosen classes are now {}, but the network has learned {}. Choose those "
    "under Data, or reset the network and train it anew."
)


def compare_data(document: Document, data: LoadedData, messages: MessageBar) -> None:
    """Say in what data that was read differs from what a document knows, and let it know that."""
    known = document.data
    if data.train is None or data.problem:
        return
    if data.key != data_key(document.settings):  # of a project that was open before
        return
    names = names_to_keep(data.train)
    words = what_changed(data.key.data, known.digest, data.digest)
    if data.key == known.key and words:
        if known.class_names not in ((), names) and document.project().position:
            listed = map(listed_classes, (names, known.class_names))
            words = _OTHER_CLASSES.format(data.key.data, *listed)
        messages.say(CHANGED_DATA, words)
    document.data = KnownData(data.key, data.digest, names)


class DataActions(Presenter):
    """Those for the Data menu are `listed`; `classes` is for where classes are typed.

    `images_cap` asks how much room decoded images may take.
    """

    def __init__(self, context: Context, settings: TrainingSettings, panels: Panels) -> None:
        super().__init__(context)
        self._panels = panels
        self.listed = [
            self._asking("data_folder", "Choose &folder…", settings.box.browse_folder),
            self._asking("data_file", "Choose f&ile…", settings.box.browse_file),
        ]
        self.classes = make_action(
            self,
            "choose_classes",
            "&Choose…",
            self._show_classes,
            tip="Tick classes by their names, in the view Data",
        )
        self.images_cap = make_action(
            self, "images_cap", "&Decoded images…", self._ask_cap, tip="How much room they may take"
        )
        self._document.store.watch(lambda s: s.document.locked, self._allow)
        self._allow()

    def _asking(self, name: str, text: str, ask: Callable[[], None]) -> QAction:
        def run() -> None:
            self._show_view("Data")
            ask()

        return make_action(self, name, text, run)

    def _show_classes(self) -> None:
        self._show_view("Data")
        self._panels.data.show_classes()

    def _ask_cap(self) -> None:
        now, title = self._preferences.current.images_megabytes, "Decoded images"
        ask_megabytes(self._window, "images_megabytes", title, _IMAGES_CAP, now, self._set_cap)

    def _set_cap(self, megabytes: int) -> None:
        with self._preferences.changing() as preferences:
            preferences.images_megabytes = megabytes

    @Slot()
    def _allow(self) -> None:
        for action, tip in zip(self.listed, _TIPS, strict=True):
            enable(action, tip, unless=LOCKED_REASON if self._document.locked else "")
