"""Edits of kernels, and which of them are one step; `test_document_model` has the rest."""

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from engine.array_types import Array
from engine.model.kernel_operations import PRESETS, flip_horizontally
from engine.model.templates import notebook
from engine.model.weights import Weights, initial_weights
from gui.document.document import Document
from gui.document.edits import Edits
from gui.document.kernel_edits import KernelEdits
from gui.document.kernel_place import KernelPlace
from tests.gui.finding import not_none
from tests.gui.watching import heard

SOBEL = PRESETS[0].make(3)
PLACE = KernelPlace(1, 2, 0)


def kernel(document: Document) -> Array:
    return not_none(document.kernel(PLACE))


def seeded(document: Document) -> Weights:
    return initial_weights(document.report, document.settings.seed, "lecun")


def steps(document: Document) -> list[str]:
    return [document.undo_stack.text(i) for i in range(document.undo_stack.count())]


def test_an_edited_kernel_is_told_and_arrays_that_were_handed_out_are_never_written_to(
    document: Document, kernel_edits: KernelEdits, edits: Edits, qtbot: QtBot
) -> None:
    weights = seeded(document)
    document.keep_learned(weights, 2)
    handed = document.project().weights
    copy = handed[1]["weight"].copy()
    learned = heard(document.store, lambda s: s.document.learned)
    with qtbot.waitSignal(document.kernel_edited):
        kernel_edits.edit_kernel(PLACE, SOBEL, "Sobel")
    assert learned == [document.learned]
    edits.undo()
    assert 1 in document.project().weights, "as the seed made it, but trained"
    edits.redo()
    assert np.array_equal(handed[1]["weight"], copy)
    after = document.project().weights
    assert after[1]["weight"].dtype == np.float32
    assert after[1]["bias"] is weights[1]["bias"]
    assert after[4]["weight"] is weights[4]["weight"]


def test_edits_of_one_cell_in_a_row_are_one_step_and_one_set_back_is_none(
    document: Document, kernel_edits: KernelEdits, edits: Edits
) -> None:
    first = kernel(document).copy()
    for values in (first + 1, first):
        kernel_edits.edit_kernel(PLACE, values, "Set cell", (0, 0))
    kernel_edits.edit_kernel(PLACE, first, "Nothing")
    assert (steps(document), document.project()) == ([], notebook())
    for cell, value in (((0, 1), 0.5), ((0, 1), 0.6), ((0, 1), 0.7), ((0, 2), 1.0)):
        values = kernel(document).copy()
        values[cell] = value
        kernel_edits.edit_kernel(PLACE, values, "Set cell", cell)
    kernel_edits.edit_kernel(PLACE, flip_horizontally(values), "Flip")
    kernel_edits.edit_kernel(PLACE, values, "Flip")
    assert steps(document) == ["Set cell", "Set cell", "Flip", "Flip"]
    for _ in range(3):
        edits.undo()
    assert kernel(document)[0, 1] == np.float32(0.7)
    edits.undo()
    assert np.array_equal(kernel(document), first)


def test_edits_of_one_cell_do_not_merge_over_training(
    document: Document, kernel_edits: KernelEdits, edits: Edits
) -> None:
    kernel_edits.edit_kernel(PLACE, np.full((3, 3), 1.0), "Set cell", (0, 0))
    trained = seeded(document)
    trained[1]["weight"][2, 0] = 5.0
    document.keep_learned(trained, 1)
    kernel_edits.edit_kernel(PLACE, np.full((3, 3), 2.0), "Set cell", (0, 0))
    edits.undo()
    assert (kernel(document) == 5.0).all()


@pytest.mark.parametrize(
    "place", [(1, 5, 0), (1, 0, 1), (2, 0, 0), (4, 0, 0), (8, 0, 0), (99, 0, 0)]
)
def test_there_is_no_kernel_where_there_is_none(
    document: Document, edits: Edits, kernel_edits: KernelEdits, place: tuple[int, int, int]
) -> None:
    edits.add("conv", 7)  # slot 8, after the vector at the end: it does not fit
    assert document.kernel(KernelPlace(*place)) is None
    kernel_edits.edit_kernel(KernelPlace(*place), SOBEL, "Never")
    assert document.undo_stack.count() == 1
