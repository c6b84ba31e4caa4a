"""The kernel editor by mouse and keys: which kernel it shows, its lock, its names."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QSpinBox,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from engine.model.templates import colour, digits, notebook
from engine.model.weights import initial_weights
from gui.document.document import Document
from gui.document.edits import Edits
from gui.document.kernel_edits import KernelEdits
from gui.document.kernel_place import KernelPlace
from gui.kernel_editor.dialog import KernelEditor
from tests.gui.finding import child
from tests.gui.kernel_editor.kernels import choose, click, kernel, opened, press, text

Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier


# --- which kernel -------------------------------------------------------------------------------


def test_channels_of_an_image_in_colour_are_named(
    document: Document, window: QWidget, qtbot: QtBot
) -> None:
    document.replace_project(colour(), None)
    first, second = (document.stack.slots[place].id for place in (0, 4))
    editor = opened(document, window, qtbot, KernelPlace(first, 2, 1))
    channel = editor.findChild(QSpinBox, "kernel.channel")
    assert channel is not None
    assert channel.text() == "2 of 3, green"
    channel.stepUp()
    assert channel.text() == "3 of 3, blue"
    editor.show_kernel_at(KernelPlace(second, 0, 0))
    assert channel.text() == "1 of 16"


def test_other_kernels_are_chosen_by_boxes_and_keys(
    document: Document, edits: Edits, window: QWidget, qtbot: QtBot
) -> None:
    document.replace_project(digits(), None)
    edits.add("conv", 2)
    slot_id = document.stack.slots[2].id
    editor = opened(document, window, qtbot, KernelPlace(slot_id, 1, 2))
    channels = kernel(document, slot_id=slot_id).shape and document.report.rows[2].input_shape
    assert channels is not None
    boxes = [editor.findChild(QSpinBox, f"kernel.{name}") for name in ("map", "channel")]
    output, channel = (box for box in boxes if box is not None)
    assert (output.text(), channel.text()) == ("2 of 5", f"3 of {channels[0]}")
    assert np.array_equal(editor.grid.values(), kernel(document, 1, 2, slot_id))
    output.stepUp()
    assert np.array_equal(editor.grid.values(), kernel(document, 2, 2, slot_id))
    press(Key.Key_PageDown)
    assert np.array_equal(editor.grid.values(), kernel(document, 2, 3, slot_id))
    editor.show_kernel_at(KernelPlace(slot_id, 0, 0))
    press(Key.Key_PageUp)  # from the first to the last
    assert editor.place() == (slot_id, 4, channels[0] - 1)
    choose(editor, "sobel_x")
    assert kernel(document, 4, channels[0] - 1, slot_id)[1, 2] == 2
    assert "K<sub>5," in editor.chooser.name()


def test_the_same_window_turns_to_another_kernel(
    editor: KernelEditor, document: Document, window: QWidget, qtbot: QtBot
) -> None:
    assert opened(document, window, qtbot, KernelPlace(1, 3, 0)) is editor
    assert np.array_equal(editor.grid.values(), kernel(document, 3))
    assert editor.windowTitle() == "Kernel 4, 1 of Conv 5, 3×3"
    press(Key.Key_Escape)
    assert not editor.isVisible()
    assert opened(document, window, qtbot, KernelPlace(1, 2, 0)) is not editor


@pytest.mark.parametrize(("name", "value"), [("seed", 5), ("initializer", "glorot")])
def test_another_seed_is_followed_while_nothing_is_trained(
    editor: KernelEditor, document: Document, edits: Edits, name: str, value: object
) -> None:
    before = editor.grid.values().copy()
    edits.change_setting(name, value)
    weights = initial_weights(
        document.report, document.settings.seed, document.settings.initializer
    )
    assert np.array_equal(editor.grid.values(), weights[1]["weight"][0, 0])
    assert not np.array_equal(editor.grid.values(), before)


def test_edits_elsewhere_are_followed(
    editor: KernelEditor, document: Document, edits: Edits
) -> None:
    editor.show_kernel_at(KernelPlace(1, 4, 0))
    edits.change_option(1, "depth", 3)
    assert editor.place() == (1, 2, 0)
    assert np.array_equal(editor.grid.values(), kernel(document, 2))
    edits.rename(1, "Edges")
    assert editor.windowTitle() == "Kernel 3, 1 of Edges"
    edits.undo()
    document.select(1)
    edits.delete()
    assert not editor.isVisible()


def test_a_block_that_does_not_fit_has_no_kernels_to_edit(
    editor: KernelEditor, edits: Edits
) -> None:
    edits.change_option(1, "kernel_size", 31)
    assert "it has no kernels" in text(editor, "kernel.problem")
    assert not editor.grid.isEnabled()
    edits.undo()
    assert editor.grid.isEnabled()
    assert text(editor, "kernel.problem") == ""


# --- locks --------------------------------------------------------------------------------------


def test_a_kernel_is_locked_by_its_box(
    editor: KernelEditor, document: Document, kernel_edits: KernelEdits
) -> None:
    lock = child(editor, QCheckBox)
    editor.show_kernel_at(KernelPlace(1, 2, 0))
    click(editor, "lock")
    assert document.stack.slot(1).locked_kernels == (2,)
    assert lock.isChecked()
    editor.show_kernel_at(KernelPlace(1, 3, 0))
    assert not lock.isChecked()
    editor.grid.setFocus()
    press(Key.Key_Z, modifier=CTRL)
    assert document.stack.slot(1).locked_kernels == ()
    kernel_edits.lock((1,), True)
    assert lock.isChecked()
    assert not lock.isEnabled()
    assert "The whole block is locked" in lock.toolTip()
    assert editor.grid.isEnabled(), "a lock is against training, not against its user"


def test_while_training_runs_it_shows_the_kernel_and_says_why_it_cannot_be_edited(
    editor: KernelEditor, document: Document
) -> None:
    document.set_locked(True)
    controls: list[QWidget] = [
        *(b for b in editor.findChildren(QToolButton) if b.objectName() != "kernel.close"),
        *(b for b in editor.findChildren(QAbstractSpinBox) if b.objectName() == "kernel.value"),
        *editor.findChildren(QCheckBox),
    ]
    assert len(controls) > 10
    for control in controls:
        assert not control.isEnabled(), control.objectName()
        assert control.toolTip() == "Pause training first.", control.objectName()
    assert text(editor, "kernel.hint") == "Pause training first."
    trained = initial_weights(document.report, 7, "lecun")
    document.keep_learned(trained, 1)
    assert np.array_equal(editor.grid.values(), trained[1]["weight"][0, 0])
    document.set_locked(False)
    assert editor.grid.isEnabled()
    assert text(editor, "kernel.hint").startswith("Click a cell")
    click(editor, "negate")
    assert np.array_equal(kernel(document), -trained[1]["weight"][0, 0])


# --- names --------------------------------------------------------------------------------------


def test_every_control_has_a_name_and_is_reached_by_tab(editor: KernelEditor) -> None:
    controls = [
        widget
        for widget in editor.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.isVisible()
        and not isinstance(widget.parentWidget(), QAbstractSpinBox)
    ]
    unnamed = [each.objectName() for each in controls if not each.accessibleName()]
    assert [each for each in unnamed if each != "kernel.lock"] == []
    assert child(editor, QCheckBox).text() == "Lock this kernel"
    seen: set[QWidget | None] = set()
    for _ in range(40):
        seen.add(QApplication.focusWidget())
        press(Key.Key_Tab)
    assert {each for each in controls if each.isEnabled()} <= seen


def test_the_notebook_is_not_touched_by_looking(editor: KernelEditor, document: Document) -> None:
    for _ in range(5):
        press(Key.Key_PageDown)
    press(Key.Key_Escape)
    assert document.project() == notebook()
    assert not document.modified
