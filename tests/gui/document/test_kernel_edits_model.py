"""Kernels and locks against the same simple model of the document, among all its other edits."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule
from PySide6.QtWidgets import QApplication

from engine.array_types import Array
from engine.model.stack import Row, ShapeReport
from engine.model.weights import initial_weights
from gui.document.kernel_place import KernelPlace
from tests.gui.document.document_model import State, filled, walk
from tests.gui.document.test_document_model import DocumentMachine, chosen, positions

values = st.integers(-4, -1)  # what training leaves are numbers above 0
Kernel = tuple[int, int, int]  # slot id, output map, channel


class SurgeryMachine(DocumentMachine):
    """Edits kernels and locks, too.

    The model knows of a kernel the number that fills it, or the seed that made it. A block whose
    kernels were edited before it learned has the seed in the place of its number.
    """

    # --- the model -----------------------------------------------------------------------------

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

    def swap(self) -> None:
        super().swap()
        if self.state.taken_out is not None:
            kernel, filling = self.state.taken_out
            self.state.taken_out = kernel, self.exchange(kernel, filling)

    # --- edits ---------------------------------------------------------------------------------

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
        shown = self.document.kernel(place)
        assert shown is not None
        self.document.set_locked(locked)
        kernel_edits.edit_kernel(place, np.full_like(shown, value), "Paint")
        self.document.set_locked(False)
        if not locked and self.inside(kernel) != value:
            after = State(self.entries, self.state.settings, taken_out=(kernel, value))
            self.step(after)
            self.swap()

    @rule(epochs=st.integers(0, 3))
    def learn(self, epochs: int) -> None:
        super().learn(epochs)
        for key in self.keys().values():
            number = self.learned.numbers[key]
            self.forget(key)
            self.learned.numbers[key] = number

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

    # --- what must hold ------------------------------------------------------------------------

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


def test_surgery_and_locks_do_what_the_model_does(qapp: QApplication) -> None:
    walk(SurgeryMachine, 30, 40, seeded=True)


@pytest.mark.soak
def test_surgery_and_locks_do_what_the_model_does_for_long(qapp: QApplication) -> None:
    walk(SurgeryMachine, 600, 100, seeded=False)
