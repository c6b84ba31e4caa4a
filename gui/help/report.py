"""ReportWindow: collects what helps to find a defect; sends nothing."""

from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QDialog, QFileDialog, QPlainTextEdit, QVBoxLayout, QWidget

from engine.array_types import format_shape
from engine.blocks import UnknownBlock
from engine.errors import LayerscopeError
from engine.log import log_path, read_log_end
from engine.struct_fields import fields_of
from gui.background.waiting import look, wait_for
from gui.document.document import Document
from gui.help.program_facts import facts_text
from gui.theme import GRID, small_font
from gui.widgets.dialogs import bring_to_front, button_row, push_button
from gui.widgets.plain_labels import wrapping_label

_LOG_BYTES = 20_000
_WORDS = (
    "Nothing is sent. Below is what helps to find the fault: versions, the network without its "
    "weights and images, and the end of the log, which names the files that were opened. Write "
    "what you did, delete what others should not see, then copy or save the text. There is no "
    "public address for reports yet: give it to whoever you have the program from."
)
_FIRST = "What I did:\n\nWhat I expected:\n\nWhat happened:\n\n"


class ReportWindow(QDialog):
    """Shows a report that can be edited, copied, and saved as a file."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("report")
        self.setWindowTitle("Report a problem")
        self.resize(100 * GRID, 70 * GRID)
        self._document = document
        words = wrapping_label("report.words")
        words.setText(_WORDS)
        self.said = wrapping_label("report.said")
        self.text = QPlainTextEdit()
        self.text.setObjectName("report.text")
        self.text.setAccessibleName("Report")
        self.text.setTabChangesFocus(True)
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPointSizeF(small_font().pointSizeF())
        self.text.setFont(font)
        copy = push_button("report.copy", "&Copy", "Copy the report, to be pasted into a message")
        save = push_button("report.save", "&Save as…", "Write the report to a text file")
        copy.clicked.connect(self._copy)
        save.clicked.connect(self._save)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID, GRID, GRID, GRID)
        column.setSpacing(GRID)
        column.addWidget(words)
        column.addWidget(self.text, 1)
        column.addWidget(self.said)
        column.addLayout(button_row(self, copy, save))

    def open_window(self) -> None:
        """Collect anew, and come to the front."""
        self.said.clear()
        self.text.setPlainText(_FIRST + report_text(self._document))
        bring_to_front(self)
        self.text.setFocus()

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self.said.setText("Copied.")

    @Slot()
    def _save(self) -> None:
        suggested = str(Path.home() / "layerscope-report.txt")
        name, _ = QFileDialog.getSaveFileName(self, "Save the report", suggested, "Text (*.txt)")
        if not name:
            return
        text = self.text.toPlainText()
        try:
            wait_for(self, f"Saving {name}", lambda _: Path(name).write_text(text, "utf-8"))
        except OSError as error:
            self.said.setText(f"{name} could not be written: {error.strerror}. Save it elsewhere.")
        except LayerscopeError as error:
            self.said.setText(str(error))
        else:
            self.said.setText(f"Saved to {name}.")


def report_text(document: Document) -> str:
    """Return versions, the network and its settings without data, and the end of the log."""
    log = look(lambda: read_log_end(log_path(), _LOG_BYTES), "") or "There is no log.\n"
    return f"{facts_text()}\nNetwork\n{_network(document)}\nEnd of the log\n{log}"


def _network(document: Document) -> str:
    lines = [f"input {format_shape(document.stack.input_shape)}"]
    for number, row in enumerate(document.report.rows, 1):
        block = row.slot.block
        known = () if isinstance(block, UnknownBlock) else fields_of(type(block))
        options = "".join(f" {field.name}={getattr(block, field.name)}" for field in known)
        shape = "does not fit" if row.output_shape is None else format_shape(row.output_shape)
        lines.append(f"{number} {block.name}{options} -> {shape}")
    settings = document.settings
    for field in fields_of(type(settings)):
        if field.kind != "text":  # it may be a path
            lines.append(f"{field.name}={getattr(settings, field.name)}")
    lines.append(f"trained epochs {document.project().position:g}")
    return "".join(f"{line}\n" for line in lines)
