"""SuggestionsBox: a text that is often one of a few, else the path of a folder or a file."""

import os
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QFileDialog, QLineEdit, QSizePolicy

from engine.struct_fields import Field
from gui.background.waiting import look
from gui.theme import GRID
from gui.widgets.buttons import text_button
from gui.widgets.tooltips import plain_tooltip

_WIDEST_LIST = 60 * GRID  # px
DATA_FILTER = "Data sets (*.npz *.csv *.csv.gz *.zip);;All files (*)"


class SuggestionsBox(QComboBox):
    """A text that is often one of a few, or else the path of a folder or file.

    `button` asks for a folder. Below the suggestions the list has the paths that were used lately.
    """

    committed = Signal(str)
    refused = Signal(str)
    list_wanted = Signal()  # before the list opens, so that suggestions can be marked

    def __init__(self, field: Field) -> None:
        super().__init__()
        self._labels = dict(field.suggestions)
        self._shown = ""  # as Qt gives it back, so that what was typed is told from the rest
        self._chosen: str | None = None  # from the list, while it is not known whether it is there
        self._edit = QLineEdit()
        self.setEditable(True)
        self.setLineEdit(self._edit)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setCompleter(None)  # type: ignore[arg-type]
        for value, label in self._labels.items():
            self.addItem(label, value)
        let_shrink(self)
        spoken = f"Choose a folder for {field.title.lower()}"
        self.button = text_button("", "…", "Choose a folder", spoken=spoken, small=False)
        self.button.clicked.connect(self.browse_folder)
        self.currentIndexChanged.connect(self._choose)
        self._edit.editingFinished.connect(self.flush)

    def show_value(self, value: str) -> None:
        """Show a value without committing it."""
        with QSignalBlocker(self):
            self.setCurrentIndex(self.findData(value))
            self.setEditText(self._text_of(value))
        self._shown, self._chosen = self.currentText(), None
        self._edit.setCursorPosition(0)

    @Slot()
    def flush(self) -> None:
        """Commit what was typed."""
        if self.editing():
            self.committed.emit(self._typed())

    def editing(self) -> bool:
        """Return whether there is typed text that does not count yet."""
        return self.currentText() not in (self._shown, self._chosen)

    def showPopup(self) -> None:
        """Open the list, with its suggestions marked anew."""
        self.list_wanted.emit()
        view = self.view()  # which Qt makes no wider than a box that can be edited
        labels = view.sizeHintForColumn(0) + 2 * view.frameWidth()
        view.setMinimumWidth(min(labels, _WIDEST_LIST))
        super().showPopup()

    def mark(self, value: str, note: str, why: str) -> None:
        """Put a note beside a suggestion, and why as its tooltip; empty: take it away."""
        index, label, text = self.findData(value), self._labels[value], self.currentText()
        with QSignalBlocker(self):
            self.setItemText(index, f"{label} ({note})" if note else label)
            self.setItemData(index, plain_tooltip(why), Qt.ItemDataRole.ToolTipRole)
            self.setEditText(text)

    def offer_recent(self, paths: Sequence[str]) -> None:
        """List paths that were used lately below the suggestions."""
        text = self.currentText()
        with QSignalBlocker(self):
            while self.count() > len(self._labels):
                self.removeItem(self.count() - 1)
            for path in paths:
                self.addItem(path, path)
                self.setItemData(self.count() - 1, plain_tooltip(path), Qt.ItemDataRole.ToolTipRole)
            self.setCurrentIndex(self.findData(text))
            self.setEditText(text)
        self._edit.setCursorPosition(0)

    def _text_of(self, value: str) -> str:
        """Write a value; a folder that is called as a label, which Qt would choose, as a path."""
        labels = (label.casefold() for label in self._labels.values())
        if value not in self._labels and value.casefold() in labels:
            return os.path.join(os.curdir, value)
        return self._labels.get(value, value)

    def _typed(self) -> str:
        text = self.currentText().strip()
        values = (value for value, label in self._labels.items() if text == label)
        return next(values, os.path.expanduser(text))

    @Slot(int)
    def _choose(self, index: int) -> None:
        if index >= 0:
            self._chosen = self.currentText()
            self.committed.emit(self.itemData(index))

    def _beginning(self) -> str:
        """Return the folder that the data lies in, or the nearest one above that is there."""
        value = self._typed()
        if value in self._labels:  # then that which was used last
            value = self.itemData(len(self._labels)) or str(Path.home() / "any")
        above = (str(each) for each in Path(value).absolute().parents if each.is_dir())
        return look(lambda: next(above, ""), otherwise="")

    @Slot()
    def browse_folder(self) -> None:
        """Ask for a folder."""
        title = "Folder of images, or of IDX files"
        folder = QFileDialog.getExistingDirectory(self, title, self._beginning())
        if folder:
            self.committed.emit(folder)

    @Slot()
    def browse_file(self) -> None:
        """Ask for a file."""
        name, _ = QFileDialog.getOpenFileName(
            self, "File with a data set", self._beginning(), DATA_FILTER
        )
        if name:
            self.committed.emit(name)


def let_shrink(box: QComboBox) -> None:
    """Let a long label not widen the column; the list that opens shows it whole."""
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(8)
    box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
