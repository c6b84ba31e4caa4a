"""The files of one checkpoint of a run: its weights, and what else it takes to go on exactly.

`weights/epoch-0012.safetensors` is a weights file. `states/epoch-0012.safetensors` holds the
memories of the optimizer; its metadata says the numbers of the training's state, the learning rate
and, where they were changed since the run began, the locks of the blocks.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

from engine.errors import RunError, WeightsError
from engine.files.atomic import replace_file
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
from engine.model.training_state import TrainingState
from engine.model.weights import Weights
from engine.runs.file_reading import faults_in_words, read_in
from engine.training.best_epoch import RankingKey

Pieces = list[bytes | memoryview]

WEIGHTS, STATES = "weights", "states"

_STATE_BYTES = 2 * MAX_PARAMETERS * 4 + 16_000_000  # Adam's mean and square
_STATE, _CHECKPOINT = "state", "moment"  # notes of the metadata


class EpochState(NamedTuple):
    """What is kept of an epoch: what the training was then, and had learned."""

    epoch: int
    ranking: RankingKey
    stack: Stack  # with the locks of then
    learning_rate: float
    weights: Weights
    state: TrainingState | None = None

    def project(self, start: Project) -> Project:
        """Return the project as it was then, of that with which the run began."""
        settings = start.settings
        if self.learning_rate != settings.learning_rate:
            settings = msgspec.structs.replace(settings, learning_rate=self.learning_rate)
        return replace(
            start,
            stack=self.stack,
            settings=settings,
            weights=self.weights,
            trained_epochs=start.trained_epochs + self.epoch,
            trained_part=0.0 if self.epoch else start.trained_part,
            state=self.state,
        )


class CheckpointForm(msgspec.Struct, omit_defaults=True):
    """Which checkpoint it is, and what was changed meanwhile; `slots` only if their locks were."""

    epochs_done: Count
    learning_rate: Annotated[float, Meta(gt=0.0)]
    slots: list[SlotForm] | None = None


def epoch_file(epoch: int) -> str:
    """Return the name of the files of the checkpoint after an epoch."""
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
    checkpoint = CheckpointForm(project.trained_epochs, project.settings.learning_rate, slots)
    notes = {
        _STATE: msgspec.json.encode(form).decode(),
        _CHECKPOINT: msgspec.json.encode(checkpoint).decode(),
    }
    arrays = named_memories(project)
    return safetensors_pieces(arrays, with_checksums(notes, arrays))


def is_power_of_two(epoch: int) -> bool:
    """Return whether an epoch is 1, 2, 4, 8, ..."""
    return epoch > 0 and epoch & (epoch - 1) == 0


def epochs_to_keep(rankings: Mapping[int, RankingKey]) -> frozenset[int]:
    """Return which epochs stay: the start, the last, the first of the best, and 1, 2, 4, 8, ..."""
    always = {0, max(rankings), max(sorted(rankings), key=rankings.__getitem__)}
    return frozenset(each for each in rankings if each in always or is_power_of_two(each))


def write_checkpoint(folder: Path, start: Project, checkpoint: EpochState) -> None:
    """Write an epoch of a run that began with a project. Raises OSError."""
    project, name = checkpoint.project(start), epoch_file(checkpoint.epoch)
    state = state_pieces(project, start.stack)
    if state is not None:
        replace_file(folder / STATES / name, state)
    replace_file(folder / WEIGHTS / name, weights_pieces(project))


def remove_checkpoint(folder: Path, epoch: int) -> bool:
    """Remove an epoch; return whether that was possible: somebody may be reading it."""
    try:
        for part in (WEIGHTS, STATES):  # weights without a state would not go on exactly
            (folder / part / epoch_file(epoch)).unlink(missing_ok=True)
    except PermissionError:
        return False
    return True


def load_checkpoint(folder: Path, epoch: int, project: Project) -> Project:
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
        checkpoint = msgspec.json.decode(notes[_CHECKPOINT], type=CheckpointForm)
        if checkpoint.epochs_done != project.trained_epochs:
            raise DamagedError("it is of another epoch than its name says")
        form = msgspec.json.decode(notes[_STATE], type=StateForm)
        project = replace(
            project,
            stack=_with_locks(project.stack, checkpoint.slots),
            settings=project.settings.with_changes(learning_rate=checkpoint.learning_rate),
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
