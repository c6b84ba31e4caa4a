"""The one place where the window speaks to the user: a message bar, and questions."""

import os
from enum import Enum

from PySide6.QtCore import QEvent, Qt, Slot
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMessageBox, QToolButton, QWidget

from gui.theme import GRID, colours_of


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
    """Say whether nobody is there to answer: then every question takes its safe default."""
    return os.environ.get("LAYERSCOPE_UNATTENDED") == "1"


def ask_about_unsaved(parent: QWidget, name: str) -> Answer:
    """Ask whether to save changes before they would be lost. Unattended, they are discarded."""
    if unattended():
        return Answer.DISCARD
    box = _question(parent, "Unsaved changes", f"Save the changes to {name}?")
    box.setInformativeText("Without saving, what was built and trained since is lost.")
    buttons = QMessageBox.StandardButton
    box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
    box.setDefaultButton(buttons.Save)
    chosen = box.exec()
    box.deleteLater()
    if chosen == buttons.Save:
        return Answer.SAVE
    return Answer.DISCARD if chosen == buttons.Discard else Answer.CANCEL


def ask_to_replace(parent: QWidget, name: str) -> bool:
    """Ask whether a file may be replaced. Unattended, it may not."""
    if unattended():
        return False
    box = _question(parent, "Replace file", f"{name} exists already. Replace it?")
    replace = box.addButton("&Replace", QMessageBox.ButtonRole.DestructiveRole)
    box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
    box.exec()
    box.deleteLater()
    return box.clickedButton() is replace


def ask_to_overwrite(parent: QWidget, name: str) -> Overwriting:
    """Ask what to do with a file that another program has changed. Unattended, it stays."""
    if unattended():
        return Overwriting.CANCEL
    box = _question(parent, "File changed", f"Another program has changed {name}. Overwrite it?")
    box.setInformativeText("It is no longer what was opened or saved here.")
    overwrite = box.addButton("&Overwrite", QMessageBox.ButtonRole.DestructiveRole)
    save_as = box.addButton("Save &as…", QMessageBox.ButtonRole.AcceptRole)
    box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(save_as)
    box.exec()
    box.deleteLater()
    if box.clickedButton() is overwrite:
        return Overwriting.OVERWRITE
    return Overwriting.SAVE_AS if box.clickedButton() is save_as else Overwriting.CANCEL


def ask_to_recover(parent: QWidget, text: str, details: str) -> Recovering:
    """Ask what to do with work that was left behind. Unattended, it stays for later."""
    if unattended():
        return Recovering.KEEP
    box = _question(parent, "Recover unsaved work", text)
    box.setInformativeText(details)
    recover = box.addButton("&Recover", QMessageBox.ButtonRole.AcceptRole)
    discard = box.addButton("&Discard", QMessageBox.ButtonRole.DestructiveRole)
    keep = box.addButton("&Keep for later", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(recover)
    box.setEscapeButton(keep)
    box.exec()
    box.deleteLater()
    if box.clickedButton() is recover:
        return Recovering.RECOVER
    return Recovering.DISCARD if box.clickedButton() is discard else Recovering.KEEP


def _question(parent: QWidget, title: str, text: str) -> QMessageBox:
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle(title)
    box.setTextFormat(Qt.TextFormat.PlainText)  # a file may have any name
    box.setText(text)
    return box


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
        close = QToolButton()
        close.setText("✕")
        close.setAutoRaise(True)
        close.setAccessibleName("Close message")
        close.setToolTip("Close this message")
        close.clicked.connect(self.clear)
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID, GRID // 2, GRID // 2, GRID // 2)
        row.addWidget(self._mark)
        row.addWidget(self.text, 1)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def show_error(self, text: str) -> None:
        """Say what went wrong and what to do."""
        self._show("✗", text, wrong=True)

    def show_notice(self, text: str) -> None:
        """Say what has been done."""
        self._show("✓", text, wrong=False)

    @Slot()
    def clear(self) -> None:
        """Take the message away."""
        self.text.clear()
        self.hide()

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
        self._wrong = wrong
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
