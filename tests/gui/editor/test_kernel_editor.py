"""The kernel editor by mouse and keys: cells, strokes, tools, locks, preview."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QLabel,
    QSpinBox,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from engine.arrays import Array
from engine.blocks import Conv
from engine.data.sources import load
from engine.looks import Look, Subject, take_look
from engine.network import Network
from engine.templates import digits, notebook
from engine.weights import initial_weights
from gui.document import Document
from gui.editor.kernel_editor import KernelEditor, open_kernel_editor
from gui.surgery import KernelPlace
from tests.engine.closeness import relative_error
from tests.gui.editor.gestures import drag, pull
from tests.gui.finding import child

Key = Qt.Key
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


@pytest.fixture
def host(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    return window


@pytest.fixture
def editor(document: Document, host: QWidget, qtbot: QtBot) -> KernelEditor:
    return opened(document, host, qtbot, KernelPlace(1, 0, 0))


def opened(document: Document, host: QWidget, qtbot: QtBot, place: KernelPlace) -> KernelEditor:
    editor = open_kernel_editor(document, *place, host)
    qtbot.waitUntil(editor.isActiveWindow)
    return editor


def kernel(document: Document, output: int = 0, channel: int = 0, slot_id: int = 1) -> Array:
    found = document.surgery.kernel(KernelPlace(slot_id, output, channel))
    assert found is not None
    return found


def steps(document: Document) -> list[str]:
    return [document.undo_stack.text(i) for i in range(document.undo_stack.count())]


def at(editor: KernelEditor, row: int, column: int) -> QPoint:
    return editor.grid.cell_rect(row, column).center().toPoint()


def click(editor: KernelEditor, name: str) -> None:
    button = editor.findChild(QToolButton, f"kernel.{name}") or editor.findChild(
        QCheckBox, f"kernel.{name}"
    )
    assert button is not None
    assert button.isEnabled(), button.toolTip()
    QTest.mouseClick(button, LEFT, pos=QPoint(8, button.height() // 2))


def choose(editor: KernelEditor, name: str) -> None:
    """Choose an entry of a menu."""
    action = editor.findChild(QAction, f"kernel.{name}")
    assert action is not None
    assert action.isEnabled(), action.toolTip()
    action.trigger()


def press(*keys: Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    for key in keys:
        widget = QApplication.focusWidget()
        assert widget is not None
        QTest.keyClick(widget, key, modifier)


def write(text: str) -> None:
    for character in text:
        widget = QApplication.focusWidget()
        assert widget is not None
        QTest.keyClicks(widget, character)


def text(editor: KernelEditor, name: str) -> str:
    label = editor.findChild(QLabel, name)
    assert label is not None
    return label.text() if label.isVisible() else ""


def look_at(document: Document) -> Look:
    settings = document.settings
    samples = load(settings.dataset, settings.classes, 3)[1]
    kept = document.project().weights
    weights = initial_weights(document.report, settings.seed, settings.initializer, kept=kept)
    return take_look(Network(document.report, weights), Subject.of(samples, 4))


# Cells


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


def test_arrows_go_to_the_cells_and_the_field_shows_their_values(
    editor: KernelEditor, document: Document
) -> None:
    field = editor.findChild(QAbstractSpinBox, "kernel.value")
    assert field is not None
    press(Key.Key_Down, Key.Key_Right, Key.Key_Right, Key.Key_Right)
    assert editor.grid.current == (1, 2)
    assert float(field.text()) == pytest.approx(kernel(document)[1, 2], rel=1e-5)
    assert field.accessibleName() == "Value of row 2, column 3"
    press(Key.Key_Return)  # Enter begins to edit what is there
    assert field.hasFocus()


def test_what_is_no_number_is_answered_in_words(editor: KernelEditor, document: Document) -> None:
    before = kernel(document).copy()
    press(Key.Key_Return)
    write("9999999")
    press(Key.Key_Return)
    assert "must be a number from -1,000,000 to 1,000,000, not '9999999'" in text(
        editor, "kernel.problem"
    )
    assert np.array_equal(kernel(document), before)


def test_steps_of_one_cell_by_arrows_are_one_undo_step(
    editor: KernelEditor, document: Document
) -> None:
    press(Key.Key_Return, Key.Key_Up, Key.Key_Up, Key.Key_Up)
    assert len(steps(document)) == 1


def test_space_and_del_paint_and_clear_a_cell(editor: KernelEditor, document: Document) -> None:
    press(Key.Key_Space, Key.Key_Down, Key.Key_Delete)
    assert kernel(document)[0, 0] == 1.0
    assert kernel(document)[1, 0] == 0.0
    assert len(steps(document)) == 2


# Strokes


def test_a_stroke_paints_with_the_brush_and_is_one_step(
    editor: KernelEditor, document: Document
) -> None:
    brush = editor.findChild(QAbstractSpinBox, "kernel.brush")
    assert brush is not None
    brush.setFocus()
    brush.selectAll()
    write("-0.75")
    press(Key.Key_Return)
    before = kernel(document).copy()
    drag(editor.grid, at(editor, 0, 0), at(editor, 0, 1), at(editor, 1, 1))
    expected = before.copy()
    expected[0, 0] = expected[0, 1] = expected[1, 1] = -0.75
    assert np.array_equal(kernel(document), expected)
    assert steps(document) == ["Paint: kernel 1, 1 of Conv 5, 3×3"]
    press(Key.Key_Z, modifier=CTRL)
    assert np.array_equal(kernel(document), before)
    assert steps(document) == ["Paint: kernel 1, 1 of Conv 5, 3×3"], "to be redone"


def test_a_stroke_is_seen_while_it_is_drawn_and_esc_gives_it_up(
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


def test_a_click_paints_nothing_and_the_right_button_one_cell(
    editor: KernelEditor, document: Document
) -> None:
    QTest.mouseClick(editor.grid, LEFT, pos=at(editor, 1, 2))
    assert steps(document) == []
    assert editor.grid.current == (1, 2)
    QTest.mouseClick(editor.grid, RIGHT, pos=at(editor, 2, 0))
    assert kernel(document)[2, 0] == 1.0
    assert len(steps(document)) == 1


# Tools


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("flip_horizontally", np.fliplr),
        ("flip_vertically", np.flipud),
        ("turn_quarter", lambda k: np.rot90(k, 3)),
        ("turn_half", lambda k: np.rot90(k, 2)),
        ("negate", np.negative),
    ],
)
def test_buttons_change_the_kernel_in_one_step(
    editor: KernelEditor, document: Document, name: str, expected: object
) -> None:
    before = kernel(document).copy()
    others = kernel(document, 1).copy()
    click(editor, name)
    assert callable(expected)
    assert np.array_equal(kernel(document), expected(before))
    assert np.array_equal(kernel(document, 1), others)
    assert np.array_equal(editor.grid.values(), kernel(document))
    assert len(steps(document)) == 1
    click(editor, "undo")
    assert np.array_equal(kernel(document), before)
    click(editor, "redo")
    assert np.array_equal(kernel(document), expected(before))


def test_known_kernels_are_dropped_in(editor: KernelEditor, document: Document) -> None:
    choose(editor, "sobel_x")
    assert kernel(document).tolist() == [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]
    choose(editor, "laplace")
    assert kernel(document).tolist() == [[0, 1, 0], [1, -4, 1], [0, 1, 0]]
    assert editor.grid.levels() == (-4, 4), "zero stays in the middle of the colours"
    assert editor.grid.text(1, 1) == "−4.000"
    choose(editor, "gaussian_blur")
    assert kernel(document)[1, 1] == 0.25
    assert steps(document)[0] == "Sobel →: kernel 1, 1 of Conv 5, 3×3"


def test_a_kernel_is_normalised_or_it_is_said_why_not(
    editor: KernelEditor, document: Document
) -> None:
    choose(editor, "to_unit_length")
    assert np.square(kernel(document)).sum() == pytest.approx(1)
    choose(editor, "zero")
    choose(editor, "to_unit_sum")
    assert "add up to 0" in text(editor, "kernel.problem")
    assert len(steps(document)) == 2
    choose(editor, "identity")
    assert text(editor, "kernel.problem") == ""


def test_kernels_that_there_are_not_in_this_size_say_so(
    document: Document, host: QWidget, qtbot: QtBot
) -> None:
    document.change_option(1, "kernel_size", 2)
    editor = opened(document, host, qtbot, KernelPlace(1, 0, 0))
    laplace = editor.findChild(QAction, "kernel.laplace")
    assert laplace is not None
    assert not laplace.isEnabled()
    assert laplace.toolTip() == "Needs a kernel of 3×3 or larger."
    document.change_option(1, "kernel_size", 7)
    assert laplace.isEnabled()
    choose(editor, "laplace")
    assert kernel(document).shape == editor.grid.values().shape == (7, 7)


def test_typed_text_counts_before_a_button(editor: KernelEditor, document: Document) -> None:
    choose(editor, "zero")
    QTest.mouseClick(editor.grid, LEFT, pos=at(editor, 0, 0))
    write("3")
    click(editor, "flip_horizontally")
    assert kernel(document).tolist() == [[0, 0, 3], [0, 0, 0], [0, 0, 0]]
    assert len(steps(document)) == 3


# Which kernel


def test_other_kernels_are_chosen_by_boxes_and_keys(
    document: Document, host: QWidget, qtbot: QtBot
) -> None:
    document.replace_project(digits(), None)
    document.add("conv", 2)
    slot_id = document.stack.slots[2].id
    editor = opened(document, host, qtbot, KernelPlace(slot_id, 1, 2))
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
    editor: KernelEditor, document: Document, host: QWidget
) -> None:
    assert open_kernel_editor(document, 1, 3, 0, host) is editor
    assert np.array_equal(editor.grid.values(), kernel(document, 3))
    assert editor.windowTitle() == "Kernel 4, 1 of Conv 5, 3×3"
    press(Key.Key_Escape)
    assert not editor.isVisible()
    assert open_kernel_editor(document, 1, 2, 0, host) is not editor


def test_edits_elsewhere_are_followed(editor: KernelEditor, document: Document) -> None:
    editor.show_kernel_at(KernelPlace(1, 4, 0))
    document.change_option(1, "depth", 3)
    assert editor.place() == (1, 2, 0)
    assert np.array_equal(editor.grid.values(), kernel(document, 2))
    document.rename(1, "Edges")
    assert editor.windowTitle() == "Kernel 3, 1 of Edges"
    document.undo()
    document.select(1)
    document.delete()
    assert not editor.isVisible()


def test_a_block_that_does_not_fit_has_no_kernels_to_edit(
    editor: KernelEditor, document: Document
) -> None:
    document.change_option(1, "kernel_size", 31)
    assert "it has no kernels" in text(editor, "kernel.problem")
    assert not editor.grid.isEnabled()
    document.undo()
    assert editor.grid.isEnabled()
    assert text(editor, "kernel.problem") == ""


# Locks


def test_a_kernel_is_locked_by_its_box(editor: KernelEditor, document: Document) -> None:
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
    document.surgery.lock((1,), True)
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


# Preview


def test_the_preview_is_what_scipy_makes_of_the_digit(
    editor: KernelEditor, document: Document
) -> None:
    from scipy.signal import correlate2d

    preview = editor.preview
    assert not preview.result.cells.isVisible()
    assert "when there is data" in "".join(label.text() for label in preview.findChildren(QLabel))
    look = look_at(document)
    editor.show_look(look)
    assert np.array_equal(preview.input.cells.values(), look.image)
    assert preview.input.title.text() == "digit 4"
    found = preview.result.cells.values()
    assert relative_error(found, correlate2d(look.image, kernel(document), "valid")) < 1e-5
    choose(editor, "sobel_y")
    found = preview.result.cells.values()
    assert relative_error(found, correlate2d(look.image, kernel(document), "valid")) < 1e-5
    pull(editor.grid, at(editor, 0, 0), at(editor, 0, 1))  # while it is drawn, too
    drawn = editor.grid.values()
    assert drawn[0, 0] == 1.0
    found = preview.result.cells.values()
    assert relative_error(found, correlate2d(look.image, drawn, "valid")) < 1e-5
    QTest.mouseRelease(editor.grid, LEFT, pos=at(editor, 0, 1))


def test_the_preview_of_a_later_block_takes_what_comes_into_it(
    document: Document, host: QWidget, qtbot: QtBot
) -> None:
    from scipy.signal import correlate2d

    document.add("conv", 2)
    slot_id = document.stack.slots[2].id
    editor = opened(document, host, qtbot, KernelPlace(slot_id, 0, 3))
    look = look_at(document)
    editor.show_look(look)
    channel = look.blocks[1].values[3]  # behind the Sigmoid
    assert np.array_equal(editor.preview.input.cells.values(), channel)
    assert editor.preview.input.title.text() == "channel 4 of digit 4"
    expected = correlate2d(channel, kernel(document, 0, 3, slot_id), "valid")
    assert relative_error(editor.preview.result.cells.values(), expected) < 1e-5
    document.change_option(1, "depth", 4)  # the look is at a network that is no more
    assert not editor.preview.result.cells.isVisible()


def test_the_preview_obeys_padding_and_stride(
    document: Document, host: QWidget, qtbot: QtBot
) -> None:
    slot = document.stack.slot(1)
    padded = replace(slot, block=Conv(padding="same", stride=2))
    document.set_stack(document.stack.replaced(padded), 1)
    editor = opened(document, host, qtbot, KernelPlace(1, 0, 0))
    editor.show_look(look_at(document))
    assert editor.preview.result.cells.values().shape == (14, 14)


# Names


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
