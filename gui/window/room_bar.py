"""RoomBar: the line under the panels that says which kept runs have to go for others."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from gui.theme import GRID
from gui.widgets.buttons import text_button


class RoomBar(QWidget):
    """A sentence with a button that keeps the runs, until it is closed or no longer true.

    A sentence that was closed is not said again by itself, only after another or after `clear`.
    It may be there for long, so it has a place of its own and covers nothing; hidden without one.
    """

    kept = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("room_bar")
        self.setAccessibleName("Kept runs that have to go")
        self.text = QLabel()
        self.text.setObjectName("room")
        self.text.setAccessibleName("Which runs have to go")
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._keep = text_button("room.keep", "", takes_focus=True)
        self._keep.clicked.connect(self.kept)
        close = text_button(
            "room.close", "✕", "Close this line", spoken="Close the line on room", flat=True
        )
        close.clicked.connect(self._close)
        self._closed = ""  # the sentence that was
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID, GRID // 2, GRID, GRID // 2)
        row.setSpacing(GRID)
        row.addWidget(self.text, 1)
        row.addWidget(self._keep)
        row.addWidget(close)
        self.hide()

    def offer(self, word: str, text: str) -> None:
        """Say which runs have to go, with what the button that keeps them says."""
        if text == self._closed:
            return
        self._closed = ""
        self.text.setText(text)
        self._keep.setText(word)
        self._keep.setAccessibleName(f"{word}: {text}")
        self.show()

    @Slot()
    def clear(self) -> None:
        """Say nothing any more."""
        self._closed = ""
        self.hide()
        self.text.clear()

    @Slot()
    def _close(self) -> None:
        text = self.text.text()
        self.clear()
        self._closed = text
