"""A simple model of the document: lists of blocks, one for each undo step."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, run_state_machine_as_test
from PySide6.QtTest import QAbstractItemModelTester

from engine.array_types import Array, Shape
from engine.blocks import encode_block
from engine.model.project import Project
from engine.model.stack import Row, ShapeReport
from engine.model.templates import notebook
from engine.model.weights import initial_weights
from gui.document.document import UNDO_STEPS, Document
from gui.document.edits import Edits
from gui.document.kernel_edits import KernelEdits
from gui.document.kernel_place import KernelPlace
from gui.editor.block_list import OUTCOME_ROLE, BlockListModel

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
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
