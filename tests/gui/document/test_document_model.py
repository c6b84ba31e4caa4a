"""The document against a simple model: each edit is made twice."""

import copy
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule
from PySide6.QtWidgets import QApplication

from engine.blocks import KINDS, encode_block
from engine.struct_fields import fields_of
from gui.document.kernel_place import KernelPlace
from gui.editor.editor_actions import blocks_from_text, blocks_to_text
from tests.gui.document.document_model import (
    VALUES,
    DocumentModel,
    Entry,
    Kernel,
    Learned,
    State,
    filled,
    walk,
)
from tests.gui.finding import not_none

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

    @rule(kind=st.sampled_from(sorted(KINDS)))
    def add(self, kind: str) -> None:
        self.edits.add(kind)
        self.insert([Entry(0, encode_block(KINDS[kind].new()))], self.after_selection())

    @rule(kind=st.sampled_from(sorted(KINDS)), choice=positions)
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
        self.edits.change_seed(seed)
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
        edits.change_seed(77)
        edits.undo()
        edits.redo()
        document.set_locked(False)


def test_the_document_does_what_lists_do(qapp: QApplication) -> None:
    walk(DocumentMachine, 40, 40, seeded=True)


@pytest.mark.soak
def test_the_document_does_what_lists_do_for_long(qapp: QApplication) -> None:
    walk(DocumentMachine, 1000, 120, seeded=False)
