"""Edits: what is refused, and how much undo steps hold; `test_document_model` has the rest."""

import dataclasses
import gc

import numpy as np
import pytest

from engine.advice.repairs import Repair, repairs_for
from engine.blocks import BatchNorm, Conv, Dense, ReLU, SkipBlock, UnknownBlock
from engine.errors import SettingsError
from engine.model.project import Project
from engine.model.stack import BlockSlot, Stack
from engine.model.templates import notebook
from engine.model.weights import WeightStore
from gui.document.document import UNDO_STEPS, Document
from gui.document.edits import Edits
from tests.gui.watching import heard


def ids(document: Document) -> list[int]:
    return [slot.id for slot in document.stack]


def test_a_refused_value_changes_nothing(document: Document, edits: Edits) -> None:
    with pytest.raises(SettingsError, match="kernel size must be a whole number from 1 to 31"):
        edits.change_option(1, "kernel_size", 0)
    with pytest.raises(SettingsError, match="classes"):
        edits.change_setting("classes", (1,))
    assert document.project() == notebook()
    assert not document.modified


def test_memory_for_undo_does_not_grow_for_ever(document: Document, edits: Edits) -> None:
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


def test_an_unknown_block_can_be_moved_and_deleted_but_not_changed() -> None:
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
def test_the_oldest_steps_go_when_memory_is_short(document: Document, edits: Edits) -> None:
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
    edits.take_checkpoint(shares, "Take")  # steps hold 1,000 bytes alone, and share the present's
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
        edits.start_over("learning_rate", value / 10)
    edits.undo()
    assert learned_value(document) == 2.0
    assert document.settings.learning_rate == 0.1


@pytest.mark.usefixtures("room_for_two")
def test_what_is_left_of_the_steps_is_not_what_was_saved(document: Document, edits: Edits) -> None:
    other = document.project()
    edits.change_setting("seed", 7)
    for value in (1.0, 2.0, 3.0, 4.0, 5.0):
        weights = {4: {"weight": np.full(125, value)}}
        edits.take_checkpoint(dataclasses.replace(other, weights=weights), "Import weights")
    assert undone(document, edits) < 5
    assert learned_value(document) is not None, "the first steps are gone"
    assert document.modified


def test_a_step_of_several_edits_is_told_of_as_a_whole(document: Document, edits: Edits) -> None:
    other = document.project()
    edits.add("relu")
    edits.change_setting("seed", 7)
    edits.change_setting("limit", 50)
    present = document.project()
    told = heard(document.store, lambda s: (s.document.stack, s.document.settings))
    edits.take_checkpoint(other, "Take")
    edits.undo()
    edits.redo()
    ends = [(each.stack, each.settings) for each in (other, present, other)]
    assert told == ends


def test_a_refused_value_leaves_no_step_open(document: Document, edits: Edits) -> None:
    with pytest.raises(SettingsError):
        edits.start_over("learning_rate", -1.0)
    edits.change_setting("seed", 7)
    edits.undo()
    assert document.settings.seed != 7


# Skip connections: what an Add takes is named by its id.


def sources(document: Document) -> list[int]:
    """The numbers of the blocks whose outputs are taken, in the order of those that take them."""
    blocks = [row.slot.block for row in document.report.rows]
    return [block.source_number for block in blocks if isinstance(block, SkipBlock)]


GROUP = ["Conv", "BatchNorm", "ReLU", "Conv", "BatchNorm", "Add", "ReLU"]


def test_a_residual_group_is_one_step_and_its_source_follows() -> None:
    document = Document(Project(Stack().appended(Conv(depth=4), ReLU())))
    edits = Edits(document)
    edits.add_residual()
    names = [slot.block.name for slot in document.stack]
    assert names == ["Conv", "ReLU", *GROUP]
    assert sources(document) == [2]
    assert document.report.rows[-1].output_shape == (4, 26, 26)
    edits.duplicate()  # the group is selected: its copy takes what the first took
    assert sources(document) == [2, 2]
    document.select_many({slot.id for slot in document.stack.slots[1:9]}, None)
    edits.duplicate()  # with what it takes: the copy takes that copy
    assert sources(document) == [2, 10, 2]
    document.select(document.stack.slots[0].id)
    edits.add("tanh")
    assert sources(document) == [3, 11, 3]
    edits.move(1)
    assert sources(document) == [2, 11, 2]
    for _ in range(5):
        edits.undo()
    assert len(document.stack) == 2


def test_a_residual_group_begins_a_network_of_its_own() -> None:
    document = Document(Project(Stack()))
    Edits(document).add_residual()
    assert sources(document) == [2]
    assert document.report.rows[-1].output_shape == (16, 28, 28)


def test_a_residual_group_stands_where_the_last_maps_are(document: Document, edits: Edits) -> None:
    """The notebook's network has maps up to its Sigmoid, and vectors behind that."""
    document.select_many((), None)
    edits.add_residual()
    names = [slot.block.name for slot in document.stack]
    assert names[1:9] == ["Sigmoid", *GROUP]
    assert document.report.problem is None


def test_a_fit_that_leaves_nothing_learned_begins_anew_and_undo_brings_all_back(
    document: Document, edits: Edits
) -> None:
    network = document.project().network()
    trained = dataclasses.replace(
        document.project(), weights=network.copy_weights(), trained_epochs=2
    )
    document.replace_project(trained, None)
    in_colour = dataclasses.replace(document.stack, input_shape=(3, 28, 28))
    edits.take_offer(Repair("Fit", document.stack, document.settings.with_changes(epochs=3)))
    assert (document.trained_epochs, document.trained) == (2, True)
    edits.take_offer(Repair("Fit", in_colour, document.settings))
    assert document.trained_epochs == 2, "the Dense blocks keep what they have learned"
    edits.undo()
    for position in (3, 5):
        wider = dataclasses.replace(in_colour.slots[position], block=Dense(units=position))
        in_colour = in_colour.replaced(wider)
    edits.take_offer(Repair("Fit", in_colour, document.settings))
    assert (document.trained_epochs, document.trained) == (0, False)
    edits.undo()
    assert document.trained_epochs == 2
    assert set(document.project().weights) == set(trained.weights)


def test_an_added_add_takes_what_ends_a_group_and_fits() -> None:
    stack = Stack().appended(Conv(depth=4), ReLU(), Conv(depth=4, padding="same"), BatchNorm())
    document = Document(Project(stack))
    edits = Edits(document)
    edits.add("add")
    assert sources(document) == [2]
    document.select(2)
    edits.delete()
    problem = document.report.problem
    assert problem is not None
    assert problem.text == "Block 4 (Add) takes the output of a block before it. Choose which."
    edits.apply_repair(repairs_for(document.stack, document.settings)[0])
    assert sources(document) == [2]
