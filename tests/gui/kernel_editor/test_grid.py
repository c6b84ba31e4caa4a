"""The cells of a kernel: what is typed into them, and what is painted over them."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSpinBox

from gui.document.document import Document
from gui.kernel_editor.dialog import KernelEditor
from tests.gui.editor.gestures import LEFT, drag, pull
from tests.gui.kernel_editor.kernels import at, kernel, press, steps, text, write

Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier
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


# --- strokes ------------------------------------------------------------------------------------


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
