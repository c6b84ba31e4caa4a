"""Several blocks at once, renaming, dragging, the keys alone, and blocks as text."""

import json
import random
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QLineEdit,
    QMainWindow,
    QSpinBox,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from engine.blocks import KINDS, Conv, Dense, Dropout, UnknownBlock
from engine.errors import ProjectError
from engine.model.project import Project
from engine.model.stack import BlockSlot
from engine.model.templates import blank
from gui.document.document import Document
from gui.document.edits import Edits
from gui.document.kernel_edits import KernelEdits
from gui.editor.block_list import BlockList
from gui.editor.editor_actions import blocks_from_text, blocks_to_text
from gui.editor.network_panel import NetworkPanel
from gui.editor.palette import AddButton
from gui.theme import colours_of
from gui.widgets.messages import MessageBar
from tests.gui.editor.gestures import LEFT, click_row, drag, press, pull, row_point, write
from tests.gui.finding import named, not_none
from tests.gui.hands import type_into
from tests.gui.showing import has_colour
from tests.gui.waiting import run_events

CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


def ids(document: Document) -> list[int]:
    return [slot.id for slot in document.stack]


def chosen(document: Document) -> list[int]:
    return list(document.selection)


def highlighted(blocks: BlockList) -> list[int]:
    return sorted(index.row() for index in blocks.selectionModel().selectedIndexes())


def title_editor(blocks: BlockList) -> QLineEdit:
    return named(blocks, QLineEdit, "rename")


def button(panel: NetworkPanel, kind: str) -> AddButton:
    return next(button for button in panel.palette_.buttons if button.kind == kind)


# --- several at once ---------------------------------------------------------------------------


def test_ctrl_shift_and_keys_select_several(document: Document, blocks: BlockList) -> None:
    click_row(blocks, 1)
    click_row(blocks, 3, CTRL)
    assert chosen(document) == [2, 4]
    assert document.selected == 4
    click_row(blocks, 5, SHIFT)
    assert chosen(document) == [2, 4, 5, 6]
    assert highlighted(blocks) == [1, 3, 4, 5]
    click_row(blocks, 4)
    assert chosen(document) == [5]
    click_row(blocks, 4, CTRL)
    assert chosen(document) == []
    click_row(blocks, 1)
    QTest.keyClick(blocks, Qt.Key.Key_Down, SHIFT)
    assert (chosen(document), document.selected) == ([2, 3], 3)
    QTest.keyClick(blocks, Qt.Key.Key_A, CTRL)
    assert chosen(document) == [1, 2, 3, 4, 5, 6, 7]
    QTest.keyClick(blocks, Qt.Key.Key_Escape)
    assert (chosen(document), highlighted(blocks)) == ([], [])


def test_several_are_deleted_duplicated_and_moved_in_one_step_each(
    document: Document, edits: Edits, blocks: BlockList
) -> None:
    click_row(blocks, 1)
    click_row(blocks, 3, CTRL)
    QTest.keyClick(blocks, Qt.Key.Key_Delete)
    assert ids(document) == [1, 3, 5, 6, 7]
    assert document.selected == 5
    assert document.undo_stack.undoText() == "Delete 2 blocks"
    edits.undo()
    assert ids(document) == [1, 2, 3, 4, 5, 6, 7]
    assert highlighted(blocks) == [1, 3]
    QTest.keyClick(blocks, Qt.Key.Key_D, CTRL)
    assert ids(document) == [1, 2, 3, 4, 8, 9, 5, 6, 7]
    assert [slot.label for slot in document.stack.slots[4:6]] == ["Sigmoid", "Dense 100"]
    assert highlighted(blocks) == [4, 5]
    edits.undo()
    assert highlighted(blocks) == [1, 3]
    for moved in ([2, 1, 4, 3, 5, 6, 7], [2, 4, 1, 3, 5, 6, 7], [2, 4, 1, 3, 5, 6, 7]):
        QTest.keyClick(blocks, Qt.Key.Key_Up, ALT)
        assert ids(document) == moved
    assert document.undo_stack.count() == 2  # nothing was left to move
    assert highlighted(blocks) == [0, 1]


# --- renaming ----------------------------------------------------------------------------------


def test_a_title_is_typed_in_its_row(document: Document, blocks: BlockList) -> None:
    click_row(blocks, 0)
    QTest.keyClick(blocks, Qt.Key.Key_F2)
    assert title_editor(blocks).placeholderText() == "Conv 5, 3×3"
    assert title_editor(blocks).accessibleName() == "Title of the block"
    QTest.keyClicks(title_editor(blocks), " Edges ")
    QTest.keyClick(title_editor(blocks), Qt.Key.Key_Return)
    blocks.setFocus()
    assert document.stack.slots[0].title == "Edges", "as where a field loses the focus"
    run_events()  # by now Qt has taken Enter in, too
    assert document.undo_stack.count() == 1
    assert blocks.hasFocus()
    QTest.keyClick(blocks, Qt.Key.Key_F2)
    title_editor(blocks).setCursorPosition(0)
    QTest.keyClick(title_editor(blocks), Qt.Key.Key_Delete)
    assert title_editor(blocks).text() == "dges"
    QTest.keyClick(title_editor(blocks), Qt.Key.Key_Escape)
    assert document.stack.slots[0].title == "Edges"
    assert (len(document.stack), document.undo_stack.count()) == (7, 1)
    QApplication.processEvents()
    QTest.keyClick(blocks, Qt.Key.Key_F2)
    title_editor(blocks).clear()
    QTest.keyClick(title_editor(blocks), Qt.Key.Key_Return)
    QApplication.processEvents()
    assert document.stack.slots[0].label == "Conv 5, 3×3"
    document.set_locked(True)
    QTest.keyClick(blocks, Qt.Key.Key_F2)
    blocks.rename()
    assert blocks.findChild(QLineEdit, "rename") is None


def test_a_title_that_nobody_touched_stays(
    document: Document, edits: Edits, blocks: BlockList
) -> None:
    for changes, title in enumerate((" edges ", "a" * 300, "two\nlines"), 1):
        edits.rename(1, title)
        click_row(blocks, 0)
        QTest.keyClick(blocks, Qt.Key.Key_F2)
        QTest.keyClick(title_editor(blocks), Qt.Key.Key_Return)
        QApplication.processEvents()
        assert document.stack.slots[0].title == title
        assert document.undo_stack.count() == changes


def test_what_is_being_typed_counts_before_the_next_edit(
    document: Document, panel: NetworkPanel, blocks: BlockList
) -> None:
    click_row(blocks, 1)
    QTest.keyClick(blocks, Qt.Key.Key_F2)
    QTest.keyClicks(title_editor(blocks), "Squash")
    QTest.mouseClick(button(panel, "tanh"), LEFT)
    assert labels(document)[:3] == ["Conv 5, 3×3", "Squash", "Tanh"]
    assert document.undo_stack.count() == 2
    document.select(1)
    type_into(named(panel, QSpinBox, "option.depth"), "12", enter=False)
    panel.actions_.add.trigger()
    QTest.mouseClick(button(panel, "relu"), LEFT)
    assert labels(document)[:2] == ["Conv 12, 3×3", "ReLU"]


# --- dragging rows -----------------------------------------------------------------------------


def test_a_line_shows_where_one_or_several_that_are_dragged_would_go(
    document: Document, edits: Edits, blocks: BlockList
) -> None:
    def line() -> list[int]:
        """Return the px down at which a line goes over the whole width."""
        QApplication.processEvents()
        ink = has_colour(blocks.viewport().grab().toImage(), colours_of(blocks.palette()).link)
        return np.flatnonzero(ink.all(axis=1)).tolist()

    pull(blocks.viewport(), row_point(blocks, 1), row_point(blocks, 4, 0.9))
    end = blocks.visualRect(blocks.model().index(4, 0)).bottom()
    assert line()
    assert all(abs(y - end) <= 3 for y in line())
    assert document.undo_stack.count() == 0
    QTest.mouseRelease(blocks.viewport(), LEFT, pos=row_point(blocks, 4, 0.9))
    assert ids(document) == [1, 3, 4, 5, 2, 6, 7]
    assert line() == []
    assert document.undo_stack.undoText() == "Move Sigmoid"
    edits.undo()
    blocks.window().resize(320, 800)
    QApplication.processEvents()
    click_row(blocks, 0)
    click_row(blocks, 2, CTRL)
    end_point = QPoint(60, blocks.viewport().height() - 2)
    drag(blocks.viewport(), row_point(blocks, 2), row_point(blocks, 5), end_point)
    assert ids(document) == [2, 4, 5, 6, 7, 1, 3]
    assert highlighted(blocks) == [5, 6]
    assert document.undo_stack.undoText() == "Move 2 blocks"


def test_a_drag_back_or_given_up_moves_nothing(document: Document, blocks: BlockList) -> None:
    drag(blocks.viewport(), row_point(blocks, 1), row_point(blocks, 4), row_point(blocks, 1, 0.2))
    pull(blocks.viewport(), row_point(blocks, 1), row_point(blocks, 4))
    QTest.keyClick(blocks, Qt.Key.Key_Escape)
    QTest.mouseRelease(blocks.viewport(), LEFT, pos=row_point(blocks, 4))
    drag(blocks.viewport(), row_point(blocks, 1), row_point(blocks, 3), QPoint(-80, 40))
    assert ids(document) == [1, 2, 3, 4, 5, 6, 7]
    assert document.undo_stack.count() == 0
    document.set_locked(True)
    drag(blocks.viewport(), row_point(blocks, 1), row_point(blocks, 4))
    document.set_locked(False)
    assert document.undo_stack.count() == 0


Key = Qt.Key


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
    press(*[Key.Key_Z] * 20, modifier=CTRL)
    assert document.stack == blank().stack


def clip() -> str:
    return QGuiApplication.clipboard().text()


def put(text: str) -> None:
    QGuiApplication.clipboard().setText(text)


def labels(document: Document) -> list[str]:
    return [slot.label for slot in document.stack]


# --- the text ----------------------------------------------------------------------------------


@settings(max_examples=20)
@given(st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=8), st.text(max_size=30))
def test_blocks_come_back_as_they_were(kinds: list[str], title: str) -> None:
    title = " ".join(title.split())
    slots = [BlockSlot(0, KINDS[kind](), title) for kind in kinds]
    assert blocks_from_text(blocks_to_text(slots)) == slots


def test_the_text_can_be_read_by_people_and_by_any_json_reader() -> None:
    text = blocks_to_text(
        [BlockSlot(3, Conv(depth=7), "Edges", locked=True), BlockSlot(4, Dense(units=9))]
    )
    assert json.loads(text)["blocks"][1] == {"id": 4, "block": {"kind": "dense", "units": 9}}
    assert '"title": "Edges"' in text
    assert '"depth": 7' in text
    assert "locked" not in text
    assert max(map(len, text.splitlines())) < 72  # no mail program breaks a line


def test_mail_does_not_harm_the_text_and_an_unknown_kind_is_kept() -> None:
    slots = [BlockSlot(0, Dropout(rate=0.5), "Später")]
    text = blocks_to_text(slots)
    for sent in (
        text.replace("\n", "\r\n"),
        "\ufeff\n\n" + text + "\n\n ",
        text.replace("  ", "\u00a0\u00a0"),
        " ".join(text.split()),
    ):
        assert blocks_from_text(sent) == slots
    raw = {"kind": "lstm", "cells": [1, {"deep": True}]}
    slot = blocks_from_text(copied({"title": "Memory", "block": raw}))[0]
    assert isinstance(slot.block, UnknownBlock)
    assert (slot.block.raw, slot.title) == (raw, "Memory")
    assert blocks_from_text(blocks_to_text([slot])) == [slot]


def copied(*blocks: Mapping[str, object]) -> str:
    return json.dumps({"program": "Layerscope", "blocks": blocks})


RUBBISH = [
    " \n ",
    copied(),
    "Dear Ada, see you on Monday.",
    "7",
    "[1, 2]",
    '{"program": "Layerscope", "blocks": [null]}',
    copied({"units": 5}),
    copied({"title": 5, "block": {"kind": "conv"}}),
    copied({"block": {"kind": "x", "n": float("nan")}}),
    copied({"block": {"kind": "x", "n": 1}}).replace("1", "1e400"),
    "[" * 50_000,
    copied({"block": {"kind": "x", "a": 1}}).replace("1", "[" * 100_000 + "]" * 100_000),
    copied({"block": {"kind": "x", "a": "y" * 1_000_000}}),
]


def test_what_cannot_be_pasted_is_answered_in_a_sentence() -> None:
    for text, said in (
        *((rubbish, r"There are no blocks to paste\.") for rubbish in RUBBISH),
        (
            copied({"block": {"kind": "dense"}}, {"block": {"kind": "dense", "units": 0}}),
            r"Block 2 \(Dense\) of the copied",
        ),
        (copied(*[{"block": {"kind": "conv"}}] * 1001), "The text has 1,001 blocks"),
    ):
        with pytest.raises(ProjectError, match=f"^{said}"):
            blocks_from_text(text)


def test_damaged_text_gives_blocks_or_one_kind_of_error() -> None:
    chance = random.Random(4)
    text = blocks_to_text(
        [BlockSlot(0, Conv(), "Edges"), BlockSlot(0, Dense()), BlockSlot(0, Dropout())]
    )
    refused = 0
    for _ in range(300):
        letters = list(text)
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(letters))
            letters[at : at + chance.randint(0, 3)] = chance.choice(['"', "{", "9", "", "-", "x"])
        try:
            slots = blocks_from_text("".join(letters))
        except ProjectError:
            refused += 1
        else:
            assert blocks_from_text(blocks_to_text(slots)) == slots
    assert 75 < refused < 300


# --- in the window -----------------------------------------------------------------------------


def test_blocks_are_copied_or_cut_and_pasted_after_the_selection_also_elsewhere(
    document: Document, edits: Edits, kernel_edits: KernelEdits, panel: NetworkPanel, qtbot: QtBot
) -> None:
    blocks = panel.block_list
    edits.rename(4, "Hidden")
    kernel_edits.lock((4,), True)
    click_row(blocks, 3)
    click_row(blocks, 4, CTRL)
    QTest.keyClick(blocks, Qt.Key.Key_C, CTRL)
    assert json.loads(clip())["blocks"][0]["block"]["units"] == 100
    click_row(blocks, 6)
    QTest.keyClick(blocks, Qt.Key.Key_V, CTRL)
    assert labels(document)[6:] == ["Sigmoid", "Hidden", "Sigmoid"]
    assert [slot.locked for slot in document.stack if slot.title] == [True, False]
    assert list(document.selection) == [8, 9]
    assert document.undo_stack.undoText() == "Paste 2 blocks"
    edits.undo()
    assert len(document.stack) == 7
    click_row(blocks, 0)
    QTest.keyClick(blocks, Qt.Key.Key_X, CTRL)
    assert labels(document)[0] == "Sigmoid"
    assert document.undo_stack.undoText() == "Cut Conv 5, 3×3"
    other = Document(Project())
    second = NetworkPanel(other, Edits(other), KernelEdits(other), MessageBar(panel))
    qtbot.addWidget(second)
    second.actions_.paste.trigger()
    assert labels(other) == ["Conv 5, 3×3"]
    edits.undo()
    assert labels(document)[0] == "Conv 5, 3×3"


def test_text_fields_keep_their_own_and_under_the_lock_one_may_copy_but_not_cut_or_paste(
    document: Document, panel: NetworkPanel
) -> None:
    search = panel.palette_.search
    search.setFocus()
    QTest.keyClicks(search, "tanh")
    search.selectAll()
    QTest.keyClick(search, Qt.Key.Key_X, CTRL)
    assert (clip(), search.text()) == ("tanh", ""), "text fields keep their own clipboard"
    document.select(1)
    document.set_locked(True)
    blocks = panel.block_list
    blocks.setFocus()
    QTest.keyClick(blocks, Qt.Key.Key_X, CTRL)
    assert clip() == "tanh"
    QTest.keyClick(blocks, Qt.Key.Key_C, CTRL)
    assert '"conv"' in clip()
    QTest.keyClick(blocks, Qt.Key.Key_V, CTRL)
    assert len(document.stack) == 7
    assert panel.actions_.paste.toolTip() == "Pause training first."


def tool_button(panel: NetworkPanel, name: str) -> QToolButton:
    return named(panel.inspector, QToolButton, f"inspector.{name}")


def locked(document: Document) -> list[int]:
    return [slot.id for slot in document.stack if slot.locked]


def test_the_key_locks_the_selected_blocks_that_learn_all_before_any_is_unlocked(
    document: Document, kernel_edits: KernelEdits, edits: Edits, panel: NetworkPanel
) -> None:
    blocks, lock = panel.block_list, panel.actions_.lock
    click_row(blocks, 0)
    click_row(blocks, 3, Qt.KeyboardModifier.ShiftModifier)  # Conv, Sigmoid, Reshape, Dense
    kernel_edits.lock((4,), True)
    assert not lock.isChecked()
    QTest.keyClick(blocks, Qt.Key.Key_K, CTRL)
    assert locked(document) == [1, 4]
    assert lock.isChecked()
    assert document.selection == (1, 2, 3, 4)
    QTest.keyClick(blocks, Qt.Key.Key_K, CTRL)
    assert locked(document) == []
    assert not lock.isChecked()
    kernel_edits.lock((4,), True)
    document.select(3)
    edits.delete()
    document.select(4)
    assert document.report.rows[2].parameters is None
    lock.trigger()
    assert locked(document) == [], "also of a block that does not fit"


def picture(panel: NetworkPanel, row: int) -> QImage:
    rect = panel.block_list.visualRect(panel.block_list.model().index(row, 0))
    return panel.block_list.viewport().grab(rect).toImage()


def test_the_row_says_what_is_locked_and_has_a_padlock_before_its_parameters(
    kernel_edits: KernelEdits, edits: Edits, panel: NetworkPanel
) -> None:
    model = panel.block_list.model()

    def said() -> str:
        return str(model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole))

    plain, before, others = said(), picture(panel, 0), picture(panel, 1)
    kernel_edits.lock((1,), True)
    assert said() == f"{plain} Locked: training leaves it as it is."
    assert "Locked: " in model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    padlock = picture(panel, 0)
    assert padlock != before
    assert picture(panel, 1) == others
    edits.undo()
    assert picture(panel, 0) == before
    for output in (3, 0):
        kernel_edits.lock_kernel(1, output, True)
    assert said() == f"{plain} 2 of its 5 kernels are locked."
    assert picture(panel, 0) == padlock


def test_the_inspector_has_the_buttons_that_suit_the_block(
    document: Document, edits: Edits, panel: NetworkPanel
) -> None:
    wanted: list[str] = []
    panel.actions_.edit_kernels.triggered.connect(lambda: wanted.append("kernels"))
    edits.rename(1, "A very long title that would never fit " * 3)
    document.select(1)
    QApplication.processEvents()
    lock, kernels = tool_button(panel, "lock"), tool_button(panel, "edit_kernels")
    assert lock.visibleRegion().boundingRect() == lock.rect()
    QTest.mouseClick(lock, LEFT)
    assert locked(document) == [1]
    assert lock.isChecked()
    QTest.mouseClick(kernels, LEFT)
    assert wanted == ["kernels"]
    assert lock.accessibleName()
    assert kernels.accessibleName()
    for slot_id, shown in ((1, (True, True)), (2, (False, False)), (4, (True, False))):
        document.select(slot_id)
        assert (lock.isVisible(), kernels.isVisible()) == shown
    document.select_many((1, 4), 1)
    assert (lock.isVisible(), kernels.isVisible()) == (False, False)
