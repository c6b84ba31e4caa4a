"""DataChanges: says where the data of a project is not what it was when it was saved."""

from PySide6.QtCore import QObject, Signal, Slot

from engine.data.names import listed_classes
from engine.training.samples import data_key, names_to_keep, what_changed
from gui.background.mailbox import LoadedData
from gui.background.session import Session
from gui.document.document import Document
from gui.document.known_data import KnownData

# Classes are chosen by their numbers, which a new folder among the others shifts.
_OTHER_CLASSES = (
    "{} has changed: the chosen classes are now {}, but the network has learned {}. Choose those "
    "under Data, or reset the network and train it anew."
)


class DataChanges(QObject):
    """Compares data that was loaded with what the document knows of it, and lets it know that."""

    found = Signal(str)

    def __init__(self, document: Document, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._document = document
        session.data_loaded.connect(self._compare)

    @Slot(object)
    def _compare(self, data: LoadedData) -> None:
        known = self._document.data
        if data.train is None or data.problem:
            return
        if data.key != data_key(self._document.settings):  # of a project that was open before
            return
        names = names_to_keep(data.train)
        words = what_changed(data.key.data, known.digest, data.digest)
        if data.key == known.key and words:
            others = known.class_names not in ((), names) and self._document.project().position
            self.found.emit(
                _OTHER_CLASSES.format(
                    data.key.data, listed_classes(names), listed_classes(known.class_names)
                )
                if others
                else words
            )
        self._document.data = KnownData(data.key, data.digest, names)
