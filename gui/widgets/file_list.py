"""FileList: names of files with what is said of each, to be copied and shown in their folder."""

import os
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QStringListModel, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication, QKeySequence, QShortcut, Qt
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QListView, QVBoxLayout, QWidget

from gui.theme import GRID, small_font
from gui.widgets.buttons import text_button
from gui.widgets.elision import ElidedLabel


class FileList(QWidget):
    """A title, the files in lines, and below them Copy and Show in folder. Hidden until filled."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._files: tuple[str, ...] = ()
        self._source = Path()
        self.title = ElidedLabel()
        self.title.setFont(small_font())
        self._lines = QStringListModel(self)
        self.view = QListView()
        self.view.setObjectName("files")
        self.view.setAccessibleName("Files")
        self.view.setFont(small_font())
        self.view.setModel(self._lines)
        self.view.setUniformItemSizes(True)
        self.view.setTextElideMode(Qt.TextElideMode.ElideNone)
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.copy_button = text_button(
            "files.copy", "Copy", "Copy the selected lines, or all if none is", takes_focus=True
        )
        self.folder_button = text_button(
            "files.folder", "Show in folder", "Open the folder of the file", takes_focus=True
        )
        close = text_button(
            *("files.close", "✕", "Close this list"), spoken="Close list", flat=True
        )
        self.copy_button.clicked.connect(self._copy)
        self.folder_button.clicked.connect(self._show_folder)
        close.clicked.connect(self.hide)
        self.view.selectionModel().currentChanged.connect(self._allow)
        QShortcut(
            QKeySequence(QKeySequence.StandardKey.Copy),
            self.view,
            self._copy,
            context=Qt.ShortcutContext.WidgetShortcut,
        )
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.copy_button)
        head.addWidget(self.folder_button)
        head.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        column.addLayout(head)
        column.addWidget(self.view, 1)
        self.hide()

    def show_files(
        self, title: str, files: Sequence[str], remarks: Sequence[str], source: Path
    ) -> None:
        """Show files of a folder or archive, each with a remark that may be empty."""
        self._files, self._source = tuple(files), source
        self.title.setText(title)
        self.view.setAccessibleName(title)
        lines = (
            f"{file}: {remark}" if remark else file
            for file, remark in zip(files, remarks, strict=True)
        )
        self._lines.setStringList([" ".join(line.splitlines()) for line in lines])
        self.view.setCurrentIndex(self._lines.index(0))
        self.view.clearSelection()
        self._allow()
        self.show()

    def lines(self) -> list[str]:
        """Return what is listed: a file a line, with its remark."""
        return self._lines.stringList()

    @Slot()
    def _allow(self) -> None:
        self.folder_button.setEnabled(self._folder() is not None)

    @Slot()
    def _copy(self) -> None:
        lines, places = self.lines(), self._selected()
        chosen = [lines[place] for place in places] if places else lines
        QGuiApplication.clipboard().setText("\n".join(chosen))

    @Slot()
    def _show_folder(self) -> None:
        folder = self._folder()
        if folder is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    def _selected(self) -> list[int]:
        return sorted(index.row() for index in self.view.selectedIndexes())

    def _folder(self) -> Path | None:
        """Return the folder of the current file, or of the archive that it is in."""
        source = self._source
        if os.path.isfile(source):
            return source.parent
        current = self.view.currentIndex().row()
        folder = (source / self._files[current]).parent if current >= 0 else source
        return folder if os.path.isdir(folder) else None
