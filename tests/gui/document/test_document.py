"""The document: its report, its signals, what was learned, its end; and against a simple model."""

import copy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from PySide6.QtTest import QAbstractItemModelTester

from engine.array_types import Array, Shape
from engine.blocks import KINDS, UnknownBlock, encode_block
from engine.files.project_file import open_project, save_project
from engine.model.project import CheckpointRef, Project
from engine.model.stack import BlockSlot, Row, ShapeReport, Stack
from engine.model.templates import digits, notebook
from engine.model.training_state import EpochPart, MemoryKey, next_state
from engine.model.weights import Weights, initial_weights
from engine.struct_fields import fields_of
from gui.document.checkpoint import checkpoint_words
from gui.document.document import UNDO_STEPS, Document
from gui.document.edits import Edits
from gui.document.kernel_edits import KernelEdits
from gui.document.kernel_place import KernelPlace
from gui.editor.block_list import OUTCOME_ROLE, BlockListModel
from gui.editor.editor_actions import blocks_from_text, blocks_to_text
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


def test_the_weights_of_an_unknown_block_stay_with_it() -> None:
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
    opened, told = document.state.opened, heard(document.store, lambda s: s.document)
    document.replace_project(Project(), None)
    assert told == [document.state]
    assert (document.state.opened, document.learned.store.is_empty()) == (opened + 1, True)


COLLECTED = """
import gc
from PySide6.QtCore import QObject
from engine.model.templates import notebook
from gui.document.document import Document
from gui.document.edits import Edits

for number in range(40):
    owner = QObject() if number % 2 else None
    document = Document(notebook(), owner)
    document.circle = [document, owner]  # so that only the garbage collector takes them
    for _ in range(9):
        Edits(document).add("conv")
    del document, owner
gc.collect()
print("alive")
"""


def test_garbage_collection_may_take_a_document_with_steps(programs: Programs) -> None:
    # In a process of its own: PySide6 before 6.12 ended it with a segmentation fault.
    assert programs.start("-c", COLLECTED).ended() == (0, "alive\n", "")


Kernel = tuple[int, int, int]  # slot id, output map, channel
VALUES: dict[str, tuple[Any, Any, Any]] = {  # of settings, the first as in the notebook
    "epochs": (20, 7, 3),
    "momentum": (0.0, 0.13, 0.17),
    "loss": ("bce", "mse", "cross_entropy"),
    "classes": ((0, 1), (3, 4, 5), tuple(range(9))),
}


@dataclass
class Entry:
    """One block of the model: what a user sees of it."""

    id: int
    block: dict[str, Any]
    title: str = ""
    locked: bool = False
    kernels: tuple[int, ...] = ()  # that are locked


@dataclass
class State:
    """All that an undo step brings back."""

    entries: list[Entry] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)
    change: Any = field(default=None, compare=False)  # what the step that led here changed
    put_away: "Learned | None" = field(default=None, compare=False)  # by the step that led here
    taken_out: Any = field(default=None, compare=False)  # the kernel that it exchanged


@dataclass
class Learned:
    """What training has left: a number for the arrays of each block and their shapes."""

    numbers: dict[tuple[int, str], Any] = field(default_factory=dict)
    kernels: dict[tuple[int, str, int, int], Any] = field(default_factory=dict)  # edited by hand
    epochs: int = 0


def filled(shape: Shape, number: float) -> Array:
    """Return an array of one number, of the type that training leaves; it takes no memory."""
    return np.broadcast_to(np.float32(number), shape)


class DocumentModel(RuleBasedStateMachine):
    """A document beside plain lists, and what must be the same in both after each edit.

    The model knows of a kernel the number that fills it, or the seed that made it. A block whose
    kernels were edited before it learned has the seed in the place of its number.
    """

    def __init__(self) -> None:
        super().__init__()
        self.document = Document(notebook())
        self.edits, self.kernel_edits = Edits(self.document), KernelEdits(self.document)
        self.rows = BlockListModel(self.document, self.edits)
        mode = QAbstractItemModelTester.FailureReportingMode.Warning  # which fails the test
        self.tester = QAbstractItemModelTester(self.rows, mode)
        self.last_id = len(self.document.stack)
        self.selection: list[int] = []
        self.current: int | None = None
        self.clipboard = ""
        self.copied: list[Entry] = []
        first = State(
            [Entry(s.id, encode_block(s.block)) for s in self.document.stack],
            {"seed": 0} | {name: values[0] for name, values in VALUES.items()},
        )
        self.learned, self.times_learned = Learned(), 0
        self.fitted: dict[int, tuple[int, str]] = {}  # the arrays of each block that fits, or did
        self.note_keys()
        self.document.store.watch(lambda s: s.document.report, self.note_keys)
        self.unsaved = False
        self.states, self.place = [first], 0

    # --- the model -----------------------------------------------------------------------------

    @property
    def state(self) -> State:
        return self.states[self.place]

    @property
    def entries(self) -> list[Entry]:
        return self.state.entries

    def step(self, after: State, change: Any = None) -> None:
        """Take a new state; a change of the same option or setting joins the step before it."""
        del self.states[self.place + 1 :]
        after.change = change
        if change is None or self.state.change != change:
            self.states.append(after)
            self.place += 1
            if len(self.states) - 1 > UNDO_STEPS:  # the oldest goes, and what was saved
                del self.states[0]
                self.place -= 1
                self.unsaved = True
        elif after == self.states[self.place - 1]:  # a change back leaves no step
            self.states.pop()
            self.place -= 1
        else:
            self.states[self.place] = after

    def edited(self, entries: list[Entry]) -> State:
        return State(entries, self.state.settings)

    def choose(self, slot_ids: list[int], current: int | None) -> None:
        self.selection = [entry.id for entry in self.entries if entry.id in slot_ids]
        self.current = current

    def pick(self, choice: int) -> Entry | None:
        return self.entries[choice % len(self.entries)] if self.entries else None

    def picked(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.id in self.selection]

    def after_selection(self) -> int:
        ids = [entry.id for entry in self.entries]
        return ids.index(self.selection[-1]) + 1 if self.selection else len(ids)

    def insert(self, new: list[Entry], gap: int) -> None:
        for entry in new:
            self.last_id += 1
            entry.id, entry.locked, entry.kernels = self.last_id, False, ()
        self.step(self.edited([*self.entries[:gap], *new, *self.entries[gap:]]))
        self.choose([entry.id for entry in new], new[-1].id)

    def keys(self) -> dict[int, tuple[int, str]]:
        """Name the arrays of each block that has some, as the shapes are now."""
        rows = self.document.report.rows
        return {r.slot.id: (r.slot.id, str(r.array_shapes)) for r in rows if r.array_shapes}

    def note_keys(self) -> None:
        self.fitted.update(self.keys())

    def held(self) -> dict[int, tuple[int, str]]:
        """Name what a file holds: of a block that does not fit, the arrays that it had before."""
        fitting = {row.slot.id for row in self.document.report.rows if row.array_shapes is not None}
        named = {
            entry.id: (self.keys() if entry.id in fitting else self.fitted).get(entry.id)
            for entry in self.entries
        }
        return {i: key for i, key in named.items() if key in self.learned.numbers and key}

    def rows_with_kernels(self) -> list[Row]:
        rows = self.document.report.rows
        return [row for row in rows if row.slot.block.kind == "conv" and row.array_shapes]

    def seed(self) -> tuple[str, int]:
        return "seed", self.state.settings["seed"]

    def inside(self, kernel: Kernel) -> Any:
        """What fills a kernel."""
        key = self.keys()[kernel[0]]
        whole = self.learned.numbers.get(key, self.seed())
        return self.learned.kernels.get((*key, *kernel[1:]), whole)

    def exchange(self, kernel: Kernel, filling: Any) -> Any:
        """Fill a kernel; give what filled it. What is as the seed makes it is not held."""
        former, key = self.inside(kernel), self.keys()[kernel[0]]
        self.learned.numbers.setdefault(key, self.seed())
        self.learned.kernels[(*key, *kernel[1:])] = filling
        row = next(row for row in self.rows_with_kernels() if row.slot.id == kernel[0])
        as_made = all(
            np.array_equal(array, self.made(row, self.seed())[name])
            for name, array in self.arrays(row).items()
        )
        if self.learned.epochs == 0 and as_made:
            self.forget(key)
        return former

    def forget(self, key: tuple[int, str]) -> None:
        self.learned.numbers.pop(key, None)
        self.learned.kernels = {k: v for k, v in self.learned.kernels.items() if k[:2] != key}

    def made(self, row: Row, filling: Any) -> dict[str, Array]:
        """All arrays of a block as a seed, or training, has made them."""
        if not isinstance(filling, tuple):
            shapes = row.array_shapes or {}
            return {name: filled(shape, filling) for name, shape in shapes.items()}
        initializer = self.document.settings.initializer
        return initial_weights(ShapeReport((row,), None), filling[1], initializer)[row.slot.id]

    def arrays(self, row: Row) -> dict[str, Array]:
        """All arrays of a block as they are."""
        key = self.keys()[row.slot.id]
        made = self.made(row, self.learned.numbers[key])
        arrays = {name: array.copy() for name, array in made.items()}
        for (*of, i, j), filling in self.learned.kernels.items():
            if tuple(of) == key:
                arrays["weight"][i, j] = self.made(row, filling)["weight"][i, j]
        return arrays

    # --- what must hold ------------------------------------------------------------------------

    @invariant()
    def blocks_are_those_of_the_model(self) -> None:
        shown = [
            Entry(s.id, encode_block(s.block), s.title, s.locked, s.locked_kernels)
            for s in self.document.stack
        ]
        assert shown == self.entries

    @invariant()
    def settings_are_those_of_the_model(self) -> None:
        for name, value in self.state.settings.items():
            assert getattr(self.document.settings, name) == value

    @invariant()
    def steps_are_those_of_the_model(self) -> None:
        undo_stack = self.document.undo_stack
        assert (undo_stack.index(), undo_stack.count()) == (self.place, len(self.states) - 1)
        assert self.document.modified == (self.place > 0 or self.unsaved)

    @invariant()
    def weights_are_those_of_the_model(self) -> None:
        assert self.document.trained_epochs == self.learned.epochs
        found = self.document.project().weights
        assert found.keys() == self.held().keys()
        for row in self.document.report.rows:
            arrays = found.get(row.slot.id, {}) if row.array_shapes else {}
            for name, array in arrays.items():
                assert np.array_equal(array, self.arrays(row)[name]), (row.slot.id, name)

    @invariant()
    def kernels_are_shown_as_they_are(self) -> None:
        for row in self.rows_with_kernels()[:2]:
            kernel = row.slot.id, 0, 0
            shown = self.document.kernel(KernelPlace(*kernel))
            expected = self.made(row, self.inside(kernel))["weight"][0, 0]
            assert shown is not None
            assert np.array_equal(shown, expected)

    @invariant()
    def rows_say_what_is_kept(self) -> None:
        words = {}
        if self.learned.numbers or self.learned.epochs:
            for slot_id, key in self.keys().items():
                words[slot_id] = "still trained" if key in self.learned.numbers else "untrained"
        if "untrained" not in words.values():
            words = {}
        for row, entry in enumerate(self.entries):
            assert self.rows.index(row).data(OUTCOME_ROLE) == words.get(entry.id, "")

    @invariant()
    def selection_is_that_of_the_model_and_sound(self) -> None:
        assert list(self.document.selection) == self.selection
        assert self.document.selected == self.current
        assert (self.current is None) == (not self.selection)
        assert self.current is None or self.current in self.selection
        ids = [entry.id for entry in self.entries]
        assert self.selection == [slot_id for slot_id in ids if slot_id in self.selection]

    @invariant()
    def rows_and_report_follow(self) -> None:
        stack = self.document.stack
        assert self.rows.rowCount() == len(stack) == len(self.document.report.rows)
        ids = [self.rows.slot_id(self.rows.index(row)) for row in range(len(stack))]
        assert ids == [slot.id for slot in stack]
        assert self.document.report == Project(stack, self.document.settings).check()


def walk(machine: type[DocumentModel], examples: int, steps: int, *, seeded: bool) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            derandomize=seeded,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


# What an Add takes depends on the blocks before it: it has tests of its own.
kinds = st.sampled_from(sorted(KINDS.keys() - {"add"}))
positions = st.integers(0, 30)
values = st.integers(-4, -1)  # what training leaves are numbers above 0
chosen = st.none() | st.sets(positions, min_size=1, max_size=6)  # none: what is selected already


class DocumentMachine(DocumentModel):
    """Makes each edit twice: by the document, and on plain lists."""

    # --- selecting -----------------------------------------------------------------------------

    @rule(choice=positions)
    def select(self, choice: int) -> None:
        entry = self.pick(choice)
        self.document.select(entry.id if entry else None)
        self.choose([entry.id] if entry else [], entry.id if entry else None)

    def select_many(self, choices: set[int] | None) -> None:
        if choices is None:
            return
        ids = [entry.id for choice in sorted(choices) if (entry := self.pick(choice))]
        current = ids[-1] if ids else None
        self.document.select_many(ids, current)
        self.choose(ids, current)

    @rule()
    def select_nothing(self) -> None:
        self.document.select(None)
        self.choose([], None)

    # --- editing -------------------------------------------------------------------------------

    @rule(kind=kinds)
    def add(self, kind: str) -> None:
        self.edits.add(kind)
        self.insert([Entry(0, encode_block(KINDS[kind].new()))], self.after_selection())

    @rule(kind=kinds, choice=positions)
    def drop(self, kind: str, choice: int) -> None:
        gap = choice % (len(self.entries) + 1)
        self.edits.add(kind, gap)
        self.insert([Entry(0, encode_block(KINDS[kind].new()))], gap)

    @rule(choices=chosen, cut=st.booleans())
    def delete(self, choices: set[int] | None, cut: bool) -> None:
        self.select_many(choices)
        self.edits.delete("Cut" if cut else "Delete")
        if not self.selection:
            return
        left = [entry for entry in self.entries if entry.id not in self.selection]
        below = self.entries[self.after_selection() :]
        next_ones = [entry.id for entry in (below or left[-1:])[:1]]
        self.step(self.edited(left))
        self.choose(next_ones, next_ones[0] if next_ones else None)

    @rule(choices=chosen)
    def duplicate(self, choices: set[int] | None) -> None:
        self.select_many(choices)
        self.edits.duplicate()
        if self.selection:
            self.insert(copy.deepcopy(self.picked()), self.after_selection())

    @rule(choices=chosen)
    def copy(self, choices: set[int] | None) -> None:
        self.select_many(choices)
        self.clipboard = blocks_to_text(self.document.selected_slots())
        self.copied = copy.deepcopy(self.picked())

    @rule()
    def paste(self) -> None:
        if not self.copied:
            return
        self.edits.insert(blocks_from_text(self.clipboard), "Paste")
        self.insert(copy.deepcopy(self.copied), self.after_selection())

    @rule(choices=chosen, delta=st.sampled_from([-1, 1]), times=st.integers(1, 3))
    def move(self, choices: set[int] | None, delta: int, times: int) -> None:
        self.select_many(choices)
        for _ in range(times):
            self.edits.move(delta)
            moved = list(self.entries)
            places = range(len(moved)) if delta < 0 else reversed(range(len(moved)))
            for place in places:
                goal = place + delta
                stuck = not 0 <= goal < len(moved) or moved[goal].id in self.selection
                if moved[place].id in self.selection and not stuck:
                    moved.insert(goal, moved.pop(place))
            if moved != self.entries:
                self.step(self.edited(moved))

    @rule(choices=chosen, choice=positions)
    def drag(self, choices: set[int] | None, choice: int) -> None:
        self.select_many(choices)
        gap = choice % (len(self.entries) + 1)
        self.edits.move_selection_to(gap)
        above = [entry for entry in self.entries[:gap] if entry.id not in self.selection]
        below = [entry for entry in self.entries[gap:] if entry.id not in self.selection]
        moved = [*above, *self.picked(), *below]
        if moved != self.entries:
            self.step(self.edited(moved))

    @rule(choice=positions, title=st.sampled_from(["", "Edges", "Später", "x" * 40]))
    def rename(self, choice: int, title: str) -> None:
        entry = self.pick(choice)
        if entry is None:
            return
        self.edits.rename(entry.id, title)
        if title != entry.title:
            new = replace(entry, title=title)
            self.step(self.edited([new if old is entry else old for old in self.entries]))
            self.choose([entry.id], entry.id)

    @rule(choice=positions, which=positions, number=st.integers(1, 9))
    def change_option(self, choice: int, which: int, number: int) -> None:
        entry = self.pick(choice)
        fields = fields_of(KINDS[entry.block["kind"]]) if entry else ()
        whole = [declared.name for declared in fields if declared.kind == "int"]
        if entry is None or not whole:
            return
        name = whole[which % len(whole)]
        self.edits.change_option(entry.id, name, number)
        if entry.block[name] != number:
            kept = tuple(kernel for kernel in entry.kernels if name != "depth" or kernel < number)
            new = replace(entry, block={**entry.block, name: number}, kernels=kept)
            after = self.edited([new if old is entry else old for old in self.entries])
            self.step(after, ("option", entry.id, name))
            self.choose([entry.id], entry.id)

    @rule(name=st.sampled_from(sorted(VALUES)), which=st.integers(0, 2))
    def change_setting(self, name: str, which: int) -> None:
        value = VALUES[name][which]
        self.edits.change_setting(name, value)
        if self.state.settings[name] != value:
            after = State(self.entries, {**self.state.settings, name: value})
            self.step(after, ("setting", name))

    # --- kernels and locks --------------------------------------------------------------------

    def pick_kernel(self, choice: int, which: int) -> Kernel | None:
        rows = self.rows_with_kernels()
        if not rows:
            return None
        row = rows[choice % len(rows)]
        outputs, channels, *_ = (row.array_shapes or {})["weight"]
        return row.slot.id, *divmod(which % (outputs * channels), channels)

    @rule(choice=positions, which=positions, value=values, locked=st.booleans())
    def edit_kernel(self, choice: int, which: int, value: int, locked: bool) -> None:
        kernel = self.pick_kernel(choice, which)
        if kernel is None:
            return
        kernel_edits, place = self.kernel_edits, KernelPlace(*kernel)
        shown = not_none(self.document.kernel(place))
        self.document.set_locked(locked)
        kernel_edits.edit_kernel(place, np.full_like(shown, value), "Paint")
        self.document.set_locked(False)
        if not locked and self.inside(kernel) != value:
            after = State(self.entries, self.state.settings, taken_out=(kernel, value))
            self.step(after)
            self.swap()

    @rule(choices=chosen, locked=st.booleans(), running=st.booleans())
    def lock(self, choices: set[int] | None, locked: bool, running: bool) -> None:
        self.select_many(choices)
        self.document.set_locked(running)
        self.kernel_edits.lock(self.selection, locked)
        self.document.set_locked(False)
        changed = [
            replace(entry, locked=locked) if entry.id in self.selection else entry
            for entry in self.entries
        ]
        if changed != self.entries and not running:
            self.step(self.edited(changed))

    @rule(choice=positions, which=positions, locked=st.booleans(), running=st.booleans())
    def lock_kernel(self, choice: int, which: int, locked: bool, running: bool) -> None:
        kernel = self.pick_kernel(choice, which)
        if kernel is None:
            return
        slot_id, output, _ = kernel
        self.document.set_locked(running)
        self.kernel_edits.lock_kernel(slot_id, output, locked)
        self.document.set_locked(False)
        entry = next(entry for entry in self.entries if entry.id == slot_id)
        kernels = {*entry.kernels, output} if locked else {*entry.kernels} - {output}
        new = replace(entry, kernels=tuple(sorted(kernels)))
        if new != entry and not running:
            self.step(self.edited([new if old is entry else old for old in self.entries]))

    # --- learning ------------------------------------------------------------------------------

    @rule(epochs=st.integers(0, 3))
    def learn(self, epochs: int) -> None:
        """Train while the stack is locked; all arrays are the number of the time."""
        self.times_learned += 1
        self.learned.epochs += epochs
        self.document.set_locked(True)
        self.document.keep_learned(
            {
                row.slot.id: {
                    name: filled(shape, self.times_learned)
                    for name, shape in (row.array_shapes or {}).items()
                }
                for row in self.document.report.rows
            },
            self.learned.epochs,
        )
        self.document.set_locked(False)
        for key in self.keys().values():
            self.forget(key)
            self.learned.numbers[key] = self.times_learned
        self.unsaved = True

    @rule(running=st.booleans())
    def reset(self, running: bool) -> None:
        self.document.set_locked(running)  # Reset ends a run
        self.edits.forget_learned()
        self.document.set_locked(False)
        if self.learned.numbers or self.learned.epochs:
            self.step(State(self.entries, self.state.settings, put_away=Learned()))
            self.swap()

    @rule(seed=st.integers(1, 9))
    def new_seed(self, seed: int) -> None:
        seed += self.state.settings["seed"]
        self.edits.start_over("seed", seed, "New seed")
        after = State(self.entries, {**self.state.settings, "seed": seed})
        if self.learned.numbers or self.learned.epochs:
            after.put_away = Learned()
        self.step(after)
        self.swap()

    def swap(self) -> None:
        """Put away what was learned, or take it out, as the step that led here or away does."""
        if self.state.put_away is not None:
            self.learned, self.state.put_away = self.state.put_away, self.learned
        if self.state.taken_out is not None:
            kernel, filling = self.state.taken_out
            self.state.taken_out = kernel, self.exchange(kernel, filling)

    # --- there and back ------------------------------------------------------------------------

    @rule(times=st.integers(1, 4))
    def undo(self, times: int) -> None:
        for _ in range(times):
            self.edits.undo()
            if self.place:
                self.swap()
                self.place -= 1
                self.adopt_selection()

    @rule(times=st.integers(1, 4))
    def redo(self, times: int) -> None:
        for _ in range(times):
            self.edits.redo()
            if self.place < len(self.states) - 1:
                self.place += 1
                self.swap()
                self.adopt_selection()

    def adopt_selection(self) -> None:
        """Leave to the document what is selected after undo and redo; the invariant checks it."""
        self.selection, self.current = list(self.document.selection), self.document.selected

    @rule(choice=positions)
    def edit_under_the_lock(self, choice: int) -> None:
        """Try everything while training runs; the invariants say that nothing has changed."""
        document, edits, entry = self.document, self.edits, self.pick(choice)
        document.set_locked(True)
        edits.add("conv")
        edits.delete()
        edits.duplicate()
        edits.move(1)
        edits.move_selection_to(0)
        edits.insert(document.stack.slots[:2], "Paste")
        edits.change_setting("epochs", 5)
        if entry is not None:
            edits.rename(entry.id, "Never")
            for declared in fields_of(KINDS[entry.block["kind"]]):
                if declared.kind == "int":
                    edits.change_option(entry.id, declared.name, 10)
        edits.start_over("seed", 77)
        edits.undo()
        edits.redo()
        document.set_locked(False)


def test_the_document_does_what_lists_do() -> None:
    walk(DocumentMachine, 20, 40, seeded=True)


@pytest.mark.soak
def test_the_document_does_what_lists_do_for_long() -> None:
    walk(DocumentMachine, 1000, 120, seeded=False)


def test_the_origin_comes_and_goes_with_the_weights(document: Document, edits: Edits) -> None:
    origin = CheckpointRef("a", 2)
    weights = document.project().network().copy_weights()
    document.keep_learned(weights, 6, origin=origin)
    assert document.project().origin == origin
    edits.forget_learned()
    assert document.project().origin is None
    edits.undo()
    for other in (CheckpointRef("b", 1), CheckpointRef("a", 3), None):
        back = replace(document.project(), trained_epochs=3, origin=other)
        edits.take_checkpoint(back, "Back")
        assert document.project().origin == other
        edits.undo()
        assert document.project().origin == origin
    document.replace_project(replace(notebook(), origin=CheckpointRef("b", 1)), None)
    assert document.project().origin == CheckpointRef("b", 1)


def test_what_no_longer_tells_how_training_goes_on_does_not_change_what_weights_are_of(
    document: Document, edits: Edits
) -> None:
    weights = document.project().network().copy_weights()
    begun = next_state(None, document.report, document.settings, 64, epochs_done=6)
    state = msgspec.structs.replace(begun, part=EpochPart(steps=1))
    document.keep_learned(weights, 6, state, part=0.5)
    edits.change_setting("batch_size", 20)
    assert document.project().position == 6.5
    edits.change_setting("optimizer", "adam")
    assert document.project().state is None
    assert document.project().position == 6.5
    assert checkpoint_words(document.project()) == "within epoch 7"
    edits.take_checkpoint(replace(document.project(), trained_epochs=5, trained_part=0.0), "Back")
    assert document.project().position == 5
    edits.undo()
    assert document.project().position == 6.5
