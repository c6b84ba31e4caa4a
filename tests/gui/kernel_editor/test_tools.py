"""The tools of the kernel editor: known kernels, and what changes one as a whole."""

import numpy as np
import pytest
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui.document.document import Document
from gui.document.edits import Edits
from gui.document.kernel_place import KernelPlace
from gui.kernel_editor.dialog import KernelEditor
from tests.gui.editor.gestures import LEFT
from tests.gui.kernel_editor.kernels import at, choose, click, kernel, opened, steps, text, write


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
    document: Document, edits: Edits, window: QWidget, qtbot: QtBot
) -> None:
    edits.change_option(1, "kernel_size", 2)
    editor = opened(document, window, qtbot, KernelPlace(1, 0, 0))
    laplace = editor.findChild(QAction, "kernel.laplace")
    assert laplace is not None
    assert not laplace.isEnabled()
    assert laplace.toolTip() == "Needs a kernel of 3×3 or larger."
    edits.change_option(1, "kernel_size", 7)
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
