"""Undo commands: each goes from one state of the document to another, and back."""

import itertools
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from PySide6.QtGui import QUndoCommand, QUndoStack

from engine.array_types import Array
from engine.model.settings import Settings
from engine.model.stack import BlockSlot, Stack
from engine.model.weights import WeightStore
from engine.struct_fields import field_of
from gui.document.document import Document
from gui.document.kernel_place import KernelPlace
from gui.state import Learned

# Qt tries to merge commands of the same id, if it is not -1.
_OPTION, _SETTING, _KERNEL = 1, 2, 3


class EditStack(QUndoCommand):
    """Put another stack in the place of the document's, and select one or some of its slots."""

    def __init__(
        self,
        document: Document,
        text: str,
        after: Stack,
        selected: int | None,
        selection: Collection[int] = (),
    ) -> None:
        super().__init__(text)
        self._document = document
        self._before, self._after = document.stack, after
        self._selected_before, self._selected_after = document.selected, selected
        self._selection_before, self._selection_after = document.selection, tuple(selection)

    def redo(self) -> None:
        """Show the stack after the edit."""
        self._document.set_stack(self._after, self._selected_after, self._selection_after)

    def undo(self) -> None:
        """Show the stack before the edit."""
        self._document.set_stack(self._before, self._selected_before, self._selection_before)


class ChangeOption(EditStack):
    """Change one option of one block. Changes of the same option in a row are one step."""

    def __init__(self, document: Document, slot: BlockSlot, field: str) -> None:
        title = field_of(type(slot.block), field).title.lower()
        text = f"Change {title} of {slot.title or slot.block.name}"
        super().__init__(document, text, document.stack.replaced(slot), slot.id)
        # So that undo shows where it changed something.
        self._selected_before, self._selection_before = slot.id, (slot.id,)
        self._key = (slot.id, field)

    def id(self) -> int:
        """Return the number that commands which may merge share."""
        return _OPTION

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take a following change of the same option in; a change back leaves no step."""
        if not isinstance(other, ChangeOption) or other._key != self._key:
            return False
        self._after = other._after
        self.setObsolete(self._after == self._before)
        return True


class ChangeSetting(QUndoCommand):
    """Change one training setting. Changes of the same setting in a row are one step.

    One that has a `text` of its own is a step of its own.
    """

    def __init__(self, document: Document, field: str, after: Any, text: str = "") -> None:
        super().__init__(text or f"Change {field_of(Settings, field).title.lower()}")
        self._id = -1 if text else _SETTING
        self._document = document
        self._field = field
        self._before = getattr(document.settings, field)
        self._after = after

    def redo(self) -> None:
        """Give the setting its new value; the others stay."""
        self._document.set_setting(self._field, self._after)

    def undo(self) -> None:
        """Give the setting its old value back; the others stay."""
        self._document.set_setting(self._field, self._before)

    def id(self) -> int:
        """Return the number that commands which may merge share."""
        return self._id

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take a following change of the same setting in, unless training changed it between."""
        if not isinstance(other, ChangeSetting):
            return False
        if other._field != self._field or other._before != self._after:
            return False
        self._after = other._after
        self.setObsolete(self._after == self._before)
        return True


class ExchangeLearned(QUndoCommand):
    """Put away what was learned and take other weights in its place, or none.

    Undo takes it out again, and puts away what was learned since.
    """

    def __init__(self, document: Document, text: str, learned: Learned) -> None:
        super().__init__(text)
        self._document, self.put_away = document, learned

    def redo(self) -> None:
        """Exchange what is in use for what was put away."""
        self.put_away = self._document.exchange_learned(self.put_away)

    undo = redo


class LeaveFile(QUndoCommand):
    """Belong to no file any more: what comes is not what the file was made for."""

    def __init__(self, document: Document) -> None:
        super().__init__("Leave the file")
        self._document, self._path = document, document.path

    def redo(self) -> None:
        """Have no file, so that Save asks for one."""
        self._document.set_path(None)

    def undo(self) -> None:
        """Belong to the file again."""
        self._document.set_path(self._path)


class EditKernel(QUndoCommand):
    """Put other values in the place of a kernel.

    Each way takes out what is there and keeps it for the way back, so that nothing is lost of what
    training has made of the kernel meanwhile. Edits in a row of the same `part` of it, such as a
    cell, are one step.
    """

    def __init__(
        self,
        document: Document,
        text: str,
        place: KernelPlace,
        values: Array,
        part: object = None,
    ) -> None:
        super().__init__(text)
        self._document, self._place, self._part = document, place, part
        self._outside = values  # what `redo` or `undo` puts into the network next
        self._inside = values  # what this command put into the network last

    def redo(self) -> None:
        """Exchange the kernel that is in the network for the one that is not."""
        self._inside = self._outside
        self._outside = self._document.exchange_kernel(self._place, self._inside)

    undo = redo

    def id(self) -> int:
        """Return the number that commands which may merge share."""
        return _KERNEL

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take a following edit of the same part in, unless training changed it between."""
        if not isinstance(other, EditKernel) or self._part is None:
            return False
        same = (other._place, other._part) == (self._place, self._part)
        if not same or not np.array_equal(other._outside, self._inside):
            return False
        self._inside = other._inside
        self.setObsolete(np.array_equal(self._inside, self._outside))
        return True


def drop_oldest(steps: QUndoStack, present: Learned, most: int) -> None:
    """Drop the oldest undo steps while arrays that only steps hold take more than `most` bytes.

    An array counts once, and not at all if it is of the `present`. The newest step stays. Qt can
    take none out from below: a dropped step holds nothing any more, and is obsolete.
    """
    counted, left = set(map(id, present.arrays())), most
    for place in reversed(range(steps.count())):
        step = steps.command(place)
        parts = [step, *map(step.child, range(step.childCount()))]
        exchanges = [part for part in parts if isinstance(part, ExchangeLearned)]
        for array in itertools.chain(*(part.put_away.arrays() for part in exchanges)):
            left -= 0 if id(array) in counted else array.nbytes
            counted.add(id(array))
        if left < 0 and place < steps.index() - 1:
            step.setObsolete(True)
            if steps.cleanIndex() <= place:
                steps.resetClean()  # no undo leads back to what was saved
            for part in exchanges:
                part.put_away = Learned(WeightStore())


def naming(slots: Sequence[BlockSlot]) -> str:
    """Name one block, or count several."""
    return slots[0].label if len(slots) == 1 else f"{len(slots)} blocks"
