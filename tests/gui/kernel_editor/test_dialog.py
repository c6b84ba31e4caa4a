"""The kernel editor by mouse and keys: which kernel it shows, its lock, its names."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QLabel,
    QSpinBox,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from engine.array_types import Array
from engine.data.sources import load
from engine.inspection.snapshot import Sample, Snapshot, take_snapshot
from engine.model.network import Network
from engine.model.templates import colour, notebook
from engine.model.weights import initial_weights
from gui.document.document import Document
from gui.document.edits import Edits
from gui.document.kernel_edits import KernelEdits
from gui.document.kernel_place import KernelPlace
from gui.kernel_editor.dialog import KernelEditor, open_kernel_editor
from tests.correlation import correlate2d
from tests.engine.closeness import relative_error
from tests.gui.editor.gestures import LEFT, drag, press, pull, write
from tests.gui.finding import child, focusable, named, not_none, unnamed
from tests.gui.hands import type_into


def opened(document: Document, window: QWidget, qtbot: QtBot, place: KernelPlace) -> KernelEditor:
    edits, kernel_edits = Edits(document), KernelEdits(document)
    editor = open_kernel_editor(document, edits, kernel_edits, place, window)
    qtbot.waitUntil(editor.isActiveWindow)
    return editor


def kernel(document: Document, output: int = 0, channel: int = 0, slot_id: int = 1) -> Array:
    return not_none(document.kernel(KernelPlace(slot_id, output, channel)))


def steps(document: Document) -> list[str]:
    return [document.undo_stack.text(i) for i in range(document.undo_stack.count())]


def at(editor: KernelEditor, row: int, column: int) -> QPoint:
    return editor.grid.cells().cell(row, column).center().toPoint()


def click(editor: KernelEditor, name: str) -> None:
    button = named(editor, QAbstractButton, f"kernel.{name}")
    assert button.isEnabled(), button.toolTip()
    QTest.mouseClick(button, LEFT, pos=QPoint(8, button.height() // 2))


def choose(editor: KernelEditor, name: str) -> None:
    """Choose an entry of a menu."""
    action = named(editor, QAction, f"kernel.{name}")
    assert action.isEnabled(), action.toolTip()
    action.trigger()


def text(editor: KernelEditor, name: str) -> str:
    label = named(editor, QLabel, name)
    return label.text() if label.isVisible() else ""


@pytest.fixture
def editor(document: Document, window: QWidget, qtbot: QtBot) -> KernelEditor:
    return opened(document, window, qtbot, KernelPlace(1, 0, 0))


Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier


# --- which kernel -------------------------------------------------------------------------------


def test_other_kernels_are_chosen_by_boxes_and_channels_of_colours_are_named(
    document: Document, window: QWidget, qtbot: QtBot
) -> None:
    document.replace_project(colour(), None)
    first, slot_id = (document.stack.slots[place].id for place in (0, 4))
    editor = opened(document, window, qtbot, KernelPlace(slot_id, 1, 2))
    row = document.report.rows[4]
    depth, channels = not_none(row.output_shape)[0], not_none(row.input_shape)[0]
    output, channel = (named(editor, QSpinBox, f"kernel.{name}") for name in ("map", "channel"))
    assert (output.text(), channel.text()) == (f"2 of {depth}", f"3 of {channels}")
    assert np.array_equal(editor.grid.values(), kernel(document, 1, 2, slot_id))
    output.stepUp()
    assert np.array_equal(editor.grid.values(), kernel(document, 2, 2, slot_id))
    channel.stepUp()
    assert np.array_equal(editor.grid.values(), kernel(document, 2, 3, slot_id))
    editor.show_kernel_at(KernelPlace(slot_id, 0, 0))
    output.stepDown()  # from the first to the last
    channel.stepDown()
    assert editor._place == (slot_id, depth - 1, channels - 1)
    choose(editor, "sobel_x")
    assert kernel(document, depth - 1, channels - 1, slot_id)[1, 2] == 2
    assert f"K<sub>{depth}," in editor.chooser.name()
    editor.show_kernel_at(KernelPlace(first, 2, 1))
    assert channel.text() == "2 of 3, green"
    channel.stepUp()
    assert channel.text() == "3 of 3, blue"


def test_the_same_window_turns_to_another_kernel(
    editor: KernelEditor, document: Document, window: QWidget, qtbot: QtBot
) -> None:
    assert opened(document, window, qtbot, KernelPlace(1, 3, 0)) is editor
    assert np.array_equal(editor.grid.values(), kernel(document, 3))
    assert editor.windowTitle() == "Kernel 4, 1 of Conv 5, 3×3"
    QTest.keyClick(editor.grid, Key.Key_Escape)
    assert not editor.isVisible()
    assert document.project() == notebook()
    assert not document.modified
    assert opened(document, window, qtbot, KernelPlace(1, 2, 0)) is not editor


def test_it_follows_edits_elsewhere(editor: KernelEditor, document: Document, edits: Edits) -> None:
    for name, value in (("seed", 5), ("initializer", "glorot")):
        before = editor.grid.values().copy()
        edits.change_setting(name, value)
        settings = document.settings
        weights = initial_weights(document.report, settings.seed, settings.initializer)
        assert np.array_equal(editor.grid.values(), weights[1]["weight"][0, 0])
        assert not np.array_equal(editor.grid.values(), before)
    editor.show_kernel_at(KernelPlace(1, 4, 0))
    edits.change_option(1, "depth", 3)
    assert editor._place == (1, 2, 0)
    assert np.array_equal(editor.grid.values(), kernel(document, 2))
    edits.rename(1, "Edges")
    assert editor.windowTitle() == "Kernel 3, 1 of Edges"
    edits.change_option(1, "kernel_size", 31)  # with which it does not fit
    assert "it has no kernels" in text(editor, "kernel.problem")
    assert not editor.grid.isEnabled()
    edits.undo()
    assert editor.grid.isEnabled()
    assert text(editor, "kernel.problem") == ""
    document.select(1)
    edits.delete()
    assert not editor.isVisible()


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
    controls = focusable(editor)
    assert unnamed(controls) == []
    assert child(editor, QCheckBox).text() == "Lock this kernel"
    seen: set[QWidget | None] = set()
    for _ in range(40):
        seen.add(QApplication.focusWidget())
        press(Key.Key_Tab)
    assert {each for each in controls if each.isEnabled()} <= seen


RIGHT = Qt.MouseButton.RightButton


# --- cells --------------------------------------------------------------------------------------


def test_values_are_typed_cell_after_cell(editor: KernelEditor, document: Document) -> None:
    QTest.mouseClick(editor.grid, LEFT, pos=at(editor, 0, 1))
    before = kernel(document).copy()
    for value in ("0.5", "-2", "1e-3"):
        write(value)
        press(Key.Key_Return)
    expected = before.copy()
    expected[0, 1], expected[0, 2], expected[1, 0] = 0.5, -2, 1e-3
    assert np.array_equal(kernel(document), expected)
    assert editor.grid.hasFocus()
    assert editor.grid.current == (1, 1)
    assert np.array_equal(editor.grid.values(), expected)
    assert steps(document) == ["Set cell: kernel 1, 1 of Conv 5, 3×3"] * 3
    press(*[Key.Key_Z] * 3, modifier=CTRL)
    assert np.array_equal(kernel(document), before)
    assert np.array_equal(editor.grid.values(), before)
    press(Key.Key_Y, modifier=CTRL)
    assert kernel(document)[0, 1] == 0.5


def test_arrows_go_to_the_cells_and_what_is_no_number_is_answered_in_words(
    editor: KernelEditor, document: Document
) -> None:
    field, before = named(editor, QAbstractSpinBox, "kernel.value"), kernel(document).copy()
    press(Key.Key_Down, Key.Key_Right, Key.Key_Right, Key.Key_Right)
    assert editor.grid.current == (1, 2)
    assert float(field.text()) == pytest.approx(before[1, 2], rel=1e-5)
    assert field.accessibleName() == "Value of row 2, column 3"
    press(Key.Key_Return)  # Enter begins to edit what is there
    assert field.hasFocus()
    write("9999999")
    press(Key.Key_Return)
    said = "must be a number from -1,000,000 to 1,000,000, not '9999999'"
    assert said in text(editor, "kernel.problem")
    assert np.array_equal(kernel(document), before)


def test_one_cell_is_stepped_painted_and_cleared_by_keys_and_clicks(
    editor: KernelEditor, document: Document
) -> None:
    press(Key.Key_Return, Key.Key_Up, Key.Key_Up, Key.Key_Up)
    assert len(steps(document)) == 1, "steps of one cell are one"
    editor.grid.setFocus()
    press(Key.Key_Space, Key.Key_Down, Key.Key_Delete)
    assert (kernel(document)[0, 0], kernel(document)[1, 0]) == (1.0, 0.0)
    assert len(steps(document)) == 3
    QTest.mouseClick(editor.grid, LEFT, pos=at(editor, 1, 2))
    assert len(steps(document)) == 3, "a click paints nothing"
    assert editor.grid.current == (1, 2)
    QTest.mouseClick(editor.grid, RIGHT, pos=at(editor, 2, 0))
    assert kernel(document)[2, 0] == 1.0
    assert len(steps(document)) == 4


# --- strokes ------------------------------------------------------------------------------------


def test_a_stroke_with_the_brush_is_one_step_or_given_up_by_escape(
    editor: KernelEditor, document: Document
) -> None:
    before = kernel(document).copy()
    pull(editor.grid, at(editor, 2, 2), at(editor, 2, 1))
    assert editor.grid.values()[2, 1] == editor.grid.values()[2, 2] == 1.0
    assert np.array_equal(kernel(document), before)
    press(Key.Key_Escape)
    assert np.array_equal(editor.grid.values(), before)
    assert editor.isVisible()
    QTest.mouseMove(editor.grid, at(editor, 0, 0))
    QTest.mouseRelease(editor.grid, LEFT, pos=at(editor, 0, 0))
    assert steps(document) == []
    type_into(named(editor, QAbstractSpinBox, "kernel.brush"), "-0.75")
    drag(editor.grid, at(editor, 0, 0), at(editor, 0, 1), at(editor, 1, 1))
    expected = before.copy()
    expected[0, 0] = expected[0, 1] = expected[1, 1] = -0.75
    assert np.array_equal(kernel(document), expected)
    assert steps(document) == ["Paint: kernel 1, 1 of Conv 5, 3×3"]
    press(Key.Key_Z, modifier=CTRL)
    assert np.array_equal(kernel(document), before)


def look_at(document: Document) -> Snapshot:
    settings = document.settings
    samples = load(settings.dataset, settings.classes, 3)[1]
    kept = document.project().weights
    weights = initial_weights(document.report, settings.seed, settings.initializer, kept=kept)
    return take_snapshot(Network(document.report, weights), Sample.of(samples, 4))


def assert_correlated(editor: KernelEditor, channel: Array, values: Array) -> None:
    expected = correlate2d(channel, values)
    assert relative_error(editor.preview.result.grid.values()[0], expected) < 1e-5


def test_the_preview_is_what_scipy_makes_of_the_digit(
    editor: KernelEditor, document: Document, edits: Edits
) -> None:
    preview = editor.preview
    assert not preview.result.isVisible()
    assert "once there is data" in "".join(label.text() for label in preview.findChildren(QLabel))
    snapshot = look_at(document)
    editor.show_snapshot(snapshot)
    digit = snapshot.inputs[0]
    assert np.array_equal(preview.input.grid.values()[0], digit)
    assert preview.input._title.text() == "Test image 5 · a 0"
    assert preview.result._title.text() == "X₁ ⋆ K₁,₁"
    assert_correlated(editor, digit, kernel(document))
    choose(editor, "sobel_y")
    assert_correlated(editor, digit, kernel(document))
    pull(editor.grid, at(editor, 0, 0), at(editor, 0, 1))  # while it is drawn, too
    assert editor.grid.values()[0, 0] == 1.0
    assert_correlated(editor, digit, editor.grid.values())
    QTest.mouseRelease(editor.grid, LEFT, pos=at(editor, 0, 1))
    edits.change_option(1, "padding", "same")
    edits.change_option(1, "stride", 2)
    editor.show_snapshot(look_at(document))
    assert preview.result.grid.values().shape == (1, 14, 14)


@pytest.mark.parametrize(
    ("kind", "output", "channel", "met"),
    [("conv", 0, 3, (1, 3)), ("depthwise_conv", 3, 0, (1, 3)), ("add", 2, 4, (0, 4))],
)
def test_the_preview_of_a_later_block_takes_the_map_that_the_kernel_meets(
    document: Document,
    edits: Edits,
    window: QWidget,
    qtbot: QtBot,
    kind: str,
    output: int,
    channel: int,
    met: tuple[int, int],
) -> None:
    edits.add(kind, 2)  # after Conv and Sigmoid; an Add takes what the Conv gives
    slot_id = document.stack.slots[2].id
    if kind == "add":
        edits.change_option(slot_id, "through", "conv")
    editor = opened(document, window, qtbot, KernelPlace(slot_id, output, channel))
    snapshot = look_at(document)
    editor.show_snapshot(snapshot)
    values = snapshot.blocks[met[0]].values[met[1]]
    assert np.array_equal(editor.preview.input.grid.values()[0], values)
    assert editor.preview.input._title.text() == f"Test image 5 · a 0: channel {met[1] + 1}"
    assert_correlated(editor, values, kernel(document, output, channel, slot_id))
    if kind == "conv":
        edits.change_option(1, "depth", 4)  # the snapshot is at a network that is no more
        assert not editor.preview.result.isVisible()


def test_buttons_change_the_kernel_in_one_step(editor: KernelEditor, document: Document) -> None:
    first, others = kernel(document).copy(), kernel(document, 1).copy()
    changes: dict[str, Callable[[Array], Array]] = {
        "flip_horizontally": np.fliplr,
        "flip_vertically": np.flipud,
        "turn_quarter": partial(np.rot90, k=3),
        "turn_half": partial(np.rot90, k=2),
        "negate": np.negative,
    }
    for number, (name, change) in enumerate(changes.items(), 1):
        before = kernel(document).copy()
        click(editor, name)
        assert np.array_equal(kernel(document), change(before))
        assert np.array_equal(kernel(document, 1), others)
        assert np.array_equal(editor.grid.values(), kernel(document))
        assert len(steps(document)) == number
    click(editor, "undo")
    assert np.array_equal(kernel(document), before)
    click(editor, "redo")
    assert np.array_equal(kernel(document), -before)
    click(editor, "revert")
    assert np.array_equal(kernel(document), first)
    assert not named(editor, QAbstractButton, "kernel.revert").isEnabled()


def test_known_kernels_are_dropped_in_and_normalised_or_it_is_said_why_not(
    editor: KernelEditor, document: Document
) -> None:
    choose(editor, "sobel_x")
    assert kernel(document).tolist() == [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]
    choose(editor, "laplace")
    assert kernel(document).tolist() == [[0, 1, 0], [1, -4, 1], [0, 1, 0]]
    assert editor.grid.levels() == (-4, 4), "zero stays in the middle of the colours"
    assert editor.grid.text(1, 1) == "−4.00"
    choose(editor, "gaussian_blur")
    assert kernel(document)[1, 1] == 0.25
    assert steps(document)[0] == "Sobel →: kernel 1, 1 of Conv 5, 3×3"
    click(editor, "standardise")
    assert np.square(kernel(document)).sum() == pytest.approx(1)
    choose(editor, "zero")
    click(editor, "standardise")
    assert "are equal" in text(editor, "kernel.problem")
    assert len(steps(document)) == 5
    choose(editor, "identity")
    assert text(editor, "kernel.problem") == ""


def test_typed_text_counts_before_a_button(editor: KernelEditor, document: Document) -> None:
    choose(editor, "zero")
    QTest.mouseClick(editor.grid, LEFT, pos=at(editor, 0, 0))
    write("3")
    click(editor, "flip_horizontally")
    assert kernel(document).tolist() == [[0, 0, 3], [0, 0, 0], [0, 0, 0]]
    assert len(steps(document)) == 3


def test_kernels_that_there_are_not_in_this_size_say_so(
    editor: KernelEditor, document: Document, edits: Edits
) -> None:
    laplace = named(editor, QAction, "kernel.laplace")
    edits.change_option(1, "kernel_size", 2)
    assert not laplace.isEnabled()
    assert laplace.toolTip() == "Needs a kernel of 3×3 or larger."
    edits.change_option(1, "kernel_size", 7)
    choose(editor, "laplace")
    assert kernel(document).shape == editor.grid.values().shape == (7, 7)
