"""A small network with weights of its own, and project files edited behind the program's back."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from engine.blocks import Conv, Dense, Reshape, Sigmoid
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import Stack
from engine.model.training_state import EpochPart, MemoryKey, TrainingState
from engine.model.weights import Weights
from tests.engine.training_runs import same


def small_project() -> Project:
    """Conv 2 3×3 on 6×6 pixels, Dense 3, with counted-up weights: every value is another."""
    stack = replace(
        Stack().appended(Conv(depth=2, kernel_size=3), Reshape(), Dense(units=3), Sigmoid()),
        input_shape=(1, 6, 6),
    )
    weights: Weights = {
        1: {"weight": counted(2, 1, 3, 3), "bias": counted(2, 4, 4)},
        3: {"weight": counted(3, 32), "bias": counted(3)},
    }
    settings = Settings(classes=(2, 5, 7), learning_rate=0.25, seed=9)
    return Project(stack, settings, weights, trained_epochs=4)


def project_in_a_run() -> Project:
    """The small project, stopped in its fifth epoch of seven with Adam; memories counted up too."""
    project = small_project()
    settings = project.settings.with_changes(optimizer="adam", epochs=7, batch_size=4)
    project = replace(project, settings=settings)
    shapes = {1: {"weight": (2, 1, 3, 3), "bias": (2, 4, 4)}, 3: {"weight": (3, 32), "bias": (3,)}}
    memories = {
        MemoryKey(slot_id, parameter, memory): counted(*shape) / 16
        for slot_id, own in shapes.items()
        for parameter, shape in own.items()
        for memory in ("mean", "square")
    }
    state = TrainingState(
        settings,
        shapes,
        samples=30,
        origin=0,
        first_epoch=1,
        last_epoch=8,
        epochs=7,
        epochs_done=4,
        part=EpochPart(3, 2.75, 9, 0.5),
        updates=35,
        memories=memories,
        best_loss=0.0625,
        best_epoch=3,
    )
    return replace(project, state=state, trained_part=3 / 8)


def counted(*shape: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """0, 1/8, 2/8, ... in C order."""
    return (np.arange(np.prod(shape)) / 8).reshape(shape).astype(np.float32)


def members_of(path: Path) -> dict[str, bytes]:
    """What a project file holds."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_members(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> Path:
    """Write a zip of these members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    path.write_bytes(file.getvalue())
    return path


def edit_description(path: Path, edit: Callable[[dict[str, Any]], object]) -> Path:
    """Change project.json inside a project file."""
    members = members_of(path)
    description = json.loads(members["project.json"])
    edit(description)
    members["project.json"] = json.dumps(description).encode()
    return write_members(path, members)


def assert_same(one: Project, other: Project) -> None:
    """Compare two projects, the weights by value and type."""
    assert (one.stack, one.settings) == (other.stack, other.settings)
    assert one.trained_epochs == other.trained_epochs
    assert one.trained_part == other.trained_part
    assert same(one.weights, other.weights)
    assert numbers(one.state) == numbers(other.state)
    held, others = (each.state.memories if each.state else {} for each in (one, other))
    assert held.keys() == others.keys()
    for key, array in held.items():
        assert array.dtype == others[key].dtype
        np.testing.assert_array_equal(array, others[key])


def numbers(state: TrainingState | None) -> tuple[object, ...] | None:
    """All of a state but the memories."""
    if state is None:
        return None
    return tuple(getattr(state, name) for name in state.__struct_fields__ if name != "memories")
