"""The block list: its rows and roles, selection both ways, keys, and rows that grow with errors."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QAbstractItemModel, QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.blocks import Conv, UnknownBlock
from engine.model.project import Project
from engine.model.stack import BlockSlot, Stack
from engine.model.templates import digits
from gui.document.document import Document
from gui.document.edits import Edits
from gui.editor.block_list import BlockList, BlockListModel
from gui.editor.network_panel import NetworkPanel

DISPLAY = Qt.ItemDataRole.DisplayRole
ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole


@pytest.fixture
def blocks(panel: NetworkPanel) -> BlockList:
    return panel.block_list


def texts(model: QAbstractItemModel, role: Qt.ItemDataRole = DISPLAY) -> list[str]:
    return [model.index(row, 0).data(role) for row in range(model.rowCount())]


def click_row(blocks: BlockList, row: int) -> None:
    spot = blocks.visualRect(blocks.model().index(row, 0)).center()
    QTest.mouseClick(blocks.viewport(), Qt.MouseButton.LeftButton, pos=spot)


def row_image(blocks: BlockList, row: int) -> QImage:
    QApplication.processEvents()
    rect = blocks.visualRect(blocks.model().index(row, 0))
    return blocks.viewport().grab(rect).toImage()


def test_the_accessible_text_is_a_sentence_with_shape_and_parameters(
    document: Document, edits: Edits, blocks: BlockList
) -> None:
    spoken = texts(blocks.model(), ACCESSIBLE)
    # 5 · (1 · 3 · 3) kernels and 5 · 26 · 26 biases; 100 · 3380 weights and 100 biases
    assert spoken[0] == "Block 1 of 7: Conv 5, 3×3. Output 5×26×26, 3,425 parameters."
    assert spoken[3] == "Block 4 of 7: Dense 100. Output 100, 338,100 parameters."
    document.select(3)
    edits.delete()
    spoken = texts(blocks.model(), ACCESSIBLE)
    assert spoken[2].startswith("Block 3 of 6: Dense 100. Error: Block 3 (Dense 100) takes a vec")
    assert "a block before it does not fit" in spoken[3]


def test_the_model_keeps_the_rules_of_models_through_all_edits(
    document: Document, edits: Edits, qtbot: QtBot
) -> None:
    model = BlockListModel(document, edits)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    document.select(2)
    changes: list[Callable[[], None]] = [
        lambda: edits.add("conv"),
        edits.duplicate,
        lambda: edits.move(-3),
        lambda: edits.move(6),
        edits.delete,
        lambda: edits.change_option(1, "depth", 9),
        lambda: edits.change_setting("classes", (0, 1, 2)),
    ]
    for change in changes:
        change()
        assert texts(model) == [slot.block.summary() for slot in document.stack]
    while document.undo_stack.canUndo():
        edits.undo()
        assert texts(model) == [slot.block.summary() for slot in document.stack]
    while document.undo_stack.canRedo():
        edits.redo()
    document.replace_project(digits(), None)
    assert texts(model)[0] == "Conv 8, 5×5"
    document.replace_project(Project(), None)
    assert texts(model) == []
    assert tester.model() is model


def test_arrows_walk_and_escape_and_a_click_beside_select_nothing(
    document: Document, edits: Edits, blocks: BlockList
) -> None:
    click_row(blocks, 0)
    QTest.keyClick(blocks, Qt.Key.Key_Down)
    assert document.selected == 2
    QTest.keyClick(blocks, Qt.Key.Key_Escape)
    assert document.selected is None
    assert blocks.selectionModel().selectedIndexes() == []
    click_row(blocks, 0)
    edits.delete()
    edits.delete()
    void = QPoint(40, blocks.viewport().height() - 3)
    QTest.mouseClick(blocks.viewport(), Qt.MouseButton.LeftButton, pos=void)
    assert document.selected is None


def test_selection_focus_and_mouse_are_visible(blocks: BlockList) -> None:
    plain = row_image(blocks, 0)
    hovered = blocks.visualRect(blocks.model().index(0, 0)).center()
    QTest.mouseMove(blocks.viewport(), hovered)
    assert row_image(blocks, 0) != plain
    click_row(blocks, 0)
    focused = row_image(blocks, 0)
    blocks.clearFocus()
    unfocused = row_image(blocks, 0)
    assert focused != unfocused
    assert unfocused != plain


def test_an_unknown_block_is_shown_as_not_fitting(qtbot: QtBot) -> None:
    strange = UnknownBlock({"kind": "lstm"}, "its kind, 'lstm', is not known to this version")
    stack = Stack((BlockSlot(1, strange), BlockSlot(2, Conv())))
    document = Document(Project(stack))
    model = BlockListModel(document, Edits(document))
    assert texts(model) == ["Unknown block lstm", "Conv 5, 3×3"]
    assert "Error: Block 1 (Unknown block lstm) cannot be used" in texts(model, ACCESSIBLE)[0]
