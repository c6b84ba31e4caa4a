"""Refusal: what was refused last of one kind of wish, until such a wish comes true."""

from PySide6.QtCore import QObject, Signal, Slot


class Refusal(QObject):
    """Remembers one sentence: `said` carries it, and `over` when it is of no interest any more."""

    said = Signal(str)
    over = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._text = ""

    @Slot(str)
    def say(self, text: str) -> None:
        """Say why a wish is refused."""
        self._text = text
        self.said.emit(text)

    @Slot()
    def end(self) -> None:
        """Take it back: such a wish came true, or what it complained of is gone."""
        text, self._text = self._text, ""
        if text:
            self.over.emit(text)
