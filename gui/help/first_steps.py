"""FirstStepsWindow: some short pages with pictures, kept with the program."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QUrl
from PySide6.QtGui import QAction, QImage, QTextDocument
from PySide6.QtWidgets import QDialog, QTextBrowser, QVBoxLayout, QWidget

from gui.theme import DARK, GRID, colours_of
from gui.widgets.dialogs import bring_to_front, button_row, push_button

PAGES = Path(__file__).parents[2] / "resources" / "help"
FIRST_PAGE = "first-steps.md"


class FirstStepsWindow(QDialog):
    """Shows the pages; links lead from one to the next."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("first_steps")
        self.setWindowTitle("First steps")
        self.resize(88 * GRID, 84 * GRID)
        self.page = _Page()
        self._back = push_button("first_steps.back", "◀ &Back", "The page before (Alt+Left)")
        self._home = push_button("first_steps.home", "&Contents", "The first page (Alt+Home)")
        for button, go, keys in (
            (self._back, self.page.backward, "Alt+Left"),
            (self._home, self.page.home, "Alt+Home"),
        ):
            button.clicked.connect(go)
            action = QAction(self)
            action.setShortcut(keys)
            action.triggered.connect(go)
            self.addAction(action)
        self._back.setEnabled(False)
        self.page.backwardAvailable.connect(self._back.setEnabled)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID, GRID, GRID, GRID)
        column.setSpacing(GRID)
        column.addWidget(self.page, 1)
        column.addLayout(button_row(self, self._back, self._home))

    def open_window(self) -> None:
        """Come to the front, with the page that was read last."""
        bring_to_front(self)
        self.page.setFocus()


class _Page(QTextBrowser):
    """Shows a page, with its pictures in the colours of the theme."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("first_steps.page")
        self.setAccessibleName("First steps")
        self.document().setDocumentMargin(2 * GRID)
        self.setSource(QUrl.fromLocalFile(str(PAGES / FIRST_PAGE)))

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        """Load a page, or a picture as it looks in the theme of the moment."""
        if kind != QTextDocument.ResourceType.ImageResource.value:
            return super().loadResource(kind, name)
        picture = Path(QUrl(name).path())
        ending = "-dark.png" if colours_of(self.palette()) is DARK else ".png"
        return QImage(str(PAGES / picture.parent.name / f"{picture.stem}{ending}"))

    def changeEvent(self, event: QEvent) -> None:
        """Take the pictures of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and not self.source().isEmpty():
            self.reload()
