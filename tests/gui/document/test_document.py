"""The document: edits, selection, the lock, what was learned, and random walks there and back."""

import gc
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.blocks import KINDS, UnknownBlock
from engine.declarations import fields_of
from engine.errors import SettingsError
from engine.model.project import Project
from engine.model.stack import BlockSlot, Stack
from engine.model.templates import digits, notebook
from engine.model.weights import Weights, WeightStore, initial_weights
from gui.document.document import UNDO_STEPS, Document


def summaries(document: Document) -> list[str]:
    return [slot.label for slot in document.stack]


def ids(document: Document) -> list[int]:
    return [slot.id for slot in document.stack]


def test_a_block_is_added_behind_the_selection_and_selected(document: Document) -> None:
    document.select(2)
    document.add("tanh")
    assert summaries(document)[:4] == ["Conv 5, 3×3", "Sigmoid", "Tanh", "Reshape to vector"]
    assert document.selected == ids(document)[2] == 8


def test_a_block_is_added_at_the_end_without_a_selection(document: Document) -> None:
    document.add("tanh")
    document.add("dense")
    assert summaries(document)[-2:] == ["Tanh", "Dense 100"]


def test_deletion_selects_the_next_and_at_the_end_the_last(document: Document) -> None:
    document.select(1)
    document.delete()
    assert document.selected == 2
    document.select(7)
    document.delete()
    assert document.selected == 6
    while len(document.stack):
        document.delete()
    assert document.selected is None


def test_a_copy_has_the_options_and_title_but_an_id_of_its_own(document: Document) -> None:
    document.rename(1, "Edges")
    document.select(1)
    document.duplicate()
    first, copy = document.stack.slots[:2]
    assert (copy.block, copy.title) == (first.block, "Edges")
    assert document.selected == copy.id == 8


def test_moves_stop_at_the_ends(document: Document) -> None:
    document.select(6)
    document.move(1)
    assert ids(document) == [1, 2, 3, 4, 5, 7, 6]
    document.move(1)
    assert document.undo_stack.count() == 1
    document.move(-9)
    assert ids(document) == [6, 1, 2, 3, 4, 5, 7]
    assert document.selected == 6


def test_an_undone_addition_does_not_share_its_id_with_a_later_one(document: Document) -> None:
    document.add("dense")
    document.undo()
    document.add("dense")
    assert ids(document)[-1] == 9


def test_a_refused_value_changes_nothing(document: Document) -> None:
    with pytest.raises(SettingsError, match="kernel size must be a whole number from 1 to 31"):
        document.change_option(1, "kernel_size", 0)
    with pytest.raises(SettingsError, match="classes"):
        document.change_setting("classes", (1,))
    assert document.project() == notebook()
    assert not document.modified


def test_the_report_follows_options_and_settings(document: Document, qtbot: QtBot) -> None:
    assert document.report.problem is None
    with qtbot.waitSignal(document.report_changed):
        document.change_setting("classes", (0, 1, 2))
    assert document.report.problem is not None
    assert "3 classes need a vector of 3" in document.report.problem.text
    with qtbot.waitSignal(document.report_changed):
        document.change_option(6, "units", 3)
    assert document.report.problem is None
    with qtbot.assertNotEmitted(document.report_changed):
        document.change_setting("epochs", 2)


def test_under_the_lock_only_the_live_rate_changes(document: Document) -> None:
    document.select(1)
    document.change_option(1, "depth", 6)
    before = document.project()
    document.set_locked(True)
    document.add("conv")
    document.delete()
    document.duplicate()
    document.move(1)
    document.rename(1, "x")
    document.change_option(1, "depth", 7)
    document.change_setting("epochs", 2)
    document.undo()
    assert document.project() == before
    document.change_setting("learning_rate", 0.25)
    assert document.settings.learning_rate == 0.25
    assert document.undo_stack.count() == 1


def test_modified_follows_undo_saving_and_training(document: Document, qtbot: QtBot) -> None:
    with qtbot.waitSignal(document.modified_changed) as changed:
        document.change_option(1, "depth", 6)
    assert changed.args == [True]
    document.undo()
    assert not document.modified
    document.keep_learned({4: {"bias": np.zeros(100, np.float32)}}, 1)
    assert document.modified
    with qtbot.waitSignals([document.modified_changed, document.path_changed]):
        document.mark_saved(Path("net.layerscope"))
    assert not document.modified
    assert document.path == Path("net.layerscope")


def learned(document: Document) -> Weights:
    return initial_weights(document.report, 0, "lecun")


def test_undo_brings_back_what_the_block_had_learned(document: Document) -> None:
    weights = learned(document)
    document.keep_learned(weights, 3)
    document.change_option(1, "depth", 6)
    kept = document.project().weights
    assert 1 not in kept
    assert kept[6]["weight"] is weights[6]["weight"]  # the edit further up leaves it
    document.undo()
    assert document.project().weights[1]["weight"] is weights[1]["weight"]
    document.select(1)
    document.delete()
    document.undo()
    assert document.project().weights[1]["weight"] is weights[1]["weight"]
    assert document.trained_epochs == 3


def test_forgetting_leaves_an_untrained_project(document: Document) -> None:
    document.keep_learned(learned(document), 3)
    document.forget_learned()
    assert document.project() == notebook()


def test_only_so_much_can_be_undone_that_memory_does_not_grow_for_ever(document: Document) -> None:
    def held() -> int:
        gc.collect()
        return sum(isinstance(each, WeightStore) for each in gc.get_objects())

    before = held()  # other tests leave some
    for epoch in range(1, UNDO_STEPS + 21):
        document.keep_learned({4: {"bias": np.full(100, epoch, np.float32)}}, epoch)
        document.forget_learned()
    assert UNDO_STEPS <= held() - before <= UNDO_STEPS + 1
    while document.undo_stack.canUndo():
        document.undo()
        latest = document.trained_epochs
    assert latest == 21


def test_a_replaced_project_starts_clean(document: Document, qtbot: QtBot) -> None:
    document.keep_learned(learned(document), 3)
    document.select(1)
    document.delete()
    document.set_locked(True)
    expected = digits()
    with qtbot.waitSignals(
        [document.project_replaced, document.stack_changed, document.locked_changed]
    ):
        document.replace_project(expected, Path("d.layerscope"))
    assert document.project() == expected
    assert (document.selected, document.modified, document.locked) == (None, False, False)
    assert not document.undo_stack.canUndo()
    assert document.path == Path("d.layerscope")


def test_a_replaced_project_brings_its_weights(document: Document) -> None:
    weights = learned(document)
    document.replace_project(Project(notebook().stack, weights=weights, trained_epochs=2), None)
    assert document.project().weights.keys() == {1, 4, 6}
    assert document.trained_epochs == 2


def test_an_unknown_block_can_be_moved_and_deleted_but_not_changed(qapp: QApplication) -> None:
    strange = BlockSlot(5, UnknownBlock({"kind": "lstm"}, "its kind is not known"))
    document = Document(Project(Stack((strange,))))
    document.change_option(5, "units", 3)
    document.add("dense")
    document.select(5)
    document.move(1)
    assert ids(document) == [6, 5]
    document.delete()
    assert ids(document) == [6]
    document.undo()
    assert document.stack.slot(5) == strange


edits = st.lists(
    st.tuples(
        st.sampled_from(
            ["add", "delete", "duplicate", "move", "option", "rename", "setting", "select"]
        ),
        st.integers(0, 1000),
        st.integers(-2, 8),
    ),
    max_size=25,
)


def make_edit(document: Document, edit: str, choice: int, number: int) -> None:
    """Make the edit that these numbers stand for, as far as there is something to edit."""
    slots = document.stack.slots
    slot = slots[choice % len(slots)] if slots else None
    if edit == "add":
        document.add(list(KINDS)[choice % len(KINDS)])
    elif edit in ("delete", "duplicate"):
        getattr(document, edit)()
    elif edit == "move":
        document.move(number)
    elif edit == "setting":
        field, value = [
            ("epochs", abs(number) + 1),
            ("learning_rate", abs(number) + 0.5),
            ("classes", tuple(range(abs(number) + 2))),
            ("loss", ("bce", "mse")[number % 2]),
        ][choice % 4]
        document.change_setting(field, value)
    elif slot is None:
        return
    elif edit == "select":
        document.select(slot.id)
    elif edit == "rename":
        document.rename(slot.id, "x" * abs(number))
    elif fields := [f for f in fields_of(type(slot.block)) if f.kind == "int"]:
        document.change_option(slot.id, fields[choice % len(fields)].name, abs(number) + 1)


@given(edits)
def test_undoing_all_gives_the_original_and_redoing_all_the_end(
    qapp: QApplication, walk: list[tuple[str, int, int]]
) -> None:
    document = Document(notebook())
    states = [document.project()]
    for edit, choice, number in walk:
        steps = document.undo_stack.index()
        make_edit(document, edit, choice, number)
        if document.undo_stack.index() < steps:  # a change back took its step away
            states.pop()
        elif document.undo_stack.index() > steps:
            states.append(document.project())
        else:
            assert document.undo_stack.index() == len(states) - 1
            states[-1] = document.project()
        assert len(set(ids(document))) == len(document.stack)
        assert document.selected is None or document.selected in ids(document)
    for expected in reversed(states[:-1]):
        document.undo()
        assert document.project() == expected
        assert document.report == expected.check()
    assert document.project() == notebook()
    assert not document.modified
    for expected in states[1:]:
        document.redo()
        assert document.project() == expected


COLLECTED = """
import gc
from PySide6.QtCore import QObject
from engine.model.templates import notebook
from gui.document.document import Document

for _ in range(20):
    owner = QObject() if {owned} else None
    document = Document(notebook(), owner)
    document.circle = [document, owner]  # so that only the garbage collector takes them
    for _ in range(9):
        document.add("conv")
    del document, owner
gc.collect()
print("alive")
"""


@pytest.mark.parametrize("owned", [True, False])
def test_the_garbage_collector_may_take_a_document_with_undo_steps(owned: bool) -> None:
    # In a process of its own: PySide6 before 6.12 ended it with a segmentation fault.
    code = COLLECTED.format(owned=owned)
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (child.stdout, child.stderr, child.returncode) == ("alive\n", "", 0)
