"""How a project file writes a training's state: numbers in `project.json`, memories as arrays.

The memories are named as the weights are, with what is remembered behind:
`<slot index>.<kind>.<parameter>.<memory>`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated

import msgspec
from msgspec import Meta

from engine.array_types import Array, Shape
from engine.files.naming import assign, named_arrays
from engine.files.tensors import Entry
from engine.files.untrusted_read import DamagedError, ForeignError
from engine.model.project import Project
from engine.model.training_state import EpochPart, MemoryKey, TrainingState, parameter_shapes
from engine.model.weights import Weights

_Count = Annotated[int, Meta(ge=0, le=2**53)]
_Shapes = dict[str, tuple[Annotated[int, Meta(ge=1, le=2**31)], ...]]  # of parameters by name


class StateForm(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The numbers of a state; what it belongs to are the blocks and settings of the project.

    `shapes` holds the shapes of the parameters, block by block, where a block that does not fit
    keeps them from being worked out.
    """

    samples: _Count
    origin: _Count
    first_epoch: _Count
    last_epoch: _Count
    epochs: Annotated[int, Meta(ge=1, le=100_000)]
    updates: _Count
    best_loss: float | None = None
    best_epoch: _Count = 0
    steps: _Count = 0
    loss_sum: float = 0.0
    correct: _Count = 0
    seconds: float = 0.0
    shapes: tuple[_Shapes, ...] | None = None
    numerics: Annotated[str, Meta(max_length=200)] = ""


def write_state(project: Project) -> StateForm | None:
    """Return the numbers of a project's state, which holds for it; None if there is no state."""
    state = project.state
    if state is None:
        return None
    known = parameter_shapes(project.check()) == state.shapes
    return StateForm(
        state.samples,
        state.origin,
        state.first_epoch,
        state.last_epoch,
        state.epochs,
        state.updates,
        state.best_loss if math.isfinite(state.best_loss) else None,
        state.best_epoch,
        state.part.steps,
        state.part.loss_sum,
        state.part.correct,
        state.part.seconds,
        None if known else tuple(dict(state.shapes.get(slot.id, {})) for slot in project.stack),
        state.numerics,
    )


def named_memories(project: Project) -> dict[str, Array]:
    """Return the memories of a project's state by the names that files use."""
    by_slot: Weights = {}
    if project.state is not None:
        for key, array in project.state.memories.items():
            by_slot.setdefault(key.slot_id, {})[f"{key.parameter}.{key.memory}"] = array
    return named_arrays(project.stack, by_slot)


def read_state(form: StateForm, entries: Sequence[Entry], project: Project) -> TrainingState:
    """Make the state of a project that was read up to here.

    Raises DamagedError if its numbers contradict each other, or if its memories are not those of
    the project's blocks and optimizer.
    """
    done = project.trained_epochs
    if not form.origin <= form.first_epoch <= done <= form.last_epoch:
        raise DamagedError("the epochs of its training contradict each other")
    shapes = _read_shapes(form, project)
    state = TrainingState(
        project.settings,
        shapes,
        form.samples,
        form.origin,
        form.first_epoch,
        form.last_epoch,
        form.epochs,
        done,
        EpochPart(form.steps, form.loss_sum, form.correct, form.seconds),
        form.updates,
        _read_memories(entries, project, shapes),
        math.inf if form.best_loss is None else form.best_loss,
        form.best_epoch,
        form.numerics,
    )
    if state.trained_part > 1:
        raise DamagedError("the steps of its training are more than an epoch has")
    return state


def _read_shapes(form: StateForm, project: Project) -> dict[int, dict[str, Shape]]:
    if form.shapes is None:
        return parameter_shapes(project.check())
    if len(form.shapes) != len(project.stack):
        raise DamagedError("the shapes of its training are not those of its blocks")
    slots = zip(project.stack, form.shapes, strict=True)
    return {slot.id: dict(shapes) for slot, shapes in slots if shapes}


def _read_memories(
    entries: Sequence[Entry], project: Project, shapes: Mapping[int, Mapping[str, Shape]]
) -> dict[MemoryKey, Array]:
    from engine.training.optimizers import (
        make_rule,  # brings numerics that reading without it does not need
    )

    names = make_rule(project.settings).memories
    rows = [
        replace(
            row,
            array_shapes={
                f"{parameter}.{name}": shape
                for parameter, shape in shapes.get(row.slot.id, {}).items()
                for name in names
            },
        )
        for row in project.check().rows
    ]
    try:
        found = assign(entries, rows, complete=True)
    except ForeignError as fault:
        raise DamagedError(f"its optimizer does not go with its blocks: {fault}") from fault
    return {
        MemoryKey(slot_id, *name.split(".")): array
        for slot_id, arrays in found.items()
        for name, array in arrays.items()
    }
