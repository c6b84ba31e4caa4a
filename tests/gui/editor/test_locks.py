"""Locks in the list of blocks: the action, the mark in the row, the buttons of the inspector."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton

from gui.document.document import Document
from gui.document.edits import Edits
from gui.document.kernel_edits import KernelEdits
from gui.editor.network_panel import NetworkPanel
from tests.gui.editor.gestures import LEFT, click_row
from tests.gui.finding import named

CTRL = Qt.KeyboardModifier.ControlModifier


def button(panel: NetworkPanel, name: str) -> QToolButton:
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


def ink(image: QImage, other: QImage) -> list[int]:
    """The columns in which two pictures differ."""
    assert image.size() == other.size()
    rows, columns = range(image.height()), range(image.width())
    return [x for x in columns if any(image.pixel(x, y) != other.pixel(x, y) for y in rows)]


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
    columns = ink(before, picture(panel, 0))
    assert 4 < len(columns) <= 14
    assert before.width() / 2 < columns[0] < before.width() - 30
    assert not ink(others, picture(panel, 1))
    edits.undo()
    assert not ink(before, picture(panel, 0))
    for output in (3, 0):
        kernel_edits.lock_kernel(1, output, True)
    assert said() == f"{plain} 2 of its 5 kernels are locked."
    assert len(ink(before, picture(panel, 0))) > len(columns), "and how many kernels"


def test_the_inspector_has_the_buttons_that_suit_the_block(
    document: Document, edits: Edits, panel: NetworkPanel
) -> None:
    wanted: list[str] = []
    panel.actions_.edit_kernels.triggered.connect(lambda: wanted.append("kernels"))
    edits.rename(1, "A very long title that would never fit " * 3)
    document.select(1)
    QApplication.processEvents()
    lock, kernels = button(panel, "lock"), button(panel, "edit_kernels")
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
