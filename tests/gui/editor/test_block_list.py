"""The block list: its rows and roles, selection both ways, keys, and rows that grow with errors."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QSpinBox

from engine.blocks import UnknownBlock
from engine.model.project import Project
from engine.model.stack import BlockSlot, Stack
from gui.document.document import Document
from gui.document.edits import Edits
from gui.editor.block_list import BlockList
from gui.editor.network_panel import NetworkPanel
from gui.theme import KIND_COLOURS
from tests.approved import assert_approved
from tests.gui.editor.gestures import click_row
from tests.gui.finding import in_words, named, row_texts
from tests.gui.hands import type_into
from tests.gui.showing import has_colour

ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole


def row_image(blocks: BlockList, row: int) -> QImage:
    QApplication.processEvents()
    rect = blocks.visualRect(blocks.model().index(row, 0))
    return blocks.viewport().grab(rect).toImage()


def test_a_row_names_its_block_and_says_more_in_its_tooltip_and_to_a_screen_reader(
    document: Document, edits: Edits, blocks: BlockList
) -> None:
    """Of 5 · 3 · 3 kernel values and 5 · 26 · 26 biases; of 100 · 3380 weights and 100 biases."""
    said = list[str]()

    def note(title: str) -> None:
        said.append(f"# {title}")
        roles = Qt.ItemDataRole.DisplayRole, ACCESSIBLE, Qt.ItemDataRole.ToolTipRole
        for row in zip(*(row_texts(blocks.model(), role) for role in roles), strict=True):
            said.append(" | ".join(" ".join(in_words(text).split()) for text in row))

    edits.rename(1, "Edges")
    note("the notebook, with a title")
    document.select(3)
    edits.delete()
    note("without its Reshape")
    strange = UnknownBlock({"kind": "lstm"}, "its kind, 'lstm', is not known to this version")
    document.replace_project(Project(Stack((BlockSlot(1, strange),))), None)
    note("a block of another version")
    assert_approved("blocks.txt", "\n".join(said) + "\n")


def test_clicks_and_arrows_select_and_escape_and_a_click_beside_select_nothing(
    document: Document, edits: Edits, blocks: BlockList
) -> None:
    blocks.setFocus()
    assert not blocks.currentIndex().isValid()
    QTest.keyClick(blocks, Qt.Key.Key_Down)
    assert document.selected == 1
    click_row(blocks, 3)
    assert document.selected == 4
    QTest.keyClick(blocks, Qt.Key.Key_Down)
    assert document.selected == 5
    document.select(7)
    assert [index.row() for index in blocks.selectionModel().selectedIndexes()] == [6]
    edits.delete()
    assert blocks.currentIndex().row() == 5
    edits.undo()
    assert blocks.currentIndex().row() == 6
    QTest.keyClick(blocks, Qt.Key.Key_Escape)
    assert document.selected is None
    assert blocks.selectionModel().selectedIndexes() == []
    click_row(blocks, 0)
    for _ in range(2):
        edits.delete()
    void = QPoint(40, blocks.viewport().height() - 3)
    QTest.mouseClick(blocks.viewport(), Qt.MouseButton.LeftButton, pos=void)
    assert document.selected is None


def test_a_long_list_stays_put_under_a_click_and_shows_what_moves(
    document: Document, edits: Edits, panel: NetworkPanel
) -> None:
    blocks = panel.block_list
    for _ in range(12):
        edits.add("tanh")
    document.select(1)
    QApplication.processEvents()
    assert blocks.verticalScrollBar().value() == 0
    blocks.verticalScrollBar().setValue(blocks.verticalScrollBar().maximum())
    type_into(named(panel, QSpinBox, "option.depth"), "6", enter=False)
    click_row(blocks, 18)  # takes the focus from the field, which commits
    assert [document.stack.slots[0].label, document.selected] == ["Conv 6, 3×3", 19]
    edits.move_selection_to(0)
    QApplication.processEvents()
    assert blocks.verticalScrollBar().value() == 0
    edits.undo()
    QApplication.processEvents()
    assert blocks.viewport().rect().contains(blocks.visualRect(blocks.currentIndex()))
    document.select(1)
    assert blocks.verticalScrollBar().value() == 0


def test_a_row_grows_with_its_error_and_shrinks_again_and_none_is_wider_than_the_list(
    document: Document, edits: Edits, blocks: BlockList
) -> None:
    def height(row: int) -> int:
        QApplication.processEvents()
        return blocks.visualRect(blocks.model().index(row, 0)).height()

    usual = height(3)
    document.select(3)
    edits.delete()
    assert height(2) > usual + 2 * blocks.fontMetrics().height()
    assert height(3) == usual
    narrow = height(2)
    blocks.window().resize(620, 690)
    assert height(2) < narrow
    blocks.window().resize(320, 690)
    edits.rename(1, "A very long title of a block that has a lot to say about itself")
    QApplication.processEvents()
    assert blocks.horizontalScrollBar().maximum() == 0
    rects = [blocks.visualRect(blocks.model().index(row, 0)) for row in range(6)]
    assert all(rect.width() <= blocks.viewport().width() for rect in rects)
    for _ in range(2):
        edits.undo()
    assert height(3) == usual


def test_kind_selection_focus_and_mouse_are_visible(blocks: BlockList) -> None:
    groups = ["Convolution", "Activation", "Shape", "Dense", "Activation", "Dense", "Activation"]
    for row, group in enumerate(groups):
        assert has_colour(row_image(blocks, row), KIND_COLOURS[group]).any()
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
