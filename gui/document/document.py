"""Document: the open project. It holds the state that the views show and that commands change."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import shiboken6
from PySide6.QtCore import QDir, QObject, Signal, Slot
from PySide6.QtGui import QUndoStack

from engine.array_types import Array, Shape
from engine.blocks import Conv
from engine.inputs.scaling import Scaling
from engine.model.project import CheckpointRef, Project
from engine.model.settings import Settings
from engine.model.stack import BlockSlot, Row, ShapeReport, Stack
from engine.model.training_state import TrainingState
from engine.model.weights import Weights, WeightStore, initial_weights
from engine.struct_fields import fields_of
from engine.training.samples import DataKey, data_key
from gui.document.kernel_place import KernelPlace

LOCKED_REASON = "Stop training to change this."
UNDO_STEPS = 200
LIVE_SETTINGS = frozenset({"learning_rate"})  # these may be changed while training runs


class Learned(NamedTuple):
    """What training has brought up to one moment: weights, epochs, and what it needs to go on.

    `stack` is the network that was trained; None: nothing was. `scaling` made the inputs that it
    learned from, `origin` is the kept run and the epoch of it that they are of, or go on from.
    `part` is the share of one more epoch that has led to the weights.
    """

    store: WeightStore
    epochs: int = 0
    state: TrainingState | None = None
    stack: Stack | None = None
    scaling: Scaling | None = None
    origin: CheckpointRef | None = None
    part: float = 0.0

    @classmethod
    def of(cls, project: Project) -> "Learned":
        """Take what a project has learned."""
        store = WeightStore()
        store.put(project.weights)
        known = project.trained_epochs, project.state, project.stack, project.scaling
        return cls(store, *known, project.origin, project.trained_part)

    def arrays(self) -> Iterator[Array]:
        """Give every array: of the weights, and of what the optimizer remembers."""
        yield from self.store.arrays()
        if self.state is not None:
            yield from self.state.memories.values()


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
    """The stack, the settings, what was learned, the selection and the undo stack, without widgets.

    It knows no edits: `Edits` and `KernelEdits` push undo commands, and these call its setters.
    Every signal comes after all state has changed.
    """

    stack_changed = Signal()  # without the stack: a listener may set another one at once
    settings_changed = Signal(object)  # frozenset of the names of the changed ones
    report_changed = Signal(object)  # ShapeReport
    problem_changed = Signal(object)  # Problem, or None if all blocks fit
    selection_changed = Signal()
    weights_changed = Signal(object)  # frozenset of the ids of the slots whose weights are others
    kernel_edited = Signal()  # training goes on from the edited weights
    started_over = Signal()  # with other weights than training led to: by Reset, undo or redo
    modified_changed = Signal(bool)
    locked_changed = Signal(bool)
    path_changed = Signal()
    history_changed = Signal()  # of the undo steps
    project_replaced = Signal()  # before the signals of what the new project changed
    flush_requested = Signal()  # a form with typed text that it has not committed shall do so now

    _stack: Stack
    _settings: Settings
    _report: ShapeReport
    _shapes: dict[int, dict[str, Shape]]  # of the arrays of each slot when it fitted last
    _selected: int | None
    _selection: tuple[int, ...]
    learned: Learned  # as it was left; an edit may have made some of it void
    data: KnownData
    folder: Path  # of the file that was opened or written last; where questions for one begin
    _path: Path | None
    _last_id: int
    _modified: bool
    _touched: bool  # modified in a way that is no undo step
    _version: int
    _locked: bool

    def __init__(self, project: Project | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(UNDO_STEPS)
        self.undo_stack.cleanChanged.connect(self._update_modified)
        # Relayed, so that the last news of a dying undo stack reach no one.
        self.undo_stack.indexChanged.connect(self.history_changed)
        self._version, self.folder = 0, Path(QDir.homePath())
        self.undo_stack.indexChanged.connect(self._count_version)
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
    def report(self) -> ShapeReport:
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

    def selected_slots(self) -> tuple[BlockSlot, ...]:
        """Return the selected slots, in the order of the stack."""
        return tuple(slot for slot in self._stack if slot.id in self._selection)

    @property
    def trained_epochs(self) -> int:
        """How many epochs have led to the weights."""
        return self.learned.epochs

    @property
    def trained(self) -> bool:
        """Whether anything was learned."""
        return self.learned.epochs > 0 or not self.learned.store.is_empty()

    @property
    def changed_since_training(self) -> bool:
        """Whether something was learned, by another network than this one."""
        stack = self.learned.stack
        return self.trained and stack is not None and not self._stack.is_same_network(stack)

    def kernel(self, place: KernelPlace) -> Array | None:
        """Return a kernel (k, k); None if there is none at that place."""
        row = self._row(place.slot_id)
        if row is None or not isinstance(row.slot.block, Conv):
            return None
        return place.kernel_in(self._arrays(row)["weight"])

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
        """Collect what a file holds: what was learned, as far as it fits the stack as it is.

        A block that does not fit, or comes after one, keeps what it had when it fitted last.
        """
        store, epochs, state, _, scaling, origin, part = self.learned
        kept = state and state.kept(self._report, self._settings)
        rows = (
            replace(row, array_shapes=self._shapes.get(row.slot.id))
            if row.array_shapes is None
            else row
            for row in self._report.rows
        )
        weights = store.fitting(replace(self._report, rows=tuple(rows)))
        known = weights, epochs, kept, scaling, *self.data.for_settings(self._settings)
        return Project(self._stack, self._settings, *known, origin, part)

    def replace_project(self, project: Project, path: Path | None) -> None:
        """Show another project, unmodified; undo steps and learned weights of the old one go."""
        was_modified, was_locked = self._modified, self._locked
        self._take(project, path)
        self.project_replaced.emit()
        self.stack_changed.emit()
        self.settings_changed.emit(frozenset(field.name for field in fields_of(Settings)))
        self.report_changed.emit(self._report)
        self.problem_changed.emit(self._report.problem)
        self.weights_changed.emit(self._slot_ids())
        self.selection_changed.emit()
        self.path_changed.emit()
        if was_modified:
            self.modified_changed.emit(False)
        if was_locked:
            self.locked_changed.emit(False)

    def mark_saved(self, path: Path, version: int | None = None) -> None:
        """Remember that the project lies in this file as it is now, or as it was at a `version`."""
        if path != self._path:
            self._lie_in(path)
            self.path_changed.emit()
        self._touched = version not in (None, self._version)  # then it has changed since
        if not self._touched:
            self.undo_stack.setClean()
        self._update_modified()

    def may_edit(self) -> bool:
        """Take in what was typed, then return whether edits are allowed: while no training runs."""
        self.flush()
        return not self._locked

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
        before, report = (self._selected, self._selection), self._report
        self._stack, self._selected = stack, selected
        self._selection = self._in_order(selection, selected)
        self._last_id = max(self._last_id, stack.next_id() - 1)
        self._report = self._check()
        self.stack_changed.emit()
        self._announce_report(report)
        if before != (self._selected, self._selection):
            self.selection_changed.emit()

    def set_setting(self, field: str, value: object) -> None:
        """Give one training setting another value.

        Raises SettingsError if the value is outside its limits.
        """
        self._settings = self._settings.with_changes(**{field: value})
        report, self._report = self._report, self._check()
        self.settings_changed.emit(frozenset({field}))
        self._announce_report(report)

    def set_live_setting(self, field: str, value: object) -> None:
        """Change a setting while training runs.

        That is no undo step, because the weights that it leads to would stay. Raises SettingsError
        if the value is outside its limits.
        """
        self.set_setting(field, value)
        self._touch()

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
        self,
        weights: Weights,
        epochs: int,
        state: TrainingState | None = None,
        scaling: Scaling | None = None,
        origin: CheckpointRef | None = None,
        part: float = 0.0,
    ) -> None:
        """Hold what training has learned up to now, by slot id, and count it as a modification."""
        self.learned.store.put(weights)
        known = epochs, state, self._stack, scaling, origin, part
        self.learned = Learned(self.learned.store, *known)
        self._touch()
        self.weights_changed.emit(frozenset(weights))

    def exchange_learned(self, learned: Learned) -> Learned:
        """Put what was learned at another time in the place of what is there; return the latter."""
        former, self.learned = self.learned, learned
        self.started_over.emit()
        self.weights_changed.emit(self._slot_ids())
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
        self.weights_changed.emit(frozenset({place.slot_id}))
        self.kernel_edited.emit()
        return former

    # -----------------------------------------------------------------------------------------

    def _lie_in(self, path: Path | None) -> None:
        self._path = path
        if path is not None:
            self.folder = path.parent

    def _take(self, project: Project, path: Path | None) -> None:
        self._stack, self._settings = project.stack, project.settings
        self._shapes = {
            slot_id: {name: array.shape for name, array in arrays.items()}
            for slot_id, arrays in project.weights.items()
        }
        self._report = self._check()
        self._selected, self._selection = None, ()
        self.learned, self.data = Learned.of(project), KnownData.of(project)
        self._lie_in(path)
        # No id is given twice while undo steps or weights of this project may name it.
        self._last_id = self._stack.next_id() - 1
        self._modified = self._touched = self._locked = False
        self.undo_stack.clear()

    def _slot_ids(self) -> frozenset[int]:
        return frozenset(slot.id for slot in self._stack)

    def _announce_report(self, before: ShapeReport) -> None:
        """Emit what is new since the report `before`."""
        if self._report != before:
            self.report_changed.emit(self._report)
        if self._report.problem != before.problem:
            self.problem_changed.emit(self._report.problem)

    def _check(self) -> ShapeReport:
        report = self._stack.check(len(self._settings.classes), self._settings.loss)
        for row in report.rows:
            if row.array_shapes is not None:
                self._shapes[row.slot.id] = row.array_shapes
        return report

    def _row(self, slot_id: int) -> Row | None:
        """Find the row of a slot that has arrays."""
        rows = (row for row in self._report.rows if row.slot.id == slot_id)
        return next((row for row in rows if row.array_shapes), None)

    def _arrays(self, row: Row) -> dict[str, Array]:
        """Return a block's arrays: learned, or else those of the seed."""
        held = self.learned.store.fitting(ShapeReport((row,), None)).get(row.slot.id)
        return self._initial(row) if held is None else held

    def _initial(self, row: Row) -> dict[str, Array]:
        settings, only = self._settings, ShapeReport((row,), None)
        return initial_weights(only, settings.seed, settings.initializer)[row.slot.id]

    def _in_order(self, slot_ids: Collection[int], selected: int | None) -> tuple[int, ...]:
        """Put selected ids in the order of the stack; the one chosen last is always among them."""
        return tuple(slot.id for slot in self._stack if slot.id in slot_ids or slot.id == selected)

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


def _equal(one: Mapping[str, Array], other: Mapping[str, Array]) -> bool:
    return all(np.array_equal(array, other[name]) for name, array in one.items())
