"""Edits of kernels, locks, and their undo steps."""

import numpy as np

from engine.array_types import Array
from engine.model.kernel_operations import PRESETS, flip_horizontally
from engine.model.templates import notebook
from engine.model.weights import Weights, initial_weights
from gui.document.document import Document
from gui.document.edits import Edits
from gui.document.kernel_edits import KernelEdits
from gui.document.kernel_place import KernelPlace

SOBEL = PRESETS[0].make(3)
PLACE = KernelPlace(1, 2, 0)


def kernel(document: Document, place: KernelPlace = PLACE) -> Array:
    found = document.kernel(place)
    assert found is not None
    return found


def seeded(document: Document) -> Weights:
    return initial_weights(document.report, document.settings.seed, "lecun")


def steps(document: Document) -> list[str]:
    return [document.undo_stack.text(i) for i in range(document.undo_stack.count())]


def test_a_kernel_of_a_deleted_block_comes_back_with_it(
    document: Document, kernel_edits: KernelEdits, edits: Edits
) -> None:
    kernel_edits.edit_kernel(PLACE, SOBEL, "Sobel")
    edits.change_option(1, "depth", 2)
    assert document.kernel(PLACE) is None
    document.select(1)
    edits.delete()
    assert document.kernel(PLACE) is None
    for _ in range(2):
        edits.undo()
    assert kernel(document).tolist() == SOBEL.tolist()
    edits.undo()
    assert document.project() == notebook()


def test_edits_of_one_cell_in_a_row_are_one_step(
    document: Document, kernel_edits: KernelEdits, edits: Edits
) -> None:
    first = kernel(document).copy()
    for value in (0.5, 0.6, 0.7):
        values = kernel(document).copy()
        values[0, 1] = value
        kernel_edits.edit_kernel(PLACE, values, "Set cell", (0, 1))
    assert steps(document) == ["Set cell"]
    values = kernel(document).copy()
    values[0, 2] = 1.0
    kernel_edits.edit_kernel(PLACE, values, "Set cell", (0, 2))
    kernel_edits.edit_kernel(PLACE, flip_horizontally(values), "Flip")
    kernel_edits.edit_kernel(PLACE, values, "Flip")
    assert steps(document) == ["Set cell", "Set cell", "Flip", "Flip"]
    for _ in range(3):
        edits.undo()
    assert kernel(document)[0, 1] == np.float32(0.7)
    edits.undo()
    assert np.array_equal(kernel(document), first)


def test_a_cell_set_back_leaves_no_step(document: Document, kernel_edits: KernelEdits) -> None:
    first = kernel(document).copy()
    kernel_edits.edit_kernel(PLACE, first + 1, "Set cell", (0, 0))
    kernel_edits.edit_kernel(PLACE, first, "Set cell", (0, 0))
    assert steps(document) == []
    assert document.project() == notebook()
    kernel_edits.edit_kernel(PLACE, first, "Nothing")
    assert steps(document) == []


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


def test_there_is_no_kernel_where_there_is_none(
    document: Document, edits: Edits, kernel_edits: KernelEdits
) -> None:
    nowhere = [(1, 5, 0), (1, 0, 1), (2, 0, 0), (4, 0, 0), (99, 0, 0)]
    for place in nowhere:
        assert document.kernel(KernelPlace(*place)) is None
        kernel_edits.edit_kernel(KernelPlace(*place), SOBEL, "Never")
    assert steps(document) == []
    edits.add("conv", 7)  # after the vector at the end: it does not fit
    assert document.kernel(KernelPlace(8, 0, 0)) is None


# Locks


def test_another_depth_forgets_the_locks_of_kernels_that_are_gone(
    document: Document, kernel_edits: KernelEdits, edits: Edits
) -> None:
    for output in (1, 4):
        kernel_edits.lock_kernel(1, output, True)
    edits.change_option(1, "depth", 3)
    assert document.stack.slot(1).locked_kernels == (1,)
    edits.change_option(1, "kernel_size", 5)
    assert document.stack.slot(1).locked_kernels == (1,)
    edits.undo()
    edits.undo()
    assert document.stack.slot(1).locked_kernels == (1, 4)


def test_nothing_is_done_while_training_runs(
    document: Document, kernel_edits: KernelEdits, edits: Edits
) -> None:
    kernel_edits.edit_kernel(PLACE, SOBEL, "Sobel")
    before = document.project()
    document.set_locked(True)
    kernel_edits.edit_kernel(PLACE, 2 * SOBEL, "Never")
    kernel_edits.lock((1,), True)
    kernel_edits.lock_kernel(1, 0, True)
    edits.undo()
    assert document.stack == before.stack
    assert kernel(document).tolist() == SOBEL.tolist()
    assert steps(document) == ["Sobel"]
