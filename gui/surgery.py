"""Surgery: what a user does to kernels by hand, and what is locked against training."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PySide6.QtCore import QObject, Signal

from engine.arrays import Array
from engine.blocks import Conv
from engine.stack import Report, Row
from engine.weights import initial_weights
from gui.commands import EditKernel, EditStack, naming

if TYPE_CHECKING:
    from gui.document import Document


class KernelPlace(NamedTuple):
    """Which kernel K_ij: the slot of its Conv, output map i and input channel j, from 0."""

    slot_id: int
    output: int
    channel: int


class Surgery(QObject):
    """Edits of kernels and locks. Each is one undo step, and none is made while training runs.

    A block that was not trained has the weights of the seed; when a kernel of it is edited, they
    are held with it, so that training starts from them.
    """

    edited = Signal()  # training goes on from the edited weights

    def __init__(self, document: "Document") -> None:
        super().__init__(document)
        self._document = document

    def arrays(self, slot_id: int) -> Mapping[str, Array] | None:
        """Give a block's arrays: learned, or else those of the seed; None if it does not fit."""
        row = self._row(slot_id)
        return None if row is None else self._arrays(row)

    def kernel(self, place: KernelPlace) -> Array | None:
        """Give a kernel (k, k); None if there is none at that place."""
        row = self._row(place.slot_id)
        if row is None or not isinstance(row.slot.block, Conv):
            return None
        weight = self._arrays(row)["weight"]
        if place.output >= len(weight) or place.channel >= weight.shape[1]:
            return None
        kernel: Array = weight[place.output, place.channel]
        return kernel

    def edit_kernel(
        self, place: KernelPlace, values: Array, text: str, part: object = None
    ) -> None:
        """Put other values in the place of a kernel; `text` names the undo step.

        Edits of the same `part` in a row, such as those of one cell, are one step.
        """
        kernel = self.kernel(place)
        if not self._may_edit() or kernel is None or np.array_equal(kernel, values):
            return
        values = np.array(values, dtype=kernel.dtype)
        self._document.undo_stack.push(EditKernel(self._document, text, place, values, part))

    def exchange(self, place: KernelPlace, values: Array) -> Array:
        """Put values in the place of a kernel; give the former ones. For undo commands.

        What is again as the seed made it is not held any more.
        """
        row, store = self._row(place.slot_id), self._document.learned.store
        if row is None or self.kernel(place) is None:
            return values
        arrays = self._arrays(row)
        weight = arrays["weight"].copy()
        former: Array = weight[place.output, place.channel].copy()
        weight[place.output, place.channel] = values
        changed = {**arrays, "weight": weight}
        if self._document.trained_epochs == 0 and _equal(changed, self._initial(row)):
            store.forget(row)
        else:
            store.put({place.slot_id: changed})
        self._document.weights_changed.emit()
        self.edited.emit()
        return former

    def lock(self, slot_ids: Collection[int], locked: bool) -> None:
        """Lock blocks against training, or let them learn again."""
        if not self._may_edit():
            return
        document, stack = self._document, self._document.stack
        changed = [slot for slot in stack if slot.id in slot_ids and slot.locked != locked]
        for slot in changed:
            stack = stack.replaced(replace(slot, locked=locked))
        if changed:
            text = f"{'Lock' if locked else 'Unlock'} {naming(changed)}"
            chosen = document.selected, document.selection
            document.undo_stack.push(EditStack(document, text, stack, *chosen))

    def lock_kernel(self, slot_id: int, output: int, locked: bool) -> None:
        """Lock the kernels to one output map and its bias, or let them learn again."""
        if not self._may_edit():
            return
        document = self._document
        slot = document.stack.slot(slot_id)
        kernels = {*slot.locked_kernels, output} if locked else {*slot.locked_kernels} - {output}
        after = replace(slot, locked_kernels=tuple(kernels))
        if after != slot:
            text = f"{'Lock' if locked else 'Unlock'} kernel {output + 1} of {slot.label}"
            stack, chosen = document.stack.replaced(after), (document.selected, document.selection)
            document.undo_stack.push(EditStack(document, text, stack, *chosen))

    def _may_edit(self) -> bool:
        self._document.flush()
        return not self._document.locked

    def _row(self, slot_id: int) -> Row | None:
        """Find the row of a slot that has arrays."""
        rows = (row for row in self._document.report.rows if row.slot.id == slot_id)
        return next((row for row in rows if row.array_shapes), None)

    def _arrays(self, row: Row) -> dict[str, Array]:
        held = self._document.learned.store.fitting(Report((row,), None)).get(row.slot.id)
        return self._initial(row) if held is None else held

    def _initial(self, row: Row) -> dict[str, Array]:
        settings, only = self._document.settings, Report((row,), None)
        return initial_weights(only, settings.seed, settings.initializer)[row.slot.id]


def _equal(one: Mapping[str, Array], other: Mapping[str, Array]) -> bool:
    return all(np.array_equal(array, other[name]) for name, array in one.items())
