"""Edits: what each does, what the lock leaves, and random walks there and back."""

import dataclasses
import gc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication

from engine.blocks import KINDS, UnknownBlock
from engine.errors import SettingsError
from engine.model.project import Project
from engine.model.stack import BlockSlot, Stack
from engine.model.templates import notebook
from engine.model.weights import Weights, WeightStore, initial_weights
from engine.struct_fields import fields_of
from gui.document.document import UNDO_STEPS, Document
from gui.document.edits import Edits


def summaries(document: Document) -> list[str]:
    return [slot.label for slot in document.stack]


def ids(document: Document) -> list[int]:
    return [slot.id for slot in document.stack]


def test_a_block_is_added_after_the_selection_and_selected(
    document: Document, edits: Edits
) -> None:
    document.select(2)
    edits.add("tanh")
    assert summaries(document)[:4] == ["Conv 5, 3×3", "Sigmoid", "Tanh", "Reshape to vector"]
    assert document.selected == ids(document)[2] == 8


def test_a_block_is_added_at_the_end_without_a_selection(document: Document, edits: Edits) -> None:
    edits.add("tanh")
    edits.add("dense")
    assert summaries(document)[-2:] == ["Tanh", "Dense 100"]


def test_deletion_selects_the_next_and_at_the_end_the_last(
    document: Document, edits: Edits
) -> None:
    document.select(1)
    edits.delete()
    assert document.selected == 2
    document.select(7)
    edits.delete()
    assert document.selected == 6
    while len(document.stack):
        edits.delete()
    assert document.selected is None


def test_a_copy_has_the_options_and_title_but_an_id_of_its_own(
    document: Document, edits: Edits
) -> None:
    edits.rename(1, "Edges")
    document.select(1)
    edits.duplicate()
    first, copy = document.stack.slots[:2]
    assert (copy.block, copy.title) == (first.block, "Edges")
    assert document.selected == copy.id == 8


def test_moves_stop_at_the_ends(document: Document, edits: Edits) -> None:
    document.select(6)
    edits.move(1)
    assert ids(document) == [1, 2, 3, 4, 5, 7, 6]
    edits.move(1)
    assert document.undo_stack.count() == 1
    edits.move(-9)
    assert ids(document) == [6, 1, 2, 3, 4, 5, 7]
    assert document.selected == 6


def test_an_undone_addition_does_not_share_its_id_with_a_later_one(
    document: Document, edits: Edits
) -> None:
    edits.add("dense")
    edits.undo()
    edits.add("dense")
    assert ids(document)[-1] == 9


def test_a_refused_value_changes_nothing(document: Document, edits: Edits) -> None:
    with pytest.raises(SettingsError, match="kernel size must be a whole number from 1 to 31"):
        edits.change_option(1, "kernel_size", 0)
    with pytest.raises(SettingsError, match="classes"):
        edits.change_setting("classes", (1,))
    assert document.project() == notebook()
    assert not document.modified


def test_under_the_lock_only_the_live_rate_changes(document: Document, edits: Edits) -> None:
    document.select(1)
    edits.change_option(1, "depth", 6)
    before = document.project()
    document.set_locked(True)
    edits.add("conv")
    edits.delete()
    edits.duplicate()
    edits.move(1)
    edits.rename(1, "x")
    edits.change_option(1, "depth", 7)
    edits.change_setting("epochs", 2)
    edits.undo()
    assert document.project() == before
    edits.change_setting("learning_rate", 0.25)
    assert document.settings.learning_rate == 0.25
    assert document.undo_stack.count() == 1


def learned(document: Document) -> Weights:
    return initial_weights(document.report, 0, "lecun")


def test_undo_brings_back_what_the_block_had_learned(document: Document, edits: Edits) -> None:
    weights = learned(document)
    document.keep_learned(weights, 3)
    edits.change_option(1, "depth", 6)
    kept = document.project().weights
    assert 1 not in kept
    assert kept[6]["weight"] is weights[6]["weight"]  # the edit further up leaves it
    edits.undo()
    assert document.project().weights[1]["weight"] is weights[1]["weight"]
    document.select(1)
    edits.delete()
    edits.undo()
    assert document.project().weights[1]["weight"] is weights[1]["weight"]
    assert document.trained_epochs == 3


def test_forgetting_leaves_an_untrained_project(document: Document, edits: Edits) -> None:
    document.keep_learned(learned(document), 3)
    edits.forget_learned()
    assert document.project() == notebook()


def test_only_so_much_can_be_undone_that_memory_does_not_grow_for_ever(
    document: Document, edits: Edits
) -> None:
    def held() -> int:
        gc.collect()
        return sum(isinstance(each, WeightStore) for each in gc.get_objects())

    before = held()  # other tests leave some
    for epoch in range(1, UNDO_STEPS + 21):
        document.keep_learned({4: {"bias": np.full(100, epoch, np.float32)}}, epoch)
        edits.forget_learned()
    assert UNDO_STEPS <= held() - before <= UNDO_STEPS + 1
    while document.undo_stack.canUndo():
        edits.undo()
        latest = document.trained_epochs
    assert latest == 21


def test_an_unknown_block_can_be_moved_and_deleted_but_not_changed(qapp: QApplication) -> None:
    strange = BlockSlot(5, UnknownBlock({"kind": "lstm"}, "its kind is not known"))
    document = Document(Project(Stack((strange,))))
    edits = Edits(document)
    edits.change_option(5, "units", 3)
    edits.add("dense")
    document.select(5)
    edits.move(1)
    assert ids(document) == [6, 5]
    edits.delete()
    assert ids(document) == [6]
    edits.undo()
    assert document.stack.slot(5) == strange


walks = st.lists(
    st.tuples(
        st.sampled_from(
            ["add", "delete", "duplicate", "move", "option", "rename", "setting", "select"]
        ),
        st.integers(0, 1000),
        st.integers(-2, 8),
    ),
    max_size=25,
)


def make_edit(document: Document, edits: Edits, edit: str, choice: int, number: int) -> None:
    """Make the edit that these numbers stand for, as far as there is something to edit."""
    slots = document.stack.slots
    slot = slots[choice % len(slots)] if slots else None
    if edit == "add":
        edits.add(list(KINDS)[choice % len(KINDS)])
    elif edit in ("delete", "duplicate"):
        getattr(edits, edit)()
    elif edit == "move":
        edits.move(number)
    elif edit == "setting":
        field, value = [
            ("epochs", abs(number) + 1),
            ("learning_rate", abs(number) + 0.5),
            ("classes", tuple(range(abs(number) + 2))),
            ("loss", ("bce", "mse")[number % 2]),
        ][choice % 4]
        edits.change_setting(field, value)
    elif slot is None:
        return
    elif edit == "select":
        document.select(slot.id)
    elif edit == "rename":
        edits.rename(slot.id, "x" * abs(number))
    elif fields := [f for f in fields_of(type(slot.block)) if f.kind == "int"]:
        edits.change_option(slot.id, fields[choice % len(fields)].name, abs(number) + 1)


@given(walks)
def test_undoing_all_gives_the_original_and_redoing_all_the_end(
    qapp: QApplication, walk: list[tuple[str, int, int]]
) -> None:
    document = Document(notebook())
    edits = Edits(document)
    states = [document.project()]
    for edit, choice, number in walk:
        steps = document.undo_stack.index()
        make_edit(document, edits, edit, choice, number)
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
        edits.undo()
        assert document.project() == expected
        assert document.report == expected.check()
    assert document.project() == notebook()
    assert not document.modified
    for expected in states[1:]:
        edits.redo()
        assert document.project() == expected


def learn(document: Document, value: float) -> None:
    """Learn 1,000 bytes: 125 numbers of float64 in the Dense block, slot 4."""
    document.keep_learned({4: {"weight": np.full(125, value)}}, 1)


def learned_value(document: Document) -> float | None:
    arrays = list(document.learned.arrays())
    return float(arrays[0][0]) if arrays else None


@pytest.fixture
def room_for_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let undo steps hold 2,000 bytes."""
    monkeypatch.setattr("gui.document.edits.UNDO_BYTES", 2000)


@pytest.mark.usefixtures("room_for_two")
def test_the_oldest_steps_go_when_what_they_hold_takes_too_much_memory(
    document: Document, edits: Edits
) -> None:
    edits.change_setting("seed", 7)
    for value in (1.0, 2.0, 3.0, 4.0):  # after the third Reset there are 3,000 bytes
        learn(document, value)
        edits.forget_learned()
    undone = []
    while document.undo_stack.canUndo():
        edits.undo()
        undone.append(learned_value(document))
    assert undone == [4.0, 3.0]
    assert document.settings.seed == 7, "a step before one that was dropped goes with it"
    assert document.modified
    edits.redo()
    edits.redo()
    assert (learned_value(document), document.undo_stack.canRedo()) == (None, False)


@pytest.mark.usefixtures("room_for_two")
def test_arrays_of_several_steps_or_of_the_present_count_once_or_not_at_all(
    document: Document, edits: Edits
) -> None:
    shared = {4: {"weight": np.full(125, 1.0)}}  # 1,000 bytes
    for _ in range(3):
        document.keep_learned(shared, 1)
        edits.forget_learned()
    learn(document, 2.0)
    shares = dataclasses.replace(document.project(), weights=shared)
    edits.take_learned(shares, "Take")  # steps hold 1,000 bytes alone, and share the present's
    assert undone(document, edits) == 4
    for _ in range(4):
        edits.redo()
    learn(document, 3.0)
    edits.forget_learned()  # 1,000 bytes of each value: those of the three oldest are too many
    assert undone(document, edits) == 2


def undone(document: Document, edits: Edits) -> int:
    """Undo all, and return how many steps that were."""
    count = 0
    while document.undo_stack.canUndo():
        edits.undo()
        count += 1
    return count


@pytest.mark.usefixtures("room_for_two")
def test_the_newest_step_stays_however_much_it_holds(document: Document, edits: Edits) -> None:
    for value in (1.0, 2.0):
        document.keep_learned({4: {"weight": np.full(1000, value)}}, 1)  # 8,000 bytes
        edits.reset_with_rate(value / 10)
    edits.undo()
    assert learned_value(document) == 2.0
    assert document.settings.learning_rate == 0.1


@pytest.mark.usefixtures("room_for_two")
def test_what_is_left_of_the_steps_is_not_what_was_saved(document: Document, edits: Edits) -> None:
    other = document.project()
    edits.change_setting("seed", 7)
    for value in (1.0, 2.0, 3.0, 4.0, 5.0):
        weights = {4: {"weight": np.full(125, value)}}
        edits.take_learned(dataclasses.replace(other, weights=weights), "Import weights")
    assert undone(document, edits) < 5
    assert learned_value(document) is not None, "the first steps are gone"
    assert document.modified
