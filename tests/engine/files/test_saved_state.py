"""What a training needs to go on, in a project file: it comes back, or is void, or is refused."""

import json
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from engine.blocks import Dense, MaxPool
from engine.files import open_project, save_project
from engine.model.project import Project
from engine.model.stack import BlockSlot
from engine.model.training_state import TrainingState
from tests.engine.files.networks import (
    assert_same,
    members_of,
    numbers,
    project_in_a_run,
)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "run.layerscope"
    save_project(project_in_a_run(), path)
    return path


def state_of(project: Project) -> TrainingState:
    assert project.state is not None
    return project.state


def test_a_state_that_does_not_hold_for_the_project_is_not_saved(tmp_path: Path) -> None:
    path, project = tmp_path / "p.layerscope", project_in_a_run()
    wider = project.stack.replaced(BlockSlot(3, Dense(units=3)))
    wider = wider.inserted(3, BlockSlot(9, Dense(units=3)))
    other = project.settings.with_changes(optimizer="sgd")
    not_finite = dict(state_of(project).memories)
    key = next(iter(not_finite))
    not_finite[key] = np.full_like(not_finite[key], np.inf)
    for changed in (
        replace(project, stack=wider, weights={}),
        replace(project, settings=other),
        replace(project, trained_epochs=5),
        replace(project, state=msgspec.structs.replace(state_of(project), memories=not_finite)),
    ):
        save_project(changed, path)
        assert_same(open_project(path), replace(changed, state=None))
        assert "optimizer.safetensors" not in members_of(path)
        assert "training" not in json.loads(members_of(path)["project.json"])


@pytest.mark.parametrize("place", [0, 1, 2, 4])
@pytest.mark.parametrize("changes", [{}, {"optimizer": "sgd"}])
def test_a_block_that_does_not_fit_costs_no_memories(
    tmp_path: Path, place: int, changes: dict[str, object]
) -> None:
    path, project = tmp_path / "p.layerscope", project_in_a_run()
    if changes:  # it remembers nothing, but where the run is
        settings = project.settings.with_changes(**changes)
        state = msgspec.structs.replace(state_of(project), settings=settings, memories={})
        project = replace(project, settings=settings, state=state)
    right = state_of(project)
    bad = project.stack.inserted(place, BlockSlot(9, MaxPool(size=31)))
    for _ in range(2):  # what was opened is saved again
        save_project(replace(project, stack=bad), path)
        project = open_project(path)
        assert project.stack == bad
    project = replace(project, stack=bad.removed(9))
    state = state_of(project)
    assert state.why_void(project.check(), project.settings) == ""
    assert (numbers(state), state.shapes) == (numbers(right), right.shapes)
    assert state.memories.keys() == right.memories.keys()
    for key, memory in state.memories.items():
        np.testing.assert_array_equal(memory, right.memories[key])
    described = json.loads(members_of(path)["project.json"])["training"]
    assert ("shapes" in described) == (place < 4)  # else the shapes are known without it
    save_project(project, path)  # which fits again: older versions can read it
    assert "shapes" not in json.loads(members_of(path)["project.json"])["training"]


def test_a_block_that_was_changed_while_it_did_not_fit_voids_the_state(tmp_path: Path) -> None:
    path, project = tmp_path / "p.layerscope", project_in_a_run()
    bad = project.stack.inserted(1, BlockSlot(9, MaxPool(size=31)))
    bad = bad.replaced(BlockSlot(3, Dense(units=4)))
    save_project(replace(project, stack=bad, weights={}), path)
    found = open_project(path)
    settings = found.settings.with_changes(classes=(0, 1, 2, 3))
    project = replace(found, stack=found.stack.removed(9), settings=settings)
    assert state_of(project).why_void(project.check(), settings) == "block 3 was changed"


def test_other_data_begins_the_epoch_again_and_keeps_the_memories(tmp_path: Path) -> None:
    path, project = tmp_path / "p.layerscope", project_in_a_run()
    save_project(replace(project, settings=project.settings.with_changes(batch_size=5)), path)
    found = state_of(open_project(path))
    assert (found.part.steps, found.part.loss_sum, found.best_epoch) == (0, 0.0, 0)
    assert (found.updates, found.last_epoch) == (35, 8)
    assert found.memories.keys() == state_of(project).memories.keys()
