"""The one place where the window speaks to the user: a message bar, and questions."""

import os
from collections.abc import Callable, Mapping
from enum import Enum
from typing import TypeVar

from PySide6.QtCore import QEvent, Qt, Slot
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QPushButton,
    QWidget,
)

from gui.theme import GRID, colours_of
from gui.widgets.buttons import text_button

T = TypeVar("T")
_Role = QMessageBox.ButtonRole


class Answer(Enum):
    """What the user chose to do with unsaved work."""

    SAVE = "save"
    DISCARD = "discard"
    CANCEL = "cancel"


class Overwriting(Enum):
    """What the user chose to do with a file that another program has changed."""

    OVERWRITE = "overwrite"
    SAVE_AS = "save_as"
    CANCEL = "cancel"


class Recovering(Enum):
    """What the user chose to do with work that was left behind."""

    RECOVER = "recover"
    DISCARD = "discard"
    KEEP = "keep"


def unattended() -> bool:
    """Return whether no one is there to answer: then every question takes its safe default."""
    return os.environ.get("LAYERSCOPE_UNATTENDED") == "1"


def ask_about_unsaved(parent: QWidget, name: str) -> Answer:
    """Ask whether to save changes before they would be lost. Unattended, they are discarded."""
    if unattended():
        return Answer.DISCARD
    box = _question(parent, "Unsaved changes", f"Save the changes to {name}?")
    box.setInformativeText("Without saving, what was built and trained since is lost.")
    offers = {
        Answer.SAVE: ("&Save", _Role.AcceptRole),
        Answer.DISCARD: ("&Discard", _Role.DestructiveRole),
        Answer.CANCEL: ("&Cancel", _Role.RejectRole),
    }
    return _choose(box, offers, default=Answer.SAVE, safe=Answer.CANCEL)


def ask_to_replace(parent: QWidget, name: str) -> bool:
    """Ask whether a file may be replaced. Unattended, it may not."""
    box = _question(parent, "Replace file", f"{name} exists already. Replace it?")
    offers = {True: ("&Replace", _Role.DestructiveRole), False: ("&Cancel", _Role.RejectRole)}
    return _choose(box, offers, default=False, safe=False)


def ask_to_overwrite(parent: QWidget, name: str) -> Overwriting:
    """Ask what to do with a file that another program has changed. Unattended, it stays."""
    box = _question(parent, "File changed", f"Another program has changed {name}. Overwrite it?")
    box.setInformativeText("It is no longer what was opened or saved here.")
    offers = {
        Overwriting.OVERWRITE: ("&Overwrite", _Role.DestructiveRole),
        Overwriting.SAVE_AS: ("Save &as…", _Role.AcceptRole),
        Overwriting.CANCEL: ("&Cancel", _Role.RejectRole),
    }
    return _choose(box, offers, default=Overwriting.SAVE_AS, safe=Overwriting.CANCEL)


def ask_to_recover(parent: QWidget, text: str, details: str) -> Recovering:
    """Ask what to do with work that was left behind. Unattended, it stays for later."""
    box = _question(parent, "Recover unsaved work", text)
    box.setInformativeText(details)
    offers = {
        Recovering.RECOVER: ("&Recover", _Role.AcceptRole),
        Recovering.DISCARD: ("&Discard", _Role.DestructiveRole),
        Recovering.KEEP: ("&Keep for later", _Role.RejectRole),
    }
    return _choose(box, offers, default=Recovering.RECOVER, safe=Recovering.KEEP)


def _question(parent: QWidget, title: str, text: str) -> QMessageBox:
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle(title)
    box.setTextFormat(Qt.TextFormat.PlainText)  # a file may have any name
    box.setText(text)
    return box


def _choose(
    box: QMessageBox, offers: Mapping[T, tuple[str, QMessageBox.ButtonRole]], default: T, safe: T
) -> T:
    """Ask, and give what the clicked button stands for; `safe` on Esc, or unseen if unattended."""
    buttons = {answer: box.addButton(text, role) for answer, (text, role) in offers.items()}
    box.setDefaultButton(buttons[default])
    box.setEscapeButton(buttons[safe])
    if not unattended():
        box.exec()
    box.deleteLater()
    clicked = box.clickedButton()
    return next((answer for answer, button in buttons.items() if button is clicked), safe)


class MessageBar(QFrame):
    """One sentence above the panels, until it is closed or the next one comes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("message_bar")
        self.setAccessibleName("Message")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._wrong = False
        self._mark = QLabel()
        self.text = QLabel()
        self.text.setObjectName("message")
        self.text.setAccessibleName("Message text")
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._accept: Callable[[], object] | None = None
        self._button = QPushButton()
        self._button.setObjectName("message.accept")
        self._button.hide()
        self._button.clicked.connect(self._take_up)
        close = text_button(
            "", "✕", "Close this message", spoken="Close message", small=False, flat=True
        )
        close.clicked.connect(self.clear)
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID, GRID // 2, GRID // 2, GRID // 2)
        row.addWidget(self._mark)
        row.addWidget(self.text, 1)
        row.addWidget(self._button)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def show_error(self, text: str) -> None:
        """Say what went wrong and what to do."""
        self._show("✗", text, wrong=True)

    def show_offer(self, text: str, words: str, accept: Callable[[], object]) -> None:
        """Offer something that a button with these words accepts."""
        self._show("✦", text, wrong=False)
        self._mark.setAccessibleName("Offer")
        self._accept = accept
        self._button.setText(words)
        self._button.show()

    def show_notice(self, text: str) -> None:
        """Say what has been done."""
        self._show("✓", text, wrong=False)

    @Slot()
    def clear(self) -> None:
        """Take the message away."""
        self.text.clear()
        self.hide()

    @Slot()
    def _take_up(self) -> None:
        accept = self._accept
        self.clear()
        if accept is not None:
            accept()

    def take_back(self, text: str) -> None:
        """Take one message away, if it is still the one that is shown."""
        if text and text == self.text.text():
            self.clear()

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._colour()

    def _show(self, mark: str, text: str, *, wrong: bool) -> None:
        self._wrong, self._accept = wrong, None
        self._button.hide()
        self._mark.setText(mark)
        self._mark.setAccessibleName("Error" if wrong else "Done")
        self._colour()
        self.text.setText(text)
        self.show()

    def _colour(self) -> None:
        colours = colours_of(self.palette())
        palette = self._mark.palette()
        colour = QColor(colours.error if self._wrong else colours.link)
        palette.setColor(QPalette.ColorRole.WindowText, colour)
        self._mark.setPalette(palette)
