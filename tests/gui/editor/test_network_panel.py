"""The network panel as a whole: palette, actions, problem, totals; and its size."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QSpinBox,
    QToolButton,
    QWidget,
)

from engine.blocks import Conv, ReLU
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import Stack
from gui.document.document import Document
from gui.document.edits import Edits
from gui.editor.network_panel import NetworkPanel
from tests.gui.finding import named


def add_button(panel: NetworkPanel, kind: str) -> QToolButton:
    return named(panel, QToolButton, f"add.{kind}")


def shown(panel: NetworkPanel) -> list[str]:
    model = panel.block_list.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def problem(panel: NetworkPanel) -> str:
    found = named(panel, QLabel, "problem")
    assert found.isVisible() == bool(found.text())
    return found.text()


def test_the_palette_works_by_keys_and_keeps_the_focus(panel: NetworkPanel) -> None:
    button = add_button(panel, "tanh")
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Return)
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert shown(panel)[-2:] == ["Tanh", "Tanh"]
    assert button.hasFocus()


def test_delete_in_a_number_field_does_not_delete_the_block(
    document: Document, panel: NetworkPanel
) -> None:
    document.select(1)
    depth = named(panel, QSpinBox, "option.depth")
    for field in (depth, panel.findChild(QWidget, "option.bias")):
        assert isinstance(field, QWidget)
        field.setFocus()
        QTest.keyClick(field, Qt.Key.Key_Delete)
        QTest.keyClick(field, Qt.Key.Key_Backspace)
    assert len(document.stack) == 7


def test_undo_keys_work_from_a_number_field(document: Document, panel: NetworkPanel) -> None:
    panel.addActions([panel.actions_.undo, panel.actions_.redo])  # as the window's menu does
    document.select(1)
    depth = named(panel, QSpinBox, "option.depth")
    depth.setFocus()
    QTest.keyClick(depth, Qt.Key.Key_Up)
    assert depth.value() == 6
    control = Qt.KeyboardModifier.ControlModifier
    QTest.keyClick(depth, Qt.Key.Key_Z, control)
    assert (depth.value(), depth.hasFocus()) == (5, True)
    QTest.keyClick(depth, Qt.Key.Key_Z, control | Qt.KeyboardModifier.ShiftModifier)
    assert depth.value() == 6
    QTest.keyClick(depth, Qt.Key.Key_Z, control)
    QTest.keyClick(depth, Qt.Key.Key_Y, control)
    assert depth.value() == 6


@pytest.mark.qt_log_ignore("This plugin does not support grabbing the keyboard")
def test_alt_and_an_arrow_open_a_choice_and_move_nothing(
    document: Document, panel: NetworkPanel
) -> None:
    document.select(1)
    bias = named(panel, QWidget, "option.bias")
    bias.setFocus()
    QTest.keyClick(bias, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    popup = QApplication.activePopupWidget()
    assert popup is not None
    popup.close()
    assert shown(panel)[0] == "Conv 5, 3×3"


def test_the_problem_follows_the_loss(
    document: Document, edits: Edits, panel: NetworkPanel
) -> None:
    document.select(7)
    edits.delete()
    assert "binary cross-entropy takes values between 0 and 1" in problem(panel)
    assert "Error" in panel.block_list.model().index(5, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    edits.change_setting("loss", "mse")
    assert problem(panel) == ""


@pytest.mark.parametrize("count", [12, 40])
def test_in_a_low_panel_the_selected_row_is_whole_with_its_error(
    document: Document, edits: Edits, panel: NetworkPanel, count: int
) -> None:
    blocks = [block for _ in range(count // 2) for block in (Conv(depth=5, padding="same"), ReLU())]
    document.replace_project(Project(Stack().appended(*blocks), Settings()), None)
    panel.resize(280, 465)
    document.select(document.stack.slots[count // 2].id)
    edits.change_option_of_selected("padding", "valid")
    edits.change_option_of_selected("kernel_size", 31)
    rows = panel.block_list
    QApplication.processEvents()
    assert problem(panel)
    assert panel.height() <= 470, "there is no room for more in a window of 940×620"
    assert rows.viewport().rect().contains(rows.visualRect(rows.currentIndex()))
