"""Edits of kernels, locks, and their undo steps."""

from dataclasses import replace

import numpy as np
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.array_types import Array
from engine.blocks import Conv
from engine.model.kernel_operations import PRESETS, flip_horizontally
from engine.model.stack import BlockSlot
from engine.model.templates import digits, notebook
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


def test_an_untrained_block_keeps_the_edited_kernel_beside_those_of_the_seed(
    document: Document, kernel_edits: KernelEdits, edits: Edits, qtbot: QtBot
) -> None:
    before = seeded(document)
    assert np.array_equal(kernel(document), before[1]["weight"][2, 0])
    with qtbot.waitSignals([document.weights_changed, document.kernel_edited]):
        kernel_edits.edit_kernel(PLACE, SOBEL, "Sobel")
    held = document.project().weights
    assert list(held) == [1], "the other blocks are as before, so nothing is held for them"
    assert held[1]["weight"][2, 0].tolist() == SOBEL.tolist()
    others = [0, 1, 3, 4]
    assert np.array_equal(held[1]["weight"][others], before[1]["weight"][others])
    assert np.array_equal(held[1]["bias"], before[1]["bias"])
    assert {array.dtype for array in held[1].values()} == {np.dtype(np.float32)}
    assert document.modified
    edits.undo()
    assert document.project() == notebook(), "nothing is left of it"
    assert not document.modified
    edits.redo()
    assert kernel(document).tolist() == SOBEL.tolist()


def test_arrays_that_were_handed_out_are_never_written_to(
    document: Document, kernel_edits: KernelEdits, edits: Edits
) -> None:
    weights = seeded(document)
    document.keep_learned(weights, 2)
    handed = document.project().weights
    copy = handed[1]["weight"].copy()
    kernel_edits.edit_kernel(PLACE, SOBEL, "Sobel")
    edits.undo()
    edits.redo()
    assert np.array_equal(handed[1]["weight"], copy)
    after = document.project().weights
    assert after[1]["bias"] is weights[1]["bias"]
    assert after[4]["weight"] is weights[4]["weight"]


def test_undo_and_redo_lose_nothing_of_what_training_made_of_the_kernel(
    document: Document, kernel_edits: KernelEdits, edits: Edits
) -> None:
    kernel_edits.edit_kernel(PLACE, SOBEL, "Sobel")
    trained = seeded(document)
    trained[1]["weight"][2, 0] = 7.0
    trained[1]["weight"][3, 0] = 8.0
    document.keep_learned(trained, 1)
    edits.undo()
    assert np.array_equal(kernel(document), seeded(document)[1]["weight"][2, 0])
    assert (kernel(document, KernelPlace(1, 3, 0)) == 8.0).all(), "of this kernel alone"
    edits.redo()
    assert (kernel(document) == 7.0).all()
    assert document.trained_epochs == 1


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


def test_reset_forgets_edited_kernels_and_its_undo_brings_them_back(
    document: Document, kernel_edits: KernelEdits, edits: Edits
) -> None:
    kernel_edits.edit_kernel(PLACE, SOBEL, "Sobel")
    edits.forget_learned()
    assert document.project() == notebook()
    edits.undo()
    assert kernel(document).tolist() == SOBEL.tolist()
    edits.undo()
    assert document.project() == notebook()


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


def test_kernels_of_a_network_that_does_not_fit_further_down_can_be_edited(
    document: Document,
    kernel_edits: KernelEdits,
    edits: Edits,
) -> None:
    document.select(3)
    edits.delete()
    assert document.report.problem is not None
    kernel_edits.edit_kernel(PLACE, SOBEL, "Sobel")
    assert kernel(document).tolist() == SOBEL.tolist()


# Locks


def test_blocks_are_locked_and_unlocked_in_one_step(
    document: Document, kernel_edits: KernelEdits, edits: Edits
) -> None:
    document.select_many((1, 4), 4)
    kernel_edits.lock((1, 4), True)
    assert [slot.id for slot in document.stack if slot.locked] == [1, 4]
    assert (document.selection, document.selected) == ((1, 4), 4)
    kernel_edits.lock((1,), True)
    kernel_edits.lock((1,), False)
    assert [slot.id for slot in document.stack if slot.locked] == [4]
    assert steps(document) == ["Lock 2 blocks", "Unlock Conv 5, 3×3"]
    edits.undo()
    edits.undo()
    assert document.stack == notebook().stack


def test_a_kernel_is_locked_and_unlocked(
    document: Document, kernel_edits: KernelEdits, edits: Edits
) -> None:
    for output in (3, 1, 1):
        kernel_edits.lock_kernel(1, output, True)
    assert document.stack.slot(1).locked_kernels == (1, 3)
    kernel_edits.lock_kernel(1, 3, False)
    kernel_edits.lock_kernel(1, 0, False)
    assert document.stack.slot(1).locked_kernels == (1,)
    assert steps(document) == [
        "Lock kernel 4 of Conv 5, 3×3",
        "Lock kernel 2 of Conv 5, 3×3",
        "Unlock kernel 4 of Conv 5, 3×3",
    ]
    for _ in range(3):
        edits.undo()
    assert document.stack == notebook().stack


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


def test_copies_are_not_locked(document: Document, kernel_edits: KernelEdits, edits: Edits) -> None:
    kernel_edits.lock((1,), True)
    kernel_edits.lock_kernel(1, 0, True)
    document.select(1)
    edits.duplicate()
    assert document.stack.slots[1] == BlockSlot(8, Conv())
    edits.insert([replace(document.stack.slot(1), title="Edges")], "Paste")
    assert document.stack.slots[2] == BlockSlot(9, Conv(), "Edges")


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


def test_a_kernel_after_another_convolution_has_its_channels(qapp: QApplication) -> None:
    document = Document(digits())
    edits, kernel_edits = Edits(document), KernelEdits(document)
    edits.add("conv", 2)
    slot_id = document.stack.slots[2].id
    weight = seeded(document)[slot_id]["weight"]
    channels = weight.shape[1]
    assert channels > 1
    place = KernelPlace(slot_id, 4, channels - 1)
    assert np.array_equal(kernel(document, place), weight[4, -1])
    kernel_edits.edit_kernel(place, SOBEL, "Sobel")
    after = document.project().weights[slot_id]["weight"]
    changed = {(i, j) for i, j in np.ndindex(*weight.shape[:2]) if (after != weight)[i, j].any()}
    assert changed == {(4, channels - 1)}
