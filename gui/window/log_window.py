"""LogWindow: shows the program's log, to be read or sent with a report."""

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QFontDatabase, QTextCursor
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QPlainTextEdit,
    QWidget,
)

from engine.log import log_path, read_log_end
from gui.background.waiting import look
from gui.theme import GRID, set_muted, small_font
from gui.widgets.dialogs import bring_to_front, button_row, push_button
from gui.widgets.layouts import in_column
from gui.widgets.plain_labels import wrapping_label

NONE_YET = "Nothing has been written to the log yet."


class LogWindow(QDialog):
    """A window beside the main one, with the end of the log and where it is kept."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("log_window")
        self.setWindowTitle("Log")
        self.resize(110 * GRID, 60 * GRID)
        self.where = wrapping_label("log.where")
        set_muted(self.where)
        self.text = QPlainTextEdit()
        self.text.setObjectName("log.text")
        self.text.setAccessibleName("Log")
        self.text.setReadOnly(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setPlaceholderText(NONE_YET)
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPointSizeF(small_font().pointSizeF())
        self.text.setFont(font)
        self.copy = push_button(
            "log.copy", "&Copy", "Copy what is shown, to be pasted into a report"
        )
        self.folder = push_button("log.folder", "Show in &folder", "Open the folder of the log")
        row = button_row(self, self.copy, self.folder)
        in_column(
            self.where, (self.text, 1), row, of=self, gap=GRID, margins=(GRID, GRID, GRID, GRID)
        )
        self.copy.clicked.connect(lambda: QApplication.clipboard().setText(self.text.toPlainText()))
        self.folder.clicked.connect(
            lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(log_path().parent)))
        )

    def show_end(self) -> None:
        """Read the log anew, and show its last lines in front of the other windows."""
        path = log_path()
        text, there = look(lambda: (read_log_end(path), path.parent.is_dir()), ("", False))
        text = text.rstrip("\n")
        self.where.setText(str(path))
        self.text.setPlainText(text)
        self.copy.setEnabled(bool(text))
        self.folder.setEnabled(there)
        bring_to_front(self)
        self.text.setFocus()
        self.text.moveCursor(QTextCursor.MoveOperation.End)
        self.text.horizontalScrollBar().setValue(0)
        self.text.verticalScrollBar().setValue(self.text.verticalScrollBar().maximum())
