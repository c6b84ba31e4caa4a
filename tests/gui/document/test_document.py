"""The document: its report, its signals, what was learned, and its end."""

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from engine.blocks import UnknownBlock
from engine.files.project_file import open_project, save_project
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import BlockSlot, Stack
from engine.model.templates import digits
from engine.model.training_state import MemoryKey, next_state
from engine.model.weights import Weights, initial_weights
from gui.document.document import Document
from gui.document.edits import Edits
from gui.document.kernel_edits import KernelEdits
from gui.document.kernel_place import KernelPlace
from tests.gui.finding import not_none
from tests.gui.watching import heard
from tests.programs import Programs


def test_who_watches_is_told_of_what_has_changed(document: Document, edits: Edits) -> None:
    store = document.store
    reports = heard(store, lambda s: s.document.report)
    settings = heard(store, lambda s: s.document.settings)
    problems = heard(store, lambda s: s.document.report.problem)
    edits.change_option(1, "depth", 6)
    assert (reports, problems, settings) == ([document.report], [], [])
    edits.change_setting("epochs", 2)
    assert (len(reports), problems, settings) == (1, [], [document.settings])
    edits.change_option(6, "units", 3)
    edits.rename(1, "Edges")  # the problem stays as it is
    assert problems[-1] == document.report.problem
    assert problems[-1] is not None
    assert problems[-1].kind == "output"
    edits.change_setting("classes", (0, 1, 2))
    assert problems[-1] is None
    assert reports[-1] == document.report
    assert (len(reports), len(settings)) == (4, 2)


def test_new_weights_are_told(document: Document, kernel_edits: KernelEdits, edits: Edits) -> None:
    learned = heard(document.store, lambda s: s.document.learned)
    kernel_edits.edit_kernel(KernelPlace(1, 2, 0), np.ones((3, 3)), "Fill")
    document.keep_learned({4: {"bias": np.zeros(100, np.float32)}}, 1)
    assert (len(learned), document.state.resets) == (2, 0)
    edits.forget_learned()
    assert (len(learned), document.state.resets) == (3, 1)


def test_another_project_has_changed_all(document: Document) -> None:
    before, told = document.state, heard(document.store, lambda s: s.document)
    document.replace_project(Project(), None)
    assert told == [document.state]
    after = document.state
    assert after.opened == before.opened + 1
    assert (after.stack, after.settings) == (Project().stack, Settings())
    assert (after.report.problem, after.selected) == (document.report.problem, None)
    assert after.learned.store.is_empty()


def test_training_is_a_change_and_saving_takes_the_path(document: Document) -> None:
    modified = heard(document.store, lambda s: s.document.modified)
    document.keep_learned({4: {"bias": np.zeros(100, np.float32)}}, 1)
    assert modified == [True]
    document.mark_saved(Path("net.layerscope"))
    assert (modified, document.path) == ([True, False], Path("net.layerscope"))


def learned(document: Document) -> Weights:
    return initial_weights(document.report, 0, "lecun")


def remove_reshape(document: Document, edits: Edits) -> None:
    document.select(3)
    edits.delete()


@pytest.mark.parametrize("spoilt", ["no Reshape", "kernel too large"])
def test_a_file_saved_while_a_block_is_bad_keeps_all_that_was_learned(
    document: Document, edits: Edits, spoilt: str, tmp_path: Path
) -> None:
    weights, path = learned(document), tmp_path / "bad.layerscope"
    edits.change_setting("optimizer", "adam")
    state = next_state(None, document.report, document.settings, 30, epochs_done=3)
    memories = {
        MemoryKey(slot_id, name, memory): np.full(shape, 0.5, np.float32)
        for slot_id, shapes in state.shapes.items()
        for name, shape in shapes.items()
        for memory in ("mean", "square")
    }
    document.keep_learned(weights, 3, msgspec.structs.replace(state, memories=memories))
    if spoilt == "no Reshape":
        remove_reshape(document, edits)
    else:
        edits.change_option(1, "kernel_size", 31)  # the image has 28 rows
    assert document.report.problem is not None
    for _ in range(2):
        save_project(document.project(), path)
        document.replace_project(open_project(path), path)
    if spoilt == "no Reshape":
        edits.add("reshape", 2)
    else:
        edits.change_option(1, "kernel_size", 3)
    assert document.report.problem is None
    assert not_none(document.project().state).memories.keys() == memories.keys()
    found = document.project().weights
    assert found.keys() == {1, 4, 6}
    for slot_id, arrays in found.items():
        assert arrays.keys() == weights[slot_id].keys()
        for name, array in arrays.items():
            assert np.array_equal(array, weights[slot_id][name].astype(np.float32))


def test_a_bad_block_keeps_what_it_had_when_it_fitted(document: Document, edits: Edits) -> None:
    deep = learned(document)
    document.keep_learned(deep, 1)
    edits.change_option(1, "depth", 6)
    document.keep_learned(learned(document), 2)
    edits.undo()
    remove_reshape(document, edits)
    assert document.project().weights[4]["weight"] is deep[4]["weight"]


def test_the_weights_of_an_unknown_block_stay_with_it(qapp: QApplication) -> None:
    unknown = BlockSlot(5, UnknownBlock({"kind": "lstm"}, "its kind is not known"))
    weights = {5: {"gate": np.ones((2, 3), np.float32)}}
    document = Document(Project(Stack((unknown,)), weights=weights, trained_epochs=1))
    assert document.project().weights[5]["gate"] is weights[5]["gate"]


def test_another_project_starts_clean_with_its_weights(document: Document, edits: Edits) -> None:
    document.keep_learned(learned(document), 3)
    document.select(1)
    edits.delete()
    document.set_locked(True)
    weights = learned(Document(digits()))
    expected = replace(digits(), weights=weights, trained_epochs=2)
    document.replace_project(expected, Path("d.layerscope"))
    found = document.project()
    assert (found.stack, found.settings) == (expected.stack, expected.settings)
    assert found.weights.keys() == {slot for slot, arrays in weights.items() if arrays}
    assert document.trained_epochs == 2
    assert (document.selected, document.modified, document.locked) == (None, False, False)
    assert (document.undo_stack.canUndo(), document.path) == (False, Path("d.layerscope"))


COLLECTED = """
import gc
from PySide6.QtCore import QObject
from engine.model.templates import notebook
from gui.document.document import Document
from gui.document.edits import Edits

for _ in range(20):
    owner = QObject() if {owned} else None
    document = Document(notebook(), owner)
    document.circle = [document, owner]  # so that only the garbage collector takes them
    for _ in range(9):
        Edits(document).add("conv")
    del document, owner
gc.collect()
print("alive")
"""


@pytest.mark.parametrize("owned", [True, False])
def test_garbage_collection_may_take_a_document_with_steps(programs: Programs, owned: bool) -> None:
    # In a process of its own: PySide6 before 6.12 ended it with a segmentation fault.
    code = COLLECTED.format(owned=owned)
    assert programs.start("-c", code).ended() == (0, "alive\n", "")
