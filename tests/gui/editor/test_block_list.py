"""The block list: its rows and roles, selection both ways, keys, and rows that grow with errors."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QSpinBox

from engine.blocks import Add, Conv, ReLU, UnknownBlock
from engine.model.project import Project
from engine.model.stack import BlockSlot, Stack
from gui.document.document import Document
from gui.document.edits import Edits
from gui.editor.block_list import BlockList
from gui.editor.network_panel import NetworkPanel
from gui.theme import KIND_COLOURS
from tests.approved import assert_approved
from tests.gui.editor.gestures import LEFT, click_row, pull, row_point
from tests.gui.finding import in_words, named, row_texts
from tests.gui.hands import type_into
from tests.gui.showing import has_colour, hover

ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole


def row_image(blocks: BlockList, row: int) -> QImage:
    QApplication.processEvents()
    rect = blocks.visualRect(blocks.model().index(row, 0))
    return blocks.viewport().grab(rect).toImage()


def test_a_row_names_its_block_and_says_more_in_its_tooltip_and_to_a_screen_reader(
    document: Document, edits: Edits, blocks: BlockList
) -> None:
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
    QApplication.processEvents()
    bar, low = blocks.verticalScrollBar(), blocks.viewport().height() - 3
    assert bar.value() == 0
    pull(blocks.viewport(), row_point(blocks, 0), *(QPoint(60 + x, low) for x in range(20)))
    assert bar.value() == bar.maximum(), "a drag scrolls"
    QTest.mouseRelease(blocks.viewport(), LEFT, pos=QPoint(60, low))
    assert [slot.id for slot in document.stack].index(1) >= 15


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


def residual() -> Project:
    same = Conv(depth=4, kernel_size=3, padding="same", bias="channel")
    blocks = (same, ReLU(), same, Add(source=2), ReLU(), same, Add(source=5), Add(source=1))
    return Project(Stack().appended(*blocks))


def arc_image(blocks: BlockList, x: float) -> list[bool]:
    """Return between which rows an arc passes at a place beside them, from the first two on."""
    QApplication.processEvents()
    image = blocks.viewport().grab().toImage()
    rows = range(blocks.model().rowCount() - 1)
    ends = [blocks.visualRect(blocks.model().index(row, 0)).bottom() for row in rows]
    strips = (image.copy(round(x) - 1, end - 1, 3, 2) for end in ends)
    ground = blocks.palette().base().color()
    return [not has_colour(strip, ground).all() for strip in strips]


def test_an_arc_leads_from_a_block_to_the_one_that_adds_its_output(
    document: Document, edits: Edits, blocks: BlockList
) -> None:
    document.replace_project(residual(), None)
    texts = row_texts(blocks.model(), Qt.ItemDataRole.DisplayRole)
    assert [texts[row] for row in (3, 6, 7)] == ["Add block 2", "Add block 5", "Add block 1"]
    (inner, other, outer) = blocks.arcs
    assert (inner.source, inner.target) == (1, 3)
    assert (other.source, other.target, other.lane) == (4, 6, inner.lane)
    assert (outer.source, outer.target) == (0, 7)
    near, far = (blocks._points_of(arc)[1].x() for arc in (inner, outer))
    assert 0 < far < near
    assert arc_image(blocks, near) == [False, True, True, False, True, True, False]
    assert arc_image(blocks, far) == [True] * 7
    document.select(4)
    edits.move_selection_to(2)  # up, over the Conv before it: the arc is one row shorter
    near = blocks._points_of(blocks.arcs[0])[1].x()
    assert arc_image(blocks, near) == [False, True, False, False, True, True, False]
    edits.undo()
    document.select(2)
    edits.delete()
    assert [(arc.source, arc.target) for arc in blocks.arcs] == [(3, 5), (0, 6)]
    document.replace_project(Project(), None)
    assert blocks.arcs == []


def test_an_arc_is_stronger_while_one_of_its_rows_is_selected_or_under_the_pointer(
    document: Document, blocks: BlockList
) -> None:
    document.replace_project(residual(), None)
    document.select(None)
    blocks.clearFocus()  # which is framed

    def ink() -> int:
        """Count what is darkened beside the row between the two."""
        QApplication.processEvents()
        beside = blocks.visualRect(blocks.model().index(2, 0))
        beside.setWidth(round(blocks._points_of(blocks.arcs[0])[0].x()))
        image = blocks.viewport().grab(beside).toImage()
        return int((~has_colour(image, blocks.palette().base().color())).sum())

    plain = ink()
    for row in (1, 3):
        hover(blocks.viewport(), blocks.visualRect(blocks.model().index(row, 0)).center())
        assert ink() > plain
        hover(blocks.viewport(), blocks.visualRect(blocks.model().index(4, 0)).center())
        assert ink() == plain
    document.select(4)
    assert ink() > plain
    document.select(6)
    assert ink() == plain


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
