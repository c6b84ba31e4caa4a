"""What a panel shows before it has anything to show."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedLayout, QWidget

from gui.theme import GRID, set_muted
from gui.widgets.layouts import in_column
from gui.widgets.plain_labels import plain_label


class EmptyState(QWidget):
    """Show a panel's content, or in its place one sentence: what will be here, what to click.

    A `remedy`, such as a button, stands under the sentence while it is not hidden.
    """

    def __init__(self, content: QWidget, sentence: str, remedy: QWidget | None = None) -> None:
        super().__init__()
        self._content = content
        self._label = plain_label(sentence)
        self._label.setObjectName("empty")
        self._label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._label.setWordWrap(True)
        self._label.setContentsMargins(3 * GRID, 0, 3 * GRID, 0)  # low panels have no room to spare
        set_muted(self._label)
        self._stack = QStackedLayout(self)
        self._page = self._label if remedy is None else _under_each_other(self._label, remedy)
        self._stack.addWidget(self._page)
        self._stack.addWidget(content)

    def show_content(self) -> None:
        """Show the content."""
        self._stack.setCurrentWidget(self._content)

    def show_sentence(self, sentence: str) -> None:
        """Show a sentence in place of the content."""
        self._label.setText(sentence)
        self._stack.setCurrentWidget(self._page)

    def sentence(self) -> str:
        """The sentence that is shown; empty while the content is."""
        return self._label.text() if self._stack.currentWidget() is self._page else ""


def _under_each_other(label: QWidget, remedy: QWidget) -> QWidget:
    page = QWidget()
    in_column(1, label, (remedy, 0, Qt.AlignmentFlag.AlignHCenter), 1, of=page, gap=GRID)
    return page
