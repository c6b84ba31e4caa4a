"""A run says whether its weights were edited since the epoch of the run that it goes on from."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.blocks import Conv, Dropout
from engine.model.project import CheckpointRef, Project
from engine.model.stack import BlockSlot, Stack
from engine.model.weights import WeightStore
from engine.runs.checkpoint_files import epoch_file
from engine.runs.run_folder import read_run
from engine.runs.run_writer import were_edited
from tests.engine.networks import MODERN, fitting
from tests.engine.runs.own_runs import training_on
from tests.engine.runs.recordings import record, untrained
from tests.engine.training_runs import SETTINGS

ADAM = SETTINGS.with_changes(optimizer="adam", learning_rate=0.01, loss="cross_entropy")
PARENT = CheckpointRef("parent", 2)


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Project]:
    """Return a folder with a run that was stopped after its second epoch, and its project."""
    folder = tmp_path_factory.mktemp("runs")
    made = record(folder, untrained(ADAM, fitting(MODERN, loss="cross_entropy")), stop_after=2.0)
    (folder / made.run_id).rename(folder / PARENT.run)
    return folder, replace(made.project, origin=PARENT)


@pytest.fixture
def parent(stopped: tuple[Path, Project], tmp_path: Path) -> Project:
    """Return the project of that run, which lies among the runs of the test alone."""
    folder, project = stopped
    shutil.copytree(folder / PARENT.run, tmp_path / "runs" / PARENT.run)
    return project


def edited(project: Project, place: int = 0, name: str = "weight") -> Project:
    """Return a project with one other number among its weights."""
    slot_id = project.stack.slots[place].id
    array = project.weights[slot_id][name].copy()
    array.flat[0] = np.nextafter(array.flat[0], np.float32(1e9))
    arrays = {**project.weights[slot_id], name: array}
    return replace(project, weights={**project.weights, slot_id: arrays})


def is_edited(project: Project, runs: Path) -> bool:
    """Return what a run among some runs would say of its begin, where blocks may begin anew."""
    run = training_on(project)
    begun = replace(project, weights=run.weights())
    run.close()
    return were_edited(begun, runs / "child")


@pytest.mark.parametrize("edits", [False, True])
def test_a_run_says_of_its_begin_whether_it_was_edited(
    parent: Project, tmp_path: Path, edits: bool
) -> None:
    child = record(tmp_path / "runs", edited(parent) if edits else parent, stop_after=3.0)
    run = child.kept
    assert (run.epochs, run.description.edited) == (1, edits)
    written = json.loads((run.folder / "run.json").read_text())
    assert written["parent"] == {"run": "parent", "epoch": 2} | ({"edited": True} if edits else {})


@pytest.mark.parametrize(("place", "name"), [(0, "weight"), (1, "running_variance"), (9, "bias")])
def test_the_least_edit_of_any_array_is_noticed(
    parent: Project, tmp_path: Path, place: int, name: str
) -> None:
    assert is_edited(edited(parent, place, name), tmp_path / "runs")


def locked(project: Project) -> Project:
    slots = list(project.stack)
    slots[0] = replace(slots[0], locked_kernels=(1,), title="edges")
    slots[4] = replace(slots[4], locked=True)
    return replace(project, stack=replace(project.stack, slots=tuple(slots)))


def with_other_settings(project: Project) -> Project:
    settings = project.settings.with_changes(learning_rate=0.3, seed=9, optimizer="sgd")
    return replace(project, settings=settings, state=None)


@pytest.mark.parametrize("change", [lambda same: same, locked, with_other_settings])
def test_what_goes_on_with_the_same_weights_is_not_called_edited(
    parent: Project, tmp_path: Path, change: Callable[[Project], Project]
) -> None:
    assert not is_edited(change(parent), tmp_path / "runs")


@pytest.mark.parametrize("epoch", [0, 1])
def test_an_earlier_epoch_is_compared_with_what_is_kept_of_it(
    parent: Project, epoch: int, tmp_path: Path
) -> None:
    runs = tmp_path / "runs"
    project = read_run(runs / PARENT.run).project_after(epoch)
    assert not is_edited(project, runs)
    assert is_edited(edited(project), runs)
    assert is_edited(replace(project, weights=parent.weights), runs)  # of the second epoch


def test_after_steps_within_an_epoch_nothing_is_said(parent: Project, tmp_path: Path) -> None:
    cut = record(tmp_path / "runs", parent, stop_after=2 + 3 / 7).project
    assert (cut.origin, cut.trained_part) == (PARENT, 3 / 7)
    assert not is_edited(cut, tmp_path / "runs")


def test_without_the_epoch_of_the_parent_nothing_is_said(parent: Project, tmp_path: Path) -> None:
    runs, other = tmp_path / "runs", edited(parent)
    for name in ("..", "../runs/parent", "a\0b", "."):  # no folder beside it
        assert not is_edited(replace(other, origin=CheckpointRef(name, 2)), runs)
    description, weights = (
        runs / PARENT.run / name for name in ("run.json", f"weights/{epoch_file(2)}")
    )
    for path in (weights, description):
        content = path.read_bytes()
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        assert not is_edited(other, runs)
        path.write_bytes(content)
    assert is_edited(other, runs)
    weights.unlink()
    assert not is_edited(other, runs)
    shutil.rmtree(runs / PARENT.run)
    assert not is_edited(other, runs)


def rebuilt(project: Project, slots: list[BlockSlot]) -> Project:
    """Return a project of other slots, with the weights that still fit."""
    stack, store = replace(project.stack, slots=tuple(slots)), WeightStore()
    store.put(project.weights)
    other = replace(project, stack=stack, state=None)
    return replace(other, weights=store.fitting(other.check()))


def with_dropout(project: Project) -> Project:
    slots = list(project.stack)
    added = Stack().appended(Dropout(rate=0.1)).slots[0]
    slots.insert(8, replace(added, id=project.stack.next_id()))
    return rebuilt(project, slots)


def without_pooling(project: Project) -> Project:
    """Leave out MaxPool: the second Conv has a bias for each place, and begins anew."""
    found = rebuilt(project, [slot for slot in project.stack if slot.id != 4])
    assert 5 in project.weights.keys() - found.weights.keys()
    return found


def with_other_padding(project: Project) -> Project:
    """Give the first Conv another option, and other weights of the same shapes."""
    slots = [slot for slot in project.stack if slot.id != 7]  # AvgPool, which has no room then
    block = Conv(depth=4, kernel_size=3, padding="valid", bias="channel")
    slots[0] = replace(slots[0], block=block)
    return edited(rebuilt(project, slots))


@pytest.mark.parametrize("change", [with_dropout, without_pooling, with_other_padding])
def test_in_another_network_only_blocks_that_are_the_same_count(
    parent: Project, tmp_path: Path, change: Callable[[Project], Project]
) -> None:
    project = change(parent)
    assert project.stack != parent.stack
    assert not is_edited(project, tmp_path / "runs")
    assert is_edited(edited(project, 1, "running_variance"), tmp_path / "runs")


def test_weights_that_were_trained_for_longer_without_a_run_are_not_edited(
    parent: Project, tmp_path: Path
) -> None:
    project = record(tmp_path / "elsewhere", parent, stop_after=3.0).project
    assert not is_edited(replace(project, origin=PARENT), tmp_path / "runs")
