"""Document: the open project. It holds the state that the views show and that commands change."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path

import shiboken6
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QUndoStack

from engine.blocks import KINDS, UnknownBlock
from engine.declarations import change
from engine.project import Project
from engine.repairs import Repair, repairs_for
from engine.settings import Settings
from engine.stack import Report, Stack
from engine.stack import Slot as StackSlot
from engine.training_state import TrainingState
from engine.weights import Weights, WeightStore
from gui.commands import ChangeOption, ChangeSetting, EditStack, Learned, StartOver, naming
from gui.surgery import Surgery

LOCKED_REASON = "Stop training to change this."
UNDO_STEPS = 200  # a Reset keeps all that was learned for undo: 0.5 to 6 MB in the templates
LIVE_SETTINGS = frozenset({"learning_rate"})  # these may be changed while training runs


class Document(QObject):
    """The stack, the settings, what was learned, the selection and the undo stack, without widgets.

    A user's edits are undo commands and do nothing while the document is locked. A change of a live
    setting under the lock is the exception: it takes effect at once and is no undo step, because
    the weights that it led to would stay. Every signal comes after all state has changed.
    """

    stack_changed = Signal()
    settings_changed = Signal()
    report_changed = Signal()  # after a change of the stack, or of settings that bear on it
    selection_changed = Signal()
    weights_changed = Signal()
    started_over = Signal()  # with other weights than training led to: by Reset, undo or redo
    modified_changed = Signal(bool)
    locked_changed = Signal(bool)
    path_changed = Signal()
    history_changed = Signal()  # of the undo steps
    project_replaced = Signal()  # before the signals of what the new project changed
    flush_requested = Signal()  # a form with typed text that it has not committed shall do so now

    _stack: Stack
    _settings: Settings
    _report: Report
    _selected: int | None
    _selection: tuple[int, ...]
    learned: Learned  # as it was left; an edit may have made some of it void
    _path: Path | None
    _last_id: int
    _modified: bool
    _touched: bool  # modified in a way that no undo step tells of
    _version: int
    _locked: bool

    def __init__(self, project: Project | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(UNDO_STEPS)
        self.undo_stack.cleanChanged.connect(self._update_modified)
        # Relayed, so that the last news of a dying undo stack reach nobody.
        self.undo_stack.indexChanged.connect(self.history_changed)
        self._version = 0
        self.undo_stack.indexChanged.connect(self._count_version)
        self.surgery = Surgery(self)
        self._take(project or Project(), None)

    def __del__(self) -> None:
        """Take the undo steps apart while all is whole.

        PySide6 before 6.12 crashes if the garbage collector does it: it frees a step and leaves the
        undo stack to free it again.
        """
        if shiboken6.isValid(self.undo_stack):
            self.undo_stack.blockSignals(True)
            self.undo_stack.clear()

    # --- what there is -----------------------------------------------------------------------

    @property
    def stack(self) -> Stack:
        """The blocks, in order."""
        return self._stack

    @property
    def settings(self) -> Settings:
        """The training settings."""
        return self._settings

    @property
    def report(self) -> Report:
        """What the shape check says of the stack with these settings."""
        return self._report

    @property
    def selected(self) -> int | None:
        """The id of the selected slot; with several, of the one that was chosen last."""
        return self._selected

    @property
    def selection(self) -> tuple[int, ...]:
        """The ids of all selected slots, in the order of the stack."""
        return self._selection

    @property
    def trained_epochs(self) -> int:
        """How many epochs lie behind the weights."""
        return self.learned.epochs

    @property
    def trained(self) -> bool:
        """Whether anything was learned."""
        return self.learned.epochs > 0 or not self.learned.store.is_empty()

    @property
    def path(self) -> Path | None:
        """The file that the project was read from or saved to."""
        return self._path

    @property
    def modified(self) -> bool:
        """Whether the project differs from what was opened or saved."""
        return self._modified

    @property
    def version(self) -> int:
        """A number that is another one after each change of what a file holds."""
        return self._version

    @property
    def locked(self) -> bool:
        """Whether training runs, so that stack and data must stay."""
        return self._locked

    # --- the whole project -------------------------------------------------------------------

    def project(self) -> Project:
        """Collect what a file holds: what was learned, as far as it fits the stack as it is."""
        store, epochs, state = self.learned
        kept = state and state.kept(self._report, self._settings)
        return Project(self._stack, self._settings, store.fitting(self._report), epochs, kept)

    def replace_project(self, project: Project, path: Path | None) -> None:
        """Show another project, unmodified; undo steps and learned weights of the old one go."""
        was_modified, was_locked = self._modified, self._locked
        self._take(project, path)
        self.project_replaced.emit()
        self.stack_changed.emit()
        self.settings_changed.emit()
        self.report_changed.emit()
        self.weights_changed.emit()
        self.selection_changed.emit()
        self.path_changed.emit()
        if was_modified:
            self.modified_changed.emit(False)
        if was_locked:
            self.locked_changed.emit(False)

    def mark_saved(self, path: Path, version: int | None = None) -> None:
        """Remember that the project lies in this file as it is now, or as it was at a `version`."""
        if path != self._path:
            self._path = path
            self.path_changed.emit()
        self._touched = version not in (None, self._version)  # then it has changed since
        if not self._touched:
            self.undo_stack.setClean()
        self._update_modified()

    def flush(self) -> None:
        """Take in what was typed into a form and not committed: before saving, before training."""
        self.flush_requested.emit()

    # --- changes of state, made by commands and by training ----------------------------------

    def set_stack(
        self, stack: Stack, selected: int | None, selection: Collection[int] = ()
    ) -> None:
        """Show another stack with one of its slots selected, or with a `selection` of several."""
        before = self._selected, self._selection
        self._stack, self._selected = stack, selected
        self._selection = self._in_order(selection, selected)
        selection_differs = before != (self._selected, self._selection)
        self._report = self._check()
        self.stack_changed.emit()
        self.report_changed.emit()
        if selection_differs:
            self.selection_changed.emit()

    def set_setting(self, field: str, value: object) -> None:
        """Give one training setting another value.

        Raises SettingsError if the value is outside its limits.
        """
        self._settings = self._settings.with_changes(**{field: value})
        report = self._check()
        report_differs = report != self._report
        self._report = report
        self.settings_changed.emit()
        if report_differs:
            self.report_changed.emit()

    def select(self, slot_id: int | None) -> None:
        """Select a slot alone, or none."""
        self.select_many((), slot_id)

    def select_many(self, slot_ids: Collection[int], selected: int | None) -> None:
        """Select some slots, of which `selected` is the one chosen last."""
        if (selected, self._in_order(slot_ids, selected)) == (self._selected, self._selection):
            return
        self.flush()
        self._selected, self._selection = selected, self._in_order(slot_ids, selected)
        self.selection_changed.emit()

    def set_locked(self, locked: bool) -> None:
        """Refuse edits while training runs, or allow them again."""
        if locked != self._locked:
            self.flush()
            self._locked = locked
            self.locked_changed.emit(locked)

    def keep_learned(
        self, weights: Weights, epochs: int, state: TrainingState | None = None
    ) -> None:
        """Hold what training has learned up to now, by slot id, and count it as a modification."""
        self.learned.store.put(weights)
        self.learned = Learned(self.learned.store, epochs, state)
        self._touch()
        self.weights_changed.emit()

    def exchange_learned(self, learned: Learned) -> Learned:
        """Put what was learned at another time in the place of what is there; give the latter."""
        former, self.learned = self.learned, learned
        self.started_over.emit()
        self.weights_changed.emit()
        return former

    def forget_learned(self) -> None:
        """Drop all that was learned, so that training starts from the seed again; one undo step."""
        if self.trained:
            self.undo_stack.push(StartOver(self))
        else:
            self.started_over.emit()

    # --- the user's edits --------------------------------------------------------------------

    def add(self, kind: str, gap: int | None = None) -> None:
        """Add a block with default options before the one at `gap`, or behind the selected ones."""
        self.insert([StackSlot(0, KINDS[kind]())], "Add", gap)

    def insert(self, slots: Iterable[StackSlot], verb: str, gap: int | None = None) -> None:
        """Put blocks, in slots of new ids, before the one at `gap` or behind the selected ones.

        They are untrained, and selected then. `verb` begins the name of the undo step.
        """
        if not self._may_edit():
            return
        new = tuple(StackSlot(self._new_id(), slot.block, slot.title) for slot in slots)
        if not new:
            return
        after = self._stack.inserted(self._behind_selection() if gap is None else gap, *new)
        ids = [slot.id for slot in new]
        self.undo_stack.push(EditStack(self, f"{verb} {naming(new)}", after, ids[-1], ids))

    def delete(self, verb: str = "Delete") -> None:
        """Remove the selected blocks; select the one that takes their place."""
        if not self._may_edit() or not self._selection:
            return
        slots, after = self.selected_slots(), self._stack.removed(*self._selection)
        place = self._stack.index(slots[-1].id) + 1 - len(slots)
        heir = after.slots[min(place, len(after) - 1)].id if len(after) else None
        self.undo_stack.push(EditStack(self, f"{verb} {naming(slots)}", after, heir))

    def duplicate(self) -> None:
        """Put copies of the selected blocks, which have learned nothing yet, behind them."""
        if self._may_edit():
            self.insert(self.selected_slots(), "Duplicate")

    def move(self, delta: int) -> None:
        """Move the selected blocks down by so many places, or up if negative."""
        if self._may_edit():
            self._rearrange(self._selection, self._stack.shifted(self._selection, delta))

    def move_selection_to(self, gap: int) -> None:
        """Move the selected blocks together before the block at `gap`."""
        if self._may_edit():
            self._rearrange(self._selection, self._stack.gathered(self._selection, gap))

    def change_option(self, slot_id: int, field: str, value: object) -> None:
        """Change one option of a block.

        Raises SettingsError if the value is outside its limits.
        """
        slot = self._stack.slot(slot_id)
        if isinstance(slot.block, UnknownBlock) or self._locked:
            return
        block = change(slot.block, slot.block.name, **{field: value})
        if block == slot.block:
            return
        self.undo_stack.push(ChangeOption(self, replace(slot, block=block), field))

    def rename(self, slot_id: int, title: str) -> None:
        """Give a block a title of the user's; an empty one brings its own name back."""
        if not self._may_edit() or title == self._stack.slot(slot_id).title:
            return
        slot = self._stack.slot(slot_id)
        after = self._stack.replaced(replace(slot, title=title))
        self.undo_stack.push(EditStack(self, f"Rename {slot.label}", after, slot_id))

    def selected_slots(self) -> tuple[StackSlot, ...]:
        """Give the selected slots, in the order of the stack."""
        return tuple(slot for slot in self._stack if slot.id in self._selection)

    def change_setting(self, field: str, value: object) -> None:
        """Change one training setting; under the lock only a live one, and then for good.

        Raises SettingsError if the value is outside its limits.
        """
        if self._locked and field not in LIVE_SETTINGS:
            return
        settings = self._settings.with_changes(**{field: value})
        if settings == self._settings:
            return
        if self._locked:
            self.set_setting(field, value)
            self._touch()
            return
        self.undo_stack.push(ChangeSetting(self, field, getattr(settings, field)))

    def change_seed(self, seed: int) -> None:
        """Take another seed and drop what was learned from the present one, in one undo step."""
        if self._may_edit():
            self.undo_stack.beginMacro("New seed")
            self.change_setting("seed", seed)
            self.forget_learned()
            self.undo_stack.endMacro()

    def apply_repair(self, repair: Repair) -> None:
        """Mend a problem of the network, in one undo step.

        Does nothing if typed text that is only now taken in has changed what the repair was for.
        """
        offers = repairs_for(self._stack, self._settings) if self._may_edit() else ()
        found = next((offer for offer in offers if offer.label == repair.label), None)
        if found is None:
            return
        found = found.renumbered({slot.id for slot in self._stack}, self._new_id)
        text = f"Repair: {found.label}"
        self.undo_stack.beginMacro(text)
        if found.stack != self._stack:
            selected = found.slot_id or (self._selected if len(found.stack) else None)
            self.undo_stack.push(EditStack(self, text, found.stack, selected))
        if found.settings.loss != self._settings.loss:
            self.undo_stack.push(ChangeSetting(self, "loss", found.settings.loss))
        self.undo_stack.endMacro()

    def undo(self) -> None:
        """Take the last edit back."""
        if self._may_edit():
            self.undo_stack.undo()

    def redo(self) -> None:
        """Make the edit that was taken back last again."""
        if self._may_edit():
            self.undo_stack.redo()

    # -----------------------------------------------------------------------------------------

    def _take(self, project: Project, path: Path | None) -> None:
        self._stack, self._settings = project.stack, project.settings
        self._report = self._check()
        self._selected, self._selection = None, ()
        self.learned = Learned(WeightStore(), project.trained_epochs, project.state)
        self.learned.store.put(project.weights)
        self._path = path
        # No id is given twice while undo steps or weights of this project may name it.
        self._last_id = self._stack.next_id() - 1
        self._modified = self._touched = self._locked = False
        self.undo_stack.clear()

    def _check(self) -> Report:
        return self._stack.check(len(self._settings.classes), self._settings.loss)

    def _may_edit(self) -> bool:
        self.flush()
        return not self._locked

    def _new_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def _behind_selection(self) -> int:
        return self._stack.index(self._selection[-1]) + 1 if self._selection else len(self._stack)

    def _in_order(self, slot_ids: Collection[int], selected: int | None) -> tuple[int, ...]:
        """Put selected ids in the order of the stack; the one chosen last is always among them."""
        return tuple(slot.id for slot in self._stack if slot.id in slot_ids or slot.id == selected)

    def _rearrange(self, slot_ids: tuple[int, ...], after: Stack) -> None:
        if after == self._stack:
            return
        moved = [slot for slot in self._stack if slot.id in slot_ids]
        chosen = self._selected if self._selected in slot_ids else slot_ids[-1]
        self.undo_stack.push(EditStack(self, f"Move {naming(moved)}", after, chosen, slot_ids))

    def _touch(self) -> None:
        self._version += 1
        self._touched = True
        self._update_modified()

    @Slot()
    def _count_version(self) -> None:
        self._version += 1

    @Slot()
    def _update_modified(self) -> None:
        modified = self._touched or not self.undo_stack.isClean()
        if modified != self._modified:
            self._modified = modified
            self.modified_changed.emit(modified)
