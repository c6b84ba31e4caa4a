"""Everything in the editor by keys alone, and a name for every control to who cannot see it."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QMainWindow, QWidget
from pytestqt.qtbot import QtBot

from engine.model.templates import blank
from gui.document.document import Document
from gui.document.edits import Edits
from gui.document.kernel_edits import KernelEdits
from gui.editor.network_panel import NetworkPanel
from gui.widgets.messages import MessageBar
from tests.gui.editor.gestures import press, write
from tests.gui.finding import named, not_none

Key = Qt.Key
CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


@pytest.fixture
def editor(document: Document, messages: MessageBar, qtbot: QtBot) -> QMainWindow:
    """Return the editor in a window, with the actions of its menu."""
    window = QMainWindow()
    qtbot.addWidget(window)
    panel = NetworkPanel(document, Edits(document), KernelEdits(document), messages)
    window.setCentralWidget(panel)
    menu = window.menuBar().addMenu("&Edit")
    menu.addActions(panel.actions_.menu())
    window.resize(1200, 800)
    window.show()
    qtbot.waitActive(window)
    qtbot.waitUntil(window.isActiveWindow)
    return window


def tab_to(name: str) -> None:
    """Press Tab until a control has the focus."""
    seen = []
    for _ in range(150):
        widget = not_none(QApplication.focusWidget())
        owner: QWidget | None = widget
        while owner is not None:
            if owner.objectName() == name:
                return
            owner = owner.parentWidget() if owner.focusProxy() is None else None
        seen.append(widget.objectName())
        press(Key.Key_Tab)
    raise AssertionError(f"Tab never comes to {name}, but to {seen}")


def test_fields_of_names_and_of_help_have_names(document: Document, editor: QMainWindow) -> None:
    document.select(1)
    tab_to("block_list")
    press(Key.Key_F2)
    field = named(editor, QLineEdit, "rename")
    assert field.accessibleName() == "Title of the block"
    press(Key.Key_Escape)
    press(Key.Key_F1)
    assert not_none(QApplication.focusWidget()).accessibleName() == "What this kind of block does"
    press(Key.Key_Escape)


def test_a_block_is_undone_and_renamed_from_the_search_that_added_it(
    document: Document, editor: QMainWindow
) -> None:
    press(Key.Key_Tab)
    press(Key.Key_Insert)
    write("tanh")
    press(Key.Key_Return)
    press(Key.Key_Z, modifier=CTRL)
    assert len(document.stack) == 7
    press(Key.Key_Z, modifier=CTRL | SHIFT)
    press(Key.Key_F2, Key.Key_F2)  # the second one finds the field open
    write("Squash")
    press(Key.Key_Return)
    assert [slot.label for slot in document.stack][7:] == ["Squash"]
    press(Key.Key_Insert)
    write("rel")
    press(Key.Key_Z, modifier=CTRL)  # now it is of the words
    assert [slot.label for slot in document.stack][7:] == ["Squash"]


def test_a_network_is_built_by_keys_alone(document: Document, editor: QMainWindow) -> None:
    document.replace_project(blank(), None)
    press(Key.Key_Tab)
    for words in ("tanh", "conv", "flatt", "dense", "dense", "sigm"):
        press(Key.Key_Insert)
        write(words)
        press(Key.Key_Return)
    labels = ["Tanh", "Conv 5, 3×3", "Reshape to vector", "Dense 100", "Dense 100", "Sigmoid"]
    assert [slot.label for slot in document.stack] == labels
    press(Key.Key_Home, Key.Key_Down)
    press(Key.Key_Up, modifier=ALT)  # the Conv before the Tanh
    tab_to("option.kernel_size")
    press(Key.Key_A, modifier=CTRL)
    write("5")
    press(Key.Key_Return)
    tab_to("block_list")
    press(Key.Key_End, Key.Key_Up, Key.Key_Up)
    press(Key.Key_Delete)
    press(Key.Key_F2)
    write("Output")
    press(Key.Key_Return)
    tab_to("option.units")
    press(Key.Key_A, modifier=CTRL)
    write("2")
    press(Key.Key_Return)
    assert [slot.label for slot in document.stack] == [
        "Conv 5, 5×5",
        "Tanh",
        "Reshape to vector",
        "Output",
        "Sigmoid",
    ]
    assert document.report.problem is None
    tab_to("block_list")
    press(Key.Key_A, modifier=CTRL)
    press(Key.Key_C, modifier=CTRL)
    press(Key.Key_V, modifier=CTRL)
    assert len(document.stack) == 10
    press(*[Key.Key_Z] * 40, modifier=CTRL)
    assert document.stack == blank().stack
