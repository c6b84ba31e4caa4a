"""Parts that the windows beside the main one share."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QInputDialog,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from engine.paths import MOST_MEGABYTES
from gui.theme import GRID, magnification
from gui.widgets.layouts import WrappingPage, in_column, in_row, named, scrolling


def push_button(name: str, text: str, tip: str) -> QPushButton:
    """Make a button that Enter presses only where it has the focus."""
    button = named(QPushButton(text), name, tip=tip)
    button.setAutoDefault(False)
    return button


def button_row(dialog: QDialog, *buttons: QPushButton) -> QHBoxLayout:
    """Put buttons on the left of a row, and on its right one that closes the window."""
    row = in_row(*buttons, 1, gap=GRID)
    close = push_button(f"{dialog.objectName()}.close", "Close", "Close this window (Escape)")
    close.clicked.connect(dialog.close)
    row.addWidget(close)
    return row


def lay_out(
    dialog: QDialog, column: QVBoxLayout, buttons: QHBoxLayout, width: int, height: int
) -> None:
    """Put a column, which scrolls where it has no room, above the buttons of a window.

    Width and height are those of the window, in steps of the grid at a text of 10 pt.
    """
    column.setContentsMargins(0, 0, GRID, 0)
    column.setSpacing(GRID)
    page = WrappingPage()
    page.setAccessibleName(dialog.windowTitle())
    page.setLayout(column)
    in_column(
        (scrolling(page), 1), buttons, of=dialog, gap=GRID, margins=(2 * GRID, 2 * GRID, GRID, GRID)
    )
    larger = magnification()
    dialog.resize(round(width * GRID * larger), round(height * GRID * larger))


def bring_to_front(dialog: QDialog) -> None:
    """Show a window in front of the others, inside the screen."""
    free = dialog.screen().availableGeometry().size() * 0.9
    dialog.resize(dialog.size().boundedTo(free))
    dialog.setWindowState(dialog.windowState() & ~Qt.WindowState.WindowMinimized)
    dialog.show()
    dialog.raise_()
    dialog.activateWindow()


def ask_megabytes(
    parent: QWidget, name: str, title: str, text: str, now: int, take: Callable[[int], object]
) -> None:
    """Ask how much room something may take on the disk."""
    box = _input_dialog(parent, name, title, text)
    box.setInputMode(QInputDialog.InputMode.IntInput)
    box.setIntRange(0, MOST_MEGABYTES)
    box.setIntStep(500)
    box.setIntValue(now)
    box.intValueSelected.connect(take)
    box.open()


def ask_text(
    parent: QWidget, name: str, title: str, label: str, now: str, take: Callable[[str], object]
) -> None:
    """Ask for a text of several lines."""
    box = _input_dialog(parent, name, title, label)
    box.setOption(QInputDialog.InputDialogOption.UsePlainTextEditForTextInput)
    box.setTextValue(now)
    field = box.findChild(QPlainTextEdit)
    assert isinstance(field, QPlainTextEdit)
    named(field, f"{name}.text", label)
    field.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
    field.setTabChangesFocus(True)
    box.textValueSelected.connect(take)
    box.open()


def _input_dialog(parent: QWidget, name: str, title: str, label: str) -> QInputDialog:
    box = named(QInputDialog(parent), name)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle(title)
    box.setLabelText(label)
    return box
