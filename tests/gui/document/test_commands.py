"""Undo steps: their texts, which of them merge, and that they bring everything back."""

from pathlib import Path

from gui.document.document import Document
from gui.document.edits import Edits
from gui.document.kernel_edits import KernelEdits
from tests.approved import assert_approved


def test_every_edit_has_a_step_with_its_name(
    document: Document, edits: Edits, kernel_edits: KernelEdits
) -> None:
    document.select(1)
    edits.add("conv")
    edits.duplicate()
    edits.move(-2)
    edits.change_option(1, "kernel_size", 5)
    edits.rename(1, "Edges")
    edits.change_option(1, "depth", 9)
    document.select(2)
    edits.delete()
    edits.change_setting("learning_rate", 0.5)
    edits.change_setting("classes", (3, 4))
    kernel_edits.lock((4, 6), True)
    kernel_edits.lock((4,), False)
    kernel_edits.lock_kernel(1, 3, True)
    kernel_edits.lock_kernel(1, 3, False)
    stack = document.undo_stack
    said = [stack.text(step) for step in range(stack.count())]
    assert_approved("undo_steps.txt", "\n".join(said) + "\n")


def test_changes_before_and_after_saving_do_not_merge_and_undo_selects_what_it_changed(
    document: Document, edits: Edits
) -> None:
    for depth in (6, 5):
        edits.change_option(1, "depth", depth)
    assert document.undo_stack.count() == 0, "a change back leaves no step"
    edits.change_option(1, "depth", 6)
    document.mark_saved(Path("a.layerscope"))
    edits.change_option(1, "depth", 7)
    document.select(4)
    edits.undo()
    assert (document.modified, document.selected) == (False, 1)
    assert document.stack.slots[0].block.summary() == "Conv 6, 3×3"


def test_a_rate_that_is_changed_while_training_is_no_step_and_no_undo_takes_it_back(
    document: Document, edits: Edits
) -> None:
    def change_live(rate: float) -> None:
        document.set_locked(True)
        edits.change_setting("learning_rate", rate)
        document.set_locked(False)

    edits.change_setting("epochs", 3)
    change_live(0.7)
    edits.undo()
    assert (document.settings.epochs, document.settings.learning_rate) == (20, 0.7)
    edits.change_setting("learning_rate", 0.5)
    change_live(0.8)
    edits.change_setting("learning_rate", 0.9)
    edits.undo()
    assert document.settings.learning_rate == 0.8
