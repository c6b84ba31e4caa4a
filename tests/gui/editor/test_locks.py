"""Locks in the list of blocks: the action, the mark in the row, the buttons of the inspector."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton

from gui.document.document import Document
from gui.document.edits import Edits
from gui.document.kernel_edits import KernelEdits
from gui.editor.network_panel import NetworkPanel
from tests.gui.editor.gestures import LEFT, click_row

CTRL = Qt.KeyboardModifier.ControlModifier


def action(panel: NetworkPanel, name: str) -> QAction:
    return getattr(panel.actions_, name)  # type: ignore[no-any-return]


def button(panel: NetworkPanel, name: str) -> QToolButton:
    found = panel.inspector.findChild(QToolButton, f"inspector.{name}")
    assert found is not None
    return found


def locked(document: Document) -> list[int]:
    return [slot.id for slot in document.stack if slot.locked]


def test_the_key_locks_the_selected_blocks_that_learn(
    document: Document, panel: NetworkPanel
) -> None:
    blocks = panel.block_list
    click_row(blocks, 0)
    click_row(blocks, 3, Qt.KeyboardModifier.ShiftModifier)  # Conv, Sigmoid, Reshape, Dense
    QTest.keyClick(blocks, Qt.Key.Key_K, CTRL)
    assert locked(document) == [1, 4]
    assert action(panel, "lock").isChecked()
    assert document.undo_stack.undoText() == "Lock 2 blocks"
    assert document.selection == (1, 2, 3, 4)
    QTest.keyClick(blocks, Qt.Key.Key_K, CTRL)
    assert locked(document) == []
    assert not action(panel, "lock").isChecked()


def test_of_several_blocks_all_are_locked_before_any_is_unlocked(
    document: Document, kernel_edits: KernelEdits, panel: NetworkPanel
) -> None:
    kernel_edits.lock((4,), True)
    document.select_many((1, 4), 4)
    lock = action(panel, "lock")
    assert not lock.isChecked()
    lock.trigger()
    assert locked(document) == [1, 4]
    assert lock.isChecked()


def test_a_block_that_learns_nothing_cannot_be_locked_and_it_is_said_why(
    document: Document, panel: NetworkPanel
) -> None:
    lock = action(panel, "lock")
    assert (lock.isEnabled(), lock.toolTip()) == (False, "Select a block first.")
    document.select(2)
    assert not lock.isEnabled()
    assert lock.toolTip() == "It learns nothing, so there is nothing to lock."
    document.select(1)
    assert lock.isEnabled()
    assert lock.toolTip() == "Keep training from changing the selected block (Ctrl+K)"
    document.set_locked(True)
    assert (lock.isEnabled(), lock.toolTip()) == (False, "Stop training to change this.")


def test_a_lock_can_be_taken_off_a_block_that_does_not_fit(
    document: Document, kernel_edits: KernelEdits, edits: Edits, panel: NetworkPanel
) -> None:
    kernel_edits.lock((4,), True)
    document.select(3)
    edits.delete()
    document.select(4)
    assert document.report.rows[2].parameters is None
    action(panel, "lock").trigger()
    assert locked(document) == []


def test_the_row_says_what_is_locked(
    kernel_edits: KernelEdits, edits: Edits, panel: NetworkPanel
) -> None:
    model = panel.block_list.model()

    def said(row: int) -> str:
        return str(model.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole))

    plain = said(0)
    kernel_edits.lock((1,), True)
    assert said(0) == f"{plain} Locked: training leaves it as it is."
    assert "Locked: " in model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    edits.undo()
    kernel_edits.lock_kernel(1, 3, True)
    kernel_edits.lock_kernel(1, 0, True)
    assert said(0) == f"{plain} 2 of its 5 kernels are locked."


def picture(panel: NetworkPanel, row: int) -> QImage:
    rect = panel.block_list.visualRect(panel.block_list.model().index(row, 0))
    return panel.block_list.viewport().grab(rect).toImage()


def ink(image: QImage, other: QImage) -> list[int]:
    """The columns in which two pictures differ."""
    assert image.size() == other.size()
    rows, columns = range(image.height()), range(image.width())
    return [x for x in columns if any(image.pixel(x, y) != other.pixel(x, y) for y in rows)]


def test_the_row_has_a_padlock_before_its_parameters(
    kernel_edits: KernelEdits, edits: Edits, panel: NetworkPanel
) -> None:
    before, others = picture(panel, 0), picture(panel, 1)
    kernel_edits.lock((1,), True)
    columns = ink(before, picture(panel, 0))
    assert 4 < len(columns) <= 14
    assert before.width() / 2 < columns[0] < before.width() - 30
    assert not ink(others, picture(panel, 1))
    edits.undo()
    assert not ink(before, picture(panel, 0))
    kernel_edits.lock_kernel(1, 0, True)
    assert len(ink(before, picture(panel, 0))) > len(columns), "and how many kernels"


def test_the_inspector_locks_and_opens_the_kernels(document: Document, panel: NetworkPanel) -> None:
    wanted: list[str] = []
    action(panel, "edit_kernels").triggered.connect(lambda: wanted.append("kernels"))
    document.select(1)
    QTest.mouseClick(button(panel, "lock"), LEFT)
    assert locked(document) == [1]
    assert button(panel, "lock").isChecked()
    QTest.mouseClick(button(panel, "edit_kernels"), LEFT)
    assert wanted == ["kernels"]
    for name in ("lock", "edit_kernels"):
        assert button(panel, name).accessibleName()


@pytest.mark.parametrize(
    ("slot_id", "shown"), [(1, {"lock", "edit_kernels"}), (2, set()), (4, {"lock"})]
)
def test_the_inspector_shows_the_buttons_that_suit_the_block(
    document: Document, panel: NetworkPanel, slot_id: int, shown: set[str]
) -> None:
    document.select(slot_id)
    names = ("lock", "edit_kernels")
    assert {name for name in names if button(panel, name).isVisible()} == shown
    document.select_many((1, 4), 1)
    assert not any(button(panel, name).isVisible() for name in names)


def test_kernels_are_edited_of_one_conv_alone(document: Document, panel: NetworkPanel) -> None:
    edit = action(panel, "edit_kernels")
    assert edit.toolTip() == "Select a block first."
    document.select(4)
    assert (edit.isEnabled(), edit.toolTip()) == (False, "Select one Conv block first.")
    document.select(1)
    assert edit.isEnabled()
    document.set_locked(True)
    assert edit.isEnabled(), "they can be looked at while training runs"


def test_a_long_title_is_cut_in_the_inspector(
    document: Document, edits: Edits, panel: NetworkPanel
) -> None:
    edits.rename(1, "A very long title that would never fit " * 3)
    document.select(1)
    QApplication.processEvents()
    assert button(panel, "lock").visibleRegion().boundingRect() == button(panel, "lock").rect()
