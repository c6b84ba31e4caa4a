"""The network panel as a whole: palette, actions, problem, totals; and its size."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from engine.blocks import Conv, ReLU
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import Stack
from gui.document.document import Document
from gui.document.edits import Edits
from gui.document.kernel_edits import KernelEdits
from gui.editor.network_panel import NetworkPanel
from gui.widgets.elision import ElidedLabel
from tests.gui.finding import child, in_words, named


def add_button(panel: NetworkPanel, kind: str) -> QToolButton:
    return named(panel, QToolButton, f"add.{kind}")


def action(panel: NetworkPanel, name: str) -> QAction:
    return named(panel, QAction, f"action.{name}")


def click(widget: QWidget) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def shown(panel: NetworkPanel) -> list[str]:
    model = panel.block_list.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def problem(panel: NetworkPanel) -> str:
    found = named(panel, QLabel, "problem")
    assert found.isVisible() == bool(found.text())
    return found.text()


def test_the_palette_works_by_keys_and_keeps_the_focus_that_a_click_leaves_to_the_list(
    document: Document, panel: NetworkPanel
) -> None:
    document.select(1)
    depth = named(panel, QSpinBox, "option.depth")
    depth.setFocus()
    depth.selectAll()
    QTest.keyClicks(depth, "12")
    click(add_button(panel, "tanh"))  # what is typed is taken in before
    assert shown(panel)[:2] == ["Conv 12, 3×3", "Tanh"]
    assert panel.block_list.hasFocus()
    QTest.keyClick(panel.block_list, Qt.Key.Key_Delete)
    assert shown(panel)[:2] == ["Conv 12, 3×3", "Sigmoid"]
    button = add_button(panel, "tanh")
    button.setFocus()
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Space):
        QTest.keyClick(button, key)
    assert shown(panel).count("Tanh") == 2
    assert button.hasFocus()


def test_in_a_number_field_undo_keys_work_and_delete_does_not_delete_the_block(
    document: Document, panel: NetworkPanel
) -> None:
    panel.addActions([panel.actions_.undo, panel.actions_.redo])  # as the window's menu does
    document.select(1)
    depth = named(panel, QSpinBox, "option.depth")
    for field in (named(panel, QWidget, "option.bias"), depth):
        field.setFocus()
        QTest.keyClick(field, Qt.Key.Key_Delete)
        QTest.keyClick(field, Qt.Key.Key_Backspace)
    assert len(document.stack) == 7
    depth.setValue(6)
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    for key, modifiers, value in (
        (Qt.Key.Key_Z, control, 5),
        (Qt.Key.Key_Z, control | shift, 6),
        (Qt.Key.Key_Z, control, 5),
        (Qt.Key.Key_Y, control, 6),
    ):
        QTest.keyClick(depth, key, modifiers)
        assert (depth.value(), depth.hasFocus()) == (value, True)


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


def test_actions_have_their_keys_and_a_reason_while_disabled(panel: NetworkPanel) -> None:
    for name, keys in (
        ("undo", ["Ctrl+Z"]),
        ("redo", ["Ctrl+Y", "Ctrl+Shift+Z"]),
        ("delete", ["Del"]),
        ("duplicate", ["Ctrl+D"]),
        ("move_up", ["Alt+Up"]),
        ("move_down", ["Alt+Down"]),
    ):
        found = action(panel, name)
        assert [key.toString() for key in found.shortcuts()] == keys
        assert not found.isEnabled()
        assert found.toolTip().endswith(".")


def test_actions_follow_selection_position_and_steps(
    document: Document, panel: NetworkPanel
) -> None:
    def enabled() -> set[str]:
        names = ("undo", "redo", "delete", "duplicate", "move_up", "move_down")
        return {name for name in names if action(panel, name).isEnabled()}

    document.select(1)
    assert enabled() == {"delete", "duplicate", "move_down"}
    action(panel, "move_down").trigger()
    assert enabled() == {"undo", "delete", "duplicate", "move_up", "move_down"}
    assert action(panel, "undo").text() == "&Undo Move Conv 5, 3×3"
    document.select(7)
    assert enabled() == {"undo", "delete", "duplicate", "move_up"}
    action(panel, "undo").trigger()
    assert enabled() == {"redo", "delete", "duplicate", "move_down"}
    assert action(panel, "move_up").toolTip() == "This block is the first already."
    document.set_locked(True)
    assert enabled() == set()
    assert action(panel, "delete").toolTip() == "Stop training to change this."
    assert not add_button(panel, "conv").isEnabled()
    assert add_button(panel, "conv").toolTip() == "Stop training to change this."
    document.set_locked(False)
    assert enabled() == {"redo", "delete", "duplicate", "move_down"}
    assert add_button(panel, "conv").isEnabled()


def test_input_and_totals_are_shown(document: Document, edits: Edits, panel: NetworkPanel) -> None:
    def said() -> list[str]:
        texts = [label.text() for label in panel.findChildren(QLabel)]
        return [line for text in texts for line in text.splitlines()]

    assert "Input 1×28×28" in said()
    # 3,425 + 338,100 + 100 · 2 + 2
    assert "7 blocks · 341,727 parameters · 1.37 MB" in said()
    # 5 · 26 · 26 · 9 + 3380 · 100 + 100 · 2 multiplications; 4 bytes for each of the values
    # 3 · 3380 + 2 · 100 + 2 · 2
    assert "368,620 multiply-adds · 41.4 kB per sample" in said()
    while len(document.stack) > 1:
        document.select(document.stack.slots[-1].id)
        edits.delete()
    assert "1 block · 3,425 parameters · 13.7 kB" in said()


def test_the_problem_follows_the_loss_and_totals_of_a_broken_stack_say_what_they_count(
    document: Document, edits: Edits, panel: NetworkPanel
) -> None:
    document.select(7)
    edits.delete()
    assert "binary cross-entropy takes values between 0 and 1" in problem(panel)
    assert "Error" in panel.block_list.model().index(5, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    edits.change_setting("loss", "mse")
    assert problem(panel) == ""
    document.select(3)
    edits.delete()  # the Reshape
    assert named(panel, QLabel, "totals").text() == "2 of 5 blocks fit"


def at(panel: NetworkPanel, width: int, height: int) -> None:
    panel.resize(width, height)
    QApplication.processEvents()


def rows_in_view(panel: NetworkPanel) -> list[bool]:
    """Return for each row whether it is seen whole."""
    rows, seen = panel.block_list, panel.block_list.viewport().rect()
    places = range(rows.model().rowCount())
    return [seen.contains(rows.visualRect(rows.model().index(row, 0))) for row in places]


def test_a_low_panel_leaves_room_to_the_list(
    document: Document, edits: Edits, panel: NetworkPanel
) -> None:
    totals, palette = named(panel, QLabel, "totals"), panel.palette_.parentWidget()
    at(panel, 300, 900)
    assert len(totals.text().splitlines()) == 2
    at(panel, 300, 340)
    assert totals.text() == "7 blocks · 341,727 parameters"
    assert "368,620 multiply-adds" in in_words(totals.toolTip())
    document.select(1)
    at(panel, 280, 470)
    assert panel.inspector.isVisible()
    assert panel.block_list.viewport().height() >= 100
    document.select(3)
    edits.delete()  # the Reshape
    at(panel, 280, 465)
    assert rows_in_view(panel)[2], "the row with the error is whole"
    assert sum(rows_in_view(panel)) >= 3
    buttons = [one for one in panel.repairs.findChildren(QPushButton) if one.isVisible()]
    assert buttons[0].text() == "Insert a Reshape before block 3", "it is not cut"
    edits.undo()
    document.select(None)
    at(panel, 280, 470)
    assert totals.isVisible()
    assert palette is not None
    assert palette.height() >= panel.palette_.height()


def test_an_error_and_its_repairs_leave_room_for_five_rows(
    document: Document, panel: NetworkPanel
) -> None:
    blocks = [block for _ in range(12) for block in (Conv(depth=8, kernel_size=5), ReLU())]
    document.replace_project(Project(Stack().appended(*blocks), Settings()), None)
    document.select(13)
    QApplication.processEvents()
    assert problem(panel).startswith("Block 13 (Conv 8, 5×5) needs maps of at least 5×5")
    buttons = panel.repairs.findChildren(QPushButton)
    assert len([button for button in buttons if button.isVisible()]) == 4
    rows, seen = panel.block_list, panel.block_list.viewport().rect()
    places = [rows.visualRect(rows.model().index(row, 0)) for row in range(24)]
    assert seen.contains(places[12])
    rows_seen = sum(seen.intersects(place) for place in places)
    assert rows_seen >= 5, "the palette, the problem and its repairs take too much of the panel"


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
    QApplication.processEvents()
    assert problem(panel)
    assert panel.height() <= 470, "there is no room for more in a window of 940×620"
    assert rows_in_view(panel)[panel.block_list.currentIndex().row()]


def test_in_a_narrow_panel_or_a_large_font_nothing_of_the_options_is_cut(
    document: Document, panel: NetworkPanel
) -> None:
    scroll = child(panel.inspector, QScrollArea)
    at(panel, 280, 465)
    for slot in document.stack.slots:
        document.select(slot.id)
        QApplication.processEvents()
        page = scroll.widget()
        assert page is not None
        assert page.width() <= scroll.viewport().width(), slot.label
    document.select(1)
    QApplication.processEvents()
    names = [label for label in panel.inspector.findChildren(ElidedLabel) if label.text() == "Conv"]
    assert [label.written() for label in names] == ["Conv"]
    at(panel, 308, 690)
    for slot_id in (1, 3, 4):
        document.select(slot_id)
        QApplication.processEvents()
        assert panel.width() == 308
        for label in panel.findChildren(QLabel):
            if label.isVisible() and not label.wordWrap():
                drawn = label.text().replace("&", "")
                assert label.width() >= label.fontMetrics().horizontalAdvance(drawn), drawn
    font = panel.font()
    font.setPointSizeF(14)
    panel.setFont(font)
    document.select(1)
    at(panel, 280, 620)
    assert page is not None
    assert page.width() <= scroll.viewport().width()


def test_the_input_is_that_of_the_data_though_undo_brings_an_older_one(
    document: Document, edits: Edits, kernel_edits: KernelEdits, qtbot: QtBot
) -> None:
    def adopt() -> None:  # as the session does with the shape of the data
        stack = document.stack
        if stack.input_shape != (1, 14, 14):
            document.set_stack(replace(stack, input_shape=(1, 14, 14)), None)

    edits.add("tanh")
    document.stack_changed.connect(adopt)
    panel = NetworkPanel(document, edits, kernel_edits)
    qtbot.addWidget(panel)
    edits.undo()
    assert document.stack.input_shape == (1, 14, 14)
    assert "Input 1×14×14" in [label.text() for label in panel.findChildren(QLabel)]
