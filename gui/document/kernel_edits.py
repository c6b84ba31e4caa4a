"""KernelEdits: undoable edits of kernels by hand, and locks against training."""

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from engine.array_types import Array
from engine.model.stack import Stack
from gui.document.commands import EditKernel, EditStack, naming
from gui.document.document import Document
from gui.document.kernel_place import KernelPlace


class KernelEdits:
    """Edits of kernels and locks. Each is one undo step, and none is made while training runs.

    A block that was not trained has the weights of the seed; when a kernel of it is edited, they
    are held with it, so that training starts from them.
    """

    def __init__(self, document: Document) -> None:
        self._document = document

    def edit_kernel(
        self, place: KernelPlace, values: Array, text: str, part: object = None
    ) -> None:
        """Put other values in the place of a kernel; `text` names the undo step.

        Edits of the same `part` in a row, such as those of one cell, are one step.
        """
        document, kernel = self._document, self._document.kernel(place)
        if not document.may_edit() or kernel is None or np.array_equal(kernel, values):
            return
        values = np.array(values, dtype=kernel.dtype)
        document.undo_stack.push(EditKernel(document, text, place, values, part))

    def lock(self, slot_ids: Collection[int], locked: bool) -> None:
        """Lock blocks against training, or let them learn again."""
        if not self._document.may_edit():
            return
        stack = self._document.stack
        changed = [slot for slot in stack if slot.id in slot_ids and slot.locked != locked]
        for slot in changed:
            stack = stack.replaced(replace(slot, locked=locked))
        if changed:
            self._push(f"{_verb(locked)} {naming(changed)}", stack)

    def lock_kernel(self, slot_id: int, output: int, locked: bool) -> None:
        """Lock the kernels to one output map and its bias, or let them learn again."""
        if not self._document.may_edit():
            return
        stack = self._document.stack
        slot = stack.slot(slot_id)
        kernels = {*slot.locked_kernels, output} if locked else {*slot.locked_kernels} - {output}
        after = replace(slot, locked_kernels=tuple(kernels))
        if after != slot:
            text = f"{_verb(locked)} kernel {output + 1} of {slot.label}"
            self._push(text, stack.replaced(after))

    def _push(self, text: str, after: Stack) -> None:
        document = self._document
        chosen = document.selected, document.selection
        document.undo_stack.push(EditStack(document, text, after, *chosen))


def _verb(locked: bool) -> str:
    return "Lock" if locked else "Unlock"
