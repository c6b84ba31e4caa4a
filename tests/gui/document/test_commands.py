"""Undo steps: their texts, which of them merge, and that they bring everything back."""

from pathlib import Path

from engine.model.templates import notebook
from gui.document.document import Document
from gui.document.edits import Edits


def texts(document: Document) -> list[str]:
    stack = document.undo_stack
    return [stack.text(i) for i in range(stack.count())]


def test_every_edit_has_a_step_with_its_name(document: Document, edits: Edits) -> None:
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
    assert texts(document) == [
        "Add Conv 5, 3×3",
        "Duplicate Conv 5, 3×3",
        "Move Conv 5, 3×3",
        "Change kernel size of Conv",
        "Rename Conv 5, 5×5",
        "Change depth of Edges",
        "Delete Sigmoid",
        "Change learning rate",
        "Change classes",
    ]


def test_changes_of_one_option_in_a_row_are_one_step(document: Document, edits: Edits) -> None:
    for depth in (6, 7, 8):
        edits.change_option(1, "depth", depth)
    assert texts(document) == ["Change depth of Conv"]
    edits.undo()
    assert document.stack == notebook().stack
    edits.redo()
    assert document.stack.slots[0].block.summary() == "Conv 8, 3×3"


def test_changes_of_another_option_or_block_are_steps_of_their_own(
    document: Document, edits: Edits
) -> None:
    edits.change_option(1, "depth", 6)
    edits.change_option(1, "kernel_size", 5)
    edits.change_option(1, "depth", 7)
    edits.change_option(4, "units", 50)
    edits.change_option(6, "units", 51)
    assert document.undo_stack.count() == 5


def test_a_change_back_leaves_no_step(document: Document, edits: Edits) -> None:
    edits.change_option(1, "depth", 6)
    edits.change_option(1, "depth", 5)
    assert document.undo_stack.count() == 0
    edits.change_setting("epochs", 3)
    edits.change_setting("epochs", 20)
    assert document.undo_stack.count() == 0
    assert not document.modified


def test_changes_before_and_after_saving_do_not_merge(document: Document, edits: Edits) -> None:
    edits.change_option(1, "depth", 6)
    document.mark_saved(Path("a.layerscope"))
    edits.change_option(1, "depth", 7)
    edits.undo()
    assert not document.modified
    assert document.stack.slots[0].block.summary() == "Conv 6, 3×3"


def test_undo_selects_what_it_changed(document: Document, edits: Edits) -> None:
    edits.change_option(4, "units", 50)
    document.select(1)
    edits.undo()
    assert document.selected == 4


def test_undo_of_a_setting_leaves_the_others(document: Document, edits: Edits) -> None:
    edits.change_setting("epochs", 3)
    document.set_locked(True)
    edits.change_setting("learning_rate", 0.7)
    document.set_locked(False)
    edits.undo()
    assert document.settings.epochs == 20
    assert document.settings.learning_rate == 0.7


def test_a_rate_changed_by_training_is_where_the_next_step_leads_back_to(
    document: Document,
    edits: Edits,
) -> None:
    edits.change_setting("learning_rate", 0.5)
    document.set_locked(True)
    edits.change_setting("learning_rate", 0.7)
    document.set_locked(False)
    edits.change_setting("learning_rate", 0.9)
    edits.undo()
    assert document.settings.learning_rate == 0.7
