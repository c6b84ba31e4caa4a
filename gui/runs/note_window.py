"""NoteWindow: a window in which a note on a run is written."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QWidget

from engine.runs.run_folder import Run
from gui.theme import GRID
from gui.widgets.dialogs import bring_to_front
from gui.widgets.layouts import in_column
from gui.widgets.plain_labels import plain_label

LONGEST = 4_000  # letters


class NoteWindow(QDialog):
    """A field of several lines; `written` carries the run and its note."""

    written = Signal(object, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run: Run | None = None
        self.setObjectName("run_note")
        self.setWindowTitle("Note on a run")
        self._title = plain_label()
        self.field = QPlainTextEdit()
        self.field.setObjectName("run_note.text")
        self.field.setAccessibleName("Note")
        self.field.setTabChangesFocus(True)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        in_column(
            self._title,
            (self.field, 1),
            buttons,
            of=self,
            gap=GRID,
            margins=(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID),
        )
        self.resize(52 * GRID, 28 * GRID)
        self.accepted.connect(self._say)

    def open_for(self, run: Run) -> None:
        """Show the note of a run, to be changed."""
        self._run = run
        self._title.setText(run.title)
        self.field.setPlainText(run.note)
        bring_to_front(self)
        self.field.setFocus()

    @Slot()
    def _say(self) -> None:
        if self._run is not None:
            self.written.emit(self._run, self.field.toPlainText().strip()[:LONGEST])
