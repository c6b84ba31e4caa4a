"""Edits: all that a user does to the open project, in undo steps."""

import secrets
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from PySide6.QtGui import QUndoCommand

from engine.advice.repairs import Repair, repairs_for
from engine.blocks import KINDS, Add, UnknownBlock
from engine.inputs.drawings import Drawing
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.skips import fitting_adds, gap_of_maps, residual_group, with_ids
from engine.model.stack import BlockSlot, Stack
from engine.model.weights import WeightStore
from engine.struct_fields import change, fields_of
from engine.training.samples import DataKey, source_settings
from gui.document.commands import (
    ChangeOption,
    ChangeSetting,
    EditStack,
    ExchangeLearned,
    LeaveFile,
    drop_oldest,
    naming,
)
from gui.document.document import LIVE_SETTINGS, Document
from gui.state import Learned

UNDO_BYTES = 256_000_000  # of weights and the like that undo steps may hold in memory
SEEDS = 1_000_000  # that a new seed is drawn from; short enough to be read out


class Edits:
    """Edits of the stack and the settings, undo and redo.

    Each edit is one undo step, and none is made while training runs. The exception is a change of a
    live setting: while training runs it takes effect at once and is no undo step.
    """

    def __init__(self, document: Document) -> None:
        self._document = document

    # --- blocks ------------------------------------------------------------------------------

    def add(self, kind: str, gap: int | None = None) -> None:
        """Add a block with default options before the one at `gap`, or after the selected ones."""
        block = KINDS[kind].new()
        if isinstance(block, Add):
            place = self._after_selection() if gap is None else gap
            offers = fitting_adds(self._document.stack, place)
            block = next((add for _, add in offers), block)
        self.insert([BlockSlot(0, block)], "Add", gap)

    def add_residual(self) -> None:
        """Add a residual group after the selected blocks, or else where the last maps are."""
        place = gap_of_maps(self._document.stack, self._after_selection())
        self.insert(residual_group(self._document.stack, place), "Add", place)

    def insert(self, slots: Iterable[BlockSlot], verb: str, gap: int | None = None) -> None:
        """Put blocks, in slots of new ids, before the one at `gap` or after the selected ones.

        They are untrained, and selected then; what takes the output of one of them follows it.
        `verb` begins the name of the undo step.
        """
        document = self._document
        if not document.may_edit():
            return
        given = tuple(BlockSlot(slot.id, slot.block, slot.title) for slot in slots)
        ids = {slot.id: document.new_id() for slot in given if slot.id}
        new = tuple(
            slot if slot.id else replace(slot, id=document.new_id())
            for slot in with_ids(given, ids)
        )
        if not new:
            return
        after = document.stack.inserted(self._after_selection() if gap is None else gap, *new)
        chosen = [slot.id for slot in new]
        self._push(EditStack(document, f"{verb} {naming(new)}", after, chosen[-1], chosen))

    def delete(self, verb: str = "Delete") -> None:
        """Remove the selected blocks; select the one that takes their place."""
        document = self._document
        if not document.may_edit() or not document.selection:
            return
        slots, after = document.selected_slots(), document.stack.removed(*document.selection)
        place = document.stack.index(slots[-1].id) + 1 - len(slots)
        next_one = after.slots[min(place, len(after) - 1)].id if len(after) else None
        self._push(EditStack(document, f"{verb} {naming(slots)}", after, next_one))

    def duplicate(self) -> None:
        """Put copies of the selected blocks, which have learned nothing yet, after them."""
        if self._document.may_edit():
            self.insert(self._document.selected_slots(), "Duplicate")

    def move(self, delta: int) -> None:
        """Move the selected blocks down by so many places, or up if negative."""
        if self._document.may_edit():
            self._rearrange(self._document.stack.shifted(self._document.selection, delta))

    def move_selection_to(self, gap: int) -> None:
        """Move the selected blocks together before the block at `gap`."""
        if self._document.may_edit():
            self._rearrange(self._document.stack.gathered(self._document.selection, gap))

    def change_option(self, slot_id: int, field: str, value: object) -> None:
        """Change one option of a block.

        Raises SettingsError if the value is outside its limits.
        """
        slot = self._document.stack.slot(slot_id)
        if isinstance(slot.block, UnknownBlock) or self._document.locked:
            return
        block = change(slot.block, slot.block.name, **{field: value})
        if block != slot.block:
            self._push(ChangeOption(self._document, replace(slot, block=block), field))

    def rename(self, slot_id: int, title: str) -> None:
        """Give a block a title of the user's; an empty one brings its own name back."""
        document = self._document
        if not document.may_edit() or title == document.stack.slot(slot_id).title:
            return
        slot = document.stack.slot(slot_id)
        after = document.stack.replaced(replace(slot, title=title))
        self._push(EditStack(document, f"Rename {slot.label}", after, slot_id))

    def apply_repair(self, repair: Repair) -> None:
        """Fix a problem of the network.

        Does nothing if typed text that is only now taken in has changed what the repair was for.
        """
        document = self._document
        offers = repairs_for(document.stack, document.settings) if document.may_edit() else ()
        found = next((offer for offer in offers if offer.label == repair.label), None)
        if found is None:
            return
        self._take(found, f"Repair: {found.label}")

    def keep_data(self, key: DataKey) -> None:
        """Take the settings back to those by which some data was read."""
        if self._document.may_edit():
            settings = self._document.settings.with_changes(**source_settings(key))
            changed = self._changed(settings)
            if len(changed) == 1:  # joined to the change that it takes back, it leaves no step
                self.change_setting(changed[0], getattr(settings, changed[0]))
            elif changed:
                self._take(Repair("", self._document.stack, settings), "Keep the data")

    def take_offer(self, offer: Repair) -> None:
        """Take other settings, and the stack that fits them, in one step.

        If no block keeps what it has learned then, all of it is forgotten: training begins anew.
        """
        if self._document.may_edit():
            self._take(offer, offer.label, forgets=True)

    def _take(self, offer: Repair, text: str, *, forgets: bool = False) -> None:
        document = self._document
        offer = offer.renumbered({slot.id for slot in document.stack}, document.new_id)
        with self._one_step(text):
            # The stack first: undo brings its input shape back when the data is no longer this.
            if offer.stack != document.stack:
                selected = offer.slot_id or (document.selected if len(offer.stack) else None)
                self._push(EditStack(document, text, offer.stack, selected))
            self._take_settings(offer.settings)
            if forgets and document.trained and not document.project().weights:
                self.forget_learned()

    def _take_settings(self, settings: Settings) -> None:
        for field in self._changed(settings):
            self.change_setting(field, getattr(settings, field))

    def _changed(self, settings: Settings) -> list[str]:
        """List the fields in which other settings differ from the present ones."""
        names = (field.name for field in fields_of(Settings))
        present = self._document.settings
        return [name for name in names if getattr(settings, name) != getattr(present, name)]

    # --- settings, and what was learned ------------------------------------------------------

    def change_setting(self, field: str, value: object) -> None:
        """Change one training setting; while training runs only a live one, and then for good.

        Raises SettingsError if the value is outside its limits.
        """
        document = self._document
        if document.locked and field not in LIVE_SETTINGS:
            return
        settings = document.settings.with_changes(**{field: value})
        if settings == document.settings:
            return
        if document.locked:
            document.set_live_setting(field, value)
        else:
            self._push(ChangeSetting(document, field, getattr(settings, field)))

    def add_drawing(self, drawing: Drawing) -> None:
        """Train with a drawing of one's own too.

        Raises SettingsError if there are too many then.
        """
        if self._document.may_edit():
            drawings = (*self._document.settings.drawings, drawing)
            self._document.settings.with_changes(drawings=drawings)  # it says if it is too much
            text = f"Add a drawing of {drawing.class_name}"
            self._push(ChangeSetting(self._document, "drawings", drawings, text))

    def remove_drawings(self, places: Collection[int]) -> None:
        """Train without some of one's own drawings."""
        if self._document.may_edit() and places:
            kept = enumerate(self._document.settings.drawings)
            drawings = tuple(drawing for place, drawing in kept if place not in places)
            text = "Remove a drawing" if len(places) == 1 else f"Remove {len(places)} drawings"
            self._push(ChangeSetting(self._document, "drawings", drawings, text))

    def forget_learned(self) -> None:
        """Drop all that was learned, so that training starts from the seed again."""
        if self._document.trained:
            self._push(ExchangeLearned(self._document, "Reset", Learned(WeightStore())))
        else:
            self._document.exchange_learned(Learned(WeightStore()))

    def start_over(self, field: str, value: object, text: str = "Reset") -> None:
        """Drop all that was learned, and begin with another value of a setting, in one step."""
        if self._document.may_edit():
            with self._one_step(text):
                self.change_setting(field, value)
                self.forget_learned()

    def take_checkpoint(self, project: Project, text: str, *, leaves_file: bool = False) -> None:
        """Take the network, the settings and all that was learned of a checkpoint, in one step."""
        document = self._document
        if not document.may_edit():
            return
        with self._one_step(text):
            if leaves_file:
                self._push(LeaveFile(document))
            self._take_settings(project.settings)
            if project.stack != document.stack:
                ids = {slot.id for slot in project.stack}
                selected = document.selected if document.selected in ids else None
                self._push(EditStack(document, text, project.stack, selected))
            self._push(ExchangeLearned(document, text, Learned.of(project)))

    def new_seed(self) -> None:
        """Draw another seed and start over from it."""
        seed = secrets.randbelow(SEEDS - 1)
        self.start_over("seed", seed + (seed >= self._document.settings.seed), "New seed")

    # --- there and back ----------------------------------------------------------------------

    def undo(self) -> None:
        """Take the last edit back."""
        steps = self._document.undo_stack
        if self._document.may_edit():
            with self._document.store.as_one():
                steps.undo()
                while steps.canUndo() and steps.command(steps.index() - 1).isObsolete():
                    steps.undo()  # takes one out that was dropped

    def redo(self) -> None:
        """Make the edit that was taken back last again."""
        if self._document.may_edit():
            with self._document.store.as_one():
                self._document.undo_stack.redo()

    # -----------------------------------------------------------------------------------------

    @contextmanager
    def _one_step(self, text: str) -> Iterator[None]:
        """Make one undo step of all edits within, which is told of as a whole."""
        steps = self._document.undo_stack
        with self._document.store.as_one():
            steps.beginMacro(text)
            try:
                yield
            finally:
                steps.endMacro()

    def _push(self, command: QUndoCommand) -> None:
        document = self._document
        document.undo_stack.push(command)
        if isinstance(command, ExchangeLearned):
            drop_oldest(document.undo_stack, document.learned, UNDO_BYTES)

    def _after_selection(self) -> int:
        stack, selection = self._document.stack, self._document.selection
        return stack.index(selection[-1]) + 1 if selection else len(stack)

    def _rearrange(self, after: Stack) -> None:
        document = self._document
        if after != document.stack:
            text = f"Move {naming(document.selected_slots())}"
            chosen = document.selected, document.selection
            self._push(EditStack(document, text, after, *chosen))
