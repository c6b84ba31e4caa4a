"""Document: the open project. It holds the state that the views show and that commands change."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import shiboken6
from PySide6.QtCore import QDir, QObject, Signal, Slot
from PySide6.QtGui import QUndoStack

from engine.array_types import Array, Shape
from engine.inputs.scaling import Scaling
from engine.model.project import CheckpointRef, Project
from engine.model.settings import Settings
from engine.model.stack import BlockSlot, Row, ShapeReport, Stack
from engine.model.training_state import TrainingState
from engine.model.weights import Weights, initial_weights
from engine.training.samples import DataKey, data_key
from gui.document.kernel_place import KernelPlace
from gui.state import DocumentState, Learned, State, Store

LOCKED_REASON = "Pause training first."
UNDO_STEPS = 200
LIVE_SETTINGS = frozenset({"learning_rate"})  # these may be changed while training runs


class KnownData(NamedTuple):
    """Fingerprint and class names of the data that some settings choose, as loaded last."""

    key: DataKey
    digest: str
    class_names: tuple[str, ...] = ()

    @classmethod
    def of(cls, project: Project) -> "KnownData":
        """Say what a project knows of its data."""
        return cls(data_key(project.settings), project.data_digest, project.class_names)

    def for_settings(self, settings: Settings) -> tuple[str, tuple[str, ...]]:
        """Return both for the data that settings choose; empty if they are not known."""
        known = data_key(settings) == self.key
        return (self.digest, self.class_names) if known else ("", ())


class Document(QObject):
    """The open project in the store: what commands and training change of it, and the undo stack.

    It knows no edits: `Edits` and `KernelEdits` push undo commands, and these call its setters.
    Who watches is told before these return: another edit may be the next thing that comes.
    """

    kernel_edited = Signal()  # training goes on from the edited weights
    flush_requested = Signal()  # a form with typed text that it has not committed shall do so now

    _shapes: dict[int, dict[str, Shape]]  # of the arrays of each slot when it fitted last
    data: KnownData
    folder: Path  # of the file that was opened or written last; where questions for one begin
    _last_id: int
    _touched: bool  # modified in a way that is no undo step

    def __init__(self, project: Project | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(UNDO_STEPS)
        self.folder = Path(QDir.homePath())
        self.store = Store(State(self._opened(project or Project(), None)), self)
        self.undo_stack.cleanChanged.connect(self._update_modified)
        self.undo_stack.indexChanged.connect(self._count_version)

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
    def state(self) -> DocumentState:
        """The newest state of the project."""
        return self.store.state.document

    @property
    def stack(self) -> Stack:
        """The blocks, in order."""
        return self.state.stack

    @property
    def settings(self) -> Settings:
        """The training settings."""
        return self.state.settings

    @property
    def report(self) -> ShapeReport:
        """What the shape check says of the stack with these settings."""
        return self.state.report

    @property
    def learned(self) -> Learned:
        """What was learned, as it was left; an edit may have made some of it void."""
        return self.state.learned

    @property
    def selected(self) -> int | None:
        """The id of the selected slot; with several, of the one that was chosen last."""
        return self.state.selected

    @property
    def selection(self) -> tuple[int, ...]:
        """The ids of all selected slots, in the order of the stack."""
        return self.state.selection

    def selected_slots(self) -> tuple[BlockSlot, ...]:
        """Return the selected slots, in the order of the stack."""
        return tuple(slot for slot in self.stack if slot.id in self.selection)

    @property
    def trained_epochs(self) -> int:
        """How many epochs have led to the weights."""
        return self.learned.epochs

    @property
    def trained(self) -> bool:
        """Whether anything was learned."""
        return self.state.trained

    @property
    def changed_since_training(self) -> bool:
        """Whether something was learned, by another network than this one."""
        return self.state.changed_since_training

    def kernel(self, place: KernelPlace) -> Array | None:
        """Return a kernel (k, k); None if there is none at that place."""
        row = self._row(place.slot_id)
        if row is None or not row.kernel_count:
            return None
        return place.kernel_in(self._arrays(row)["weight"])

    @property
    def path(self) -> Path | None:
        """The file that the project was read from or saved to."""
        return self.state.path

    @property
    def modified(self) -> bool:
        """Whether the project differs from what was opened or saved."""
        return self.state.modified

    @property
    def version(self) -> int:
        """A number that is another one after each change of what a file holds."""
        return self.state.version

    @property
    def locked(self) -> bool:
        """Whether training runs, so that stack and data must stay."""
        return self.state.locked

    # --- the whole project -------------------------------------------------------------------

    def project(self) -> Project:
        """Collect what a file holds: what was learned, as far as it fits the stack as it is.

        A block that does not fit, or comes after one, keeps what it had when it fitted last.
        """
        store, epochs, state, _, scaling, origin, part, _ = self.learned
        kept = state and state.kept(self.report, self.settings)
        rows = (
            replace(row, array_shapes=self._shapes.get(row.slot.id))
            if row.array_shapes is None
            else row
            for row in self.report.rows
        )
        weights = store.fitting(replace(self.report, rows=tuple(rows)))
        known = weights, epochs, kept, scaling, *self.data.for_settings(self.settings)
        return Project(self.stack, self.settings, *known, origin, part)

    def replace_project(self, project: Project, path: Path | None) -> None:
        """Show another project, unmodified; undo steps and learned weights of the old one go."""
        before = self.state
        opened = replace(
            self._opened(project, path), version=before.version, opened=before.opened + 1
        )
        self.store.update(document=opened)
        self.undo_stack.clear()
        self.store.flush()

    def mark_saved(self, path: Path, version: int | None = None) -> None:
        """Remember that the project lies in this file as it is now, or as it was at a `version`."""
        self.folder = path.parent
        self._touched = version not in (None, self.version)  # then it has changed since
        self._set(path=path)
        if not self._touched:
            self.undo_stack.setClean()
        self._update_modified()

    def set_path(self, path: Path | None) -> None:
        """Belong to another file, or to none: what is there now was not saved there."""
        self._set(path=path)

    def may_edit(self) -> bool:
        """Take in what was typed, then return whether edits are allowed: while no training runs."""
        self.flush()
        return not self.locked

    def new_id(self) -> int:
        """Return an id for a slot; none is given twice."""
        self._last_id += 1
        return self._last_id

    def flush(self) -> None:
        """Take in what was typed into a form and not committed: before saving, before training."""
        self.flush_requested.emit()

    # --- changes of state, made by commands and by training ----------------------------------

    def set_stack(
        self, stack: Stack, selected: int | None, selection: Collection[int] = ()
    ) -> None:
        """Show another stack with one of its slots selected, or with a `selection` of several."""
        self._last_id = max(self._last_id, stack.next_id() - 1)
        self._set(
            stack=stack,
            report=self._check(stack, self.settings),
            selected=selected,
            selection=_in_order(stack, selection, selected),
        )

    def set_setting(self, field: str, value: object) -> None:
        """Give one training setting another value.

        Raises SettingsError if the value is outside its limits.
        """
        settings = self.settings.with_changes(**{field: value})
        self._set(settings=settings, report=self._check(self.stack, settings))

    def set_live_setting(self, field: str, value: object) -> None:
        """Change a setting while training runs.

        That is no undo step, because the weights that it leads to would stay. Raises SettingsError
        if the value is outside its limits.
        """
        self.set_setting(field, value)
        self._touched = True
        self._set(version=self.version + 1, modified=True)

    def select(self, slot_id: int | None) -> None:
        """Select a slot alone, or none."""
        self.select_many((), slot_id)

    def select_many(self, slot_ids: Collection[int], selected: int | None) -> None:
        """Select some slots, of which `selected` is the one chosen last."""
        if (selected, _in_order(self.stack, slot_ids, selected)) == (self.selected, self.selection):
            return
        self.flush()
        self._set(selected=selected, selection=_in_order(self.stack, slot_ids, selected))

    def set_locked(self, locked: bool) -> None:
        """Refuse edits while training runs, or allow them again."""
        if locked != self.locked:
            self.flush()
            self._set(locked=locked)

    def keep_learned(
        self,
        weights: Weights,
        epochs: int,
        state: TrainingState | None = None,
        scaling: Scaling | None = None,
        origin: CheckpointRef | None = None,
        part: float = 0.0,
    ) -> None:
        """Hold what training has learned up to now, by slot id, and count it as a modification."""
        store = self.learned.store
        store.put(weights)
        learned = Learned(store, epochs, state, self.stack, scaling, origin, part)
        self._touched = True
        self._set(learned=learned, version=self.version + 1, modified=True)

    def exchange_learned(self, learned: Learned) -> Learned:
        """Put what was learned at another time in the place of what is there; return the latter."""
        former = self.learned
        self._set(learned=learned, resets=self.state.resets + 1)
        return former

    def exchange_kernel(self, place: KernelPlace, values: Array) -> Array:
        """Put values (k, k) in the place of a kernel; return the former ones.

        A block that is again as the seed made it is not held any more.
        """
        row = self._row(place.slot_id)
        if row is None or self.kernel(place) is None:
            return values
        arrays = self._arrays(row)
        weight = arrays["weight"].copy()
        former: Array = weight[place.output, place.channel].copy()
        weight[place.output, place.channel] = values
        changed = {**arrays, "weight": weight}
        if self.trained_epochs == 0 and _equal(changed, self._initial(row)):
            self.learned.store.forget(row)
        else:
            self.learned.store.put({place.slot_id: changed})
        edited = {place: former, **self.learned.edited}
        if np.array_equal(edited[place], values):
            del edited[place]
        self._set(learned=self.learned._replace(edited=edited))
        self.kernel_edited.emit()
        return former

    # -----------------------------------------------------------------------------------------

    def _set(self, **parts: Any) -> None:
        """Replace parts of the state, and let all know."""
        self.store.update(document=replace(self.state, **parts), at_once=True)

    def _opened(self, project: Project, path: Path | None) -> DocumentState:
        """Take over a project, and return the state that it begins with."""
        self._shapes = {
            slot_id: {name: array.shape for name, array in arrays.items()}
            for slot_id, arrays in project.weights.items()
        }
        self.data = KnownData.of(project)
        if path is not None:
            self.folder = path.parent
        # No id is given twice while undo steps or weights of this project may name it.
        self._last_id = project.stack.next_id() - 1
        self._touched = False
        report = self._checked(project.stack, project.settings)
        return DocumentState(
            project.stack, project.settings, report, Learned.of(project), path=path
        )

    def _check(self, stack: Stack, settings: Settings) -> ShapeReport:
        """Return the shape report; one that says what the present one says is the present one."""
        report = self._checked(stack, settings)
        return self.report if report == self.report else report

    def _checked(self, stack: Stack, settings: Settings) -> ShapeReport:
        report = stack.check(len(settings.classes), settings.loss)
        for row in report.rows:
            if row.array_shapes is not None:
                self._shapes[row.slot.id] = row.array_shapes
        return report

    def _row(self, slot_id: int) -> Row | None:
        """Find the row of a slot that has arrays."""
        rows = (row for row in self.report.rows if row.slot.id == slot_id)
        return next((row for row in rows if row.array_shapes), None)

    def _arrays(self, row: Row) -> dict[str, Array]:
        """Return a block's arrays: learned, or else those of the seed."""
        held = self.learned.store.fitting(ShapeReport((row,), None)).get(row.slot.id)
        return self._initial(row) if held is None else held

    def _initial(self, row: Row) -> dict[str, Array]:
        settings, only = self.settings, ShapeReport((row,), None)
        return initial_weights(only, settings.seed, settings.initializer)[row.slot.id]

    @Slot()
    def _count_version(self) -> None:
        self._set(version=self.version + 1)

    @Slot()
    def _update_modified(self) -> None:
        self._set(modified=self._touched or not self.undo_stack.isClean())


def _in_order(stack: Stack, slot_ids: Collection[int], selected: int | None) -> tuple[int, ...]:
    """Put selected ids in the order of the stack; the one chosen last is always among them."""
    return tuple(slot.id for slot in stack if slot.id in slot_ids or slot.id == selected)


def _equal(one: Mapping[str, Array], other: Mapping[str, Array]) -> bool:
    return all(np.array_equal(array, other[name]) for name, array in one.items())
