"""Undo steps: their texts, which of them merge, and that they bring everything back."""

from engine.model.templates import notebook
from gui.document.document import Document
from gui.document.edits import Edits


def texts(document: Document) -> list[str]:
    stack = document.undo_stack
    return [stack.text(i) for i in range(stack.count())]


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
