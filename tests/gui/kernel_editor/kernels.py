"""How a test edits a kernel in its window: clicks, keys, and what is read of it."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from engine.array_types import Array
from gui.document.document import Document
from gui.document.edits import Edits
from gui.document.kernel_edits import KernelEdits
from gui.document.kernel_place import KernelPlace
from gui.kernel_editor.dialog import KernelEditor, open_kernel_editor
from tests.gui.editor.gestures import LEFT


def opened(document: Document, window: QWidget, qtbot: QtBot, place: KernelPlace) -> KernelEditor:
    edits, kernel_edits = Edits(document), KernelEdits(document)
    editor = open_kernel_editor(document, edits, kernel_edits, place, window)
    qtbot.waitUntil(editor.isActiveWindow)
    return editor


def kernel(document: Document, output: int = 0, channel: int = 0, slot_id: int = 1) -> Array:
    found = document.kernel(KernelPlace(slot_id, output, channel))
    assert found is not None
    return found


def steps(document: Document) -> list[str]:
    return [document.undo_stack.text(i) for i in range(document.undo_stack.count())]


def at(editor: KernelEditor, row: int, column: int) -> QPoint:
    return editor.grid.cells().cell(row, column).center().toPoint()


def click(editor: KernelEditor, name: str) -> None:
    button = editor.findChild(QToolButton, f"kernel.{name}") or editor.findChild(
        QCheckBox, f"kernel.{name}"
    )
    assert button is not None
    assert button.isEnabled(), button.toolTip()
    QTest.mouseClick(button, LEFT, pos=QPoint(8, button.height() // 2))


def choose(editor: KernelEditor, name: str) -> None:
    """Choose an entry of a menu."""
    action = editor.findChild(QAction, f"kernel.{name}")
    assert action is not None
    assert action.isEnabled(), action.toolTip()
    action.trigger()


def press(*keys: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    for key in keys:
        widget = QApplication.focusWidget()
        assert widget is not None
        QTest.keyClick(widget, key, modifier)


def write(text: str) -> None:
    for character in text:
        widget = QApplication.focusWidget()
        assert widget is not None
        QTest.keyClicks(widget, character)


def text(editor: KernelEditor, name: str) -> str:
    label = editor.findChild(QLabel, name)
    assert label is not None
    return label.text() if label.isVisible() else ""
