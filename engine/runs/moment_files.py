"""The files of one moment of a run: its weights, and what else it takes to go on exactly.

`weights/epoch-0012.safetensors` is a weights file. `states/epoch-0012.safetensors` holds the
memories of the optimizer; its metadata says the numbers of the training's state, the learning rate
and, where they were changed since the run began, the locks of the blocks.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from engine.errors import RunError, WeightsError
from engine.files.naming import named_arrays
from engine.files.network_form import Count, SlotForm, read_slots, write_slots
from engine.files.state_form import StateForm, named_memories, read_state, write_state
from engine.files.tensors import (
    CHECKSUMS,
    checked,
    read_safetensors,
    read_safetensors_notes,
    safetensors_pieces,
    with_checksums,
)
from engine.files.untrusted_read import DamagedError
from engine.files.weights_file import load_weights
from engine.model.project import Project
from engine.model.stack import MAX_PARAMETERS, Stack
from engine.runs.file_reading import faults_in_words, read_in

Pieces = list[bytes | memoryview]

WEIGHTS, STATES = "weights", "states"

_STATE_BYTES = 2 * MAX_PARAMETERS * 4 + 16_000_000  # Adam's mean and square
_STATE, _MOMENT = "state", "moment"  # notes of the metadata


class MomentForm(msgspec.Struct, omit_defaults=True):
    """Which moment it is, and what was changed meanwhile; `slots` only if their locks were."""

    epochs_done: Count
    learning_rate: Annotated[float, Meta(gt=0.0)]
    slots: list[SlotForm] | None = None


def epoch_file(epoch: int) -> str:
    """Return the name of the files of the moment after an epoch."""
    return f"epoch-{epoch:04}.safetensors"


def weights_pieces(project: Project) -> Pieces:
    """Return what a file of a project's weights holds, with their checksums."""
    arrays = named_arrays(project.stack, project.weights)
    return safetensors_pieces(arrays, with_checksums({}, arrays))


def state_pieces(project: Project, at_start: Stack) -> Pieces | None:
    """Return what a file of a project's state holds; None if there is no going on from it.

    `at_start` is the stack as it was when the run began.
    """
    form = write_state(project)
    if form is None:
        return None
    slots = None if project.stack.has_same_locks(at_start) else write_slots(project.stack)
    moment = MomentForm(project.trained_epochs, project.settings.learning_rate, slots)
    notes = {
        _STATE: msgspec.json.encode(form).decode(),
        _MOMENT: msgspec.json.encode(moment).decode(),
    }
    arrays = named_memories(project)
    return safetensors_pieces(arrays, with_checksums(notes, arrays))


def load_moment(folder: Path, epoch: int, project: Project) -> Project:
    """Return a project, which is without weights, with those of an epoch and its exact state.

    Without a file of the state, as in folders of other programs, training goes on without one.
    Raises RunError if a file cannot be read, or is not that of this network.
    """
    report = project.check()
    if report.problem is not None:
        raise RunError(f"The network of {folder} does not fit. {report.problem.text}")
    try:
        weights = load_weights(folder / WEIGHTS / epoch_file(epoch), report)
    except WeightsError as fault:
        raise RunError(str(fault)) from fault
    return _with_state(folder, epoch, replace(project, weights=weights))


def _with_state(folder: Path, epoch: int, project: Project) -> Project:
    path = folder / STATES / epoch_file(epoch)
    if not path.is_file():
        return project
    with faults_in_words(path):
        content = read_in(path.parent, path.name, _STATE_BYTES)
        notes = read_safetensors_notes(content)
        if CHECKSUMS not in notes:
            raise DamagedError("its checksums are missing")
        entries = checked(read_safetensors(content), notes)
        moment = msgspec.json.decode(notes[_MOMENT], type=MomentForm)
        if moment.epochs_done != project.trained_epochs:
            raise DamagedError("it is of another epoch than its name says")
        form = msgspec.json.decode(notes[_STATE], type=StateForm)
        project = replace(
            project,
            stack=_with_locks(project.stack, moment.slots),
            settings=project.settings.with_changes(learning_rate=moment.learning_rate),
        )
        state = read_state(form, entries, project)
        part = state.trained_part or project.trained_part
        return replace(project, state=state, trained_part=part)


def _with_locks(stack: Stack, forms: Iterable[SlotForm] | None) -> Stack:
    if forms is None:
        return stack
    changed = replace(stack, slots=read_slots(list(forms)))
    if not changed.is_same_network(stack):
        raise DamagedError("its blocks are not those of the run")
    return changed
