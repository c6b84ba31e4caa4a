"""The files of a moment bring back all that it takes to go on exactly, or are refused."""

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.errors import RunError
from engine.files import open_project, save_project
from engine.model.project import Project, RunMoment
from engine.model.stack import Stack
from engine.runs import read_run
from engine.runs.moment_files import STATES, WEIGHTS, epoch_file
from tests.engine.files.mutants import damage
from tests.engine.networks import MODERN, fitting
from tests.engine.runs.own_runs import (
    learned,
    project_of,
    training_on,
    write_moment,
    write_own_run,
)
from tests.engine.training_runs import SETTINGS, same, training

ADAM = SETTINGS.with_changes(optimizer="adam", learning_rate=0.01, schedule="cosine")


def trained_on(project: Project) -> Project:
    """Train a project to the end of its run, on the made-up samples."""
    run = training_on(project)
    try:
        list(run.run())
        return learned(project, run)
    finally:
        run.close()


def test_each_kept_epoch_goes_on_exactly_to_the_same_end(tmp_path: Path) -> None:
    end = write_own_run(
        tmp_path, ADAM.with_changes(loss="cross_entropy"), fitting(MODERN, loss="cross_entropy")
    )
    run = read_run(tmp_path)
    assert run.kept_epochs == (0, 1, 2, 3)
    for epoch in (0, 1, 2):
        moment = run.project_after(epoch)
        assert moment.trained_epochs == epoch
        assert moment.origin == RunMoment(tmp_path.name, epoch)
        assert same(trained_on(moment).weights, end.weights)


def test_going_on_works_through_a_project_file(tmp_path: Path) -> None:
    end = write_own_run(tmp_path / "one", ADAM)
    path = tmp_path / "saved.layerscope"
    save_project(read_run(tmp_path / "one").project_after(2), path)
    opened = open_project(path)
    assert opened.origin == RunMoment("one", 2)
    assert same(trained_on(opened).weights, end.weights)


def test_learning_rate_and_locks_are_those_of_the_moment(tmp_path: Path) -> None:
    write_own_run(tmp_path)
    start = project_of(fitting(), SETTINGS)
    first, *others = start.stack
    locked = Stack((replace(first, locked_kernels=(1,)), *others), start.stack.input_shape)
    with training() as run:
        now = replace(
            learned(start, run), stack=locked, settings=SETTINGS.with_changes(learning_rate=0.25)
        )
    write_moment(tmp_path, 0, now, start)
    moment = read_run(tmp_path).project_after(0)
    assert moment.settings.learning_rate == 0.25
    assert moment.state is not None
    assert moment.state.settings == moment.settings
    assert moment.stack == locked
    assert read_run(tmp_path).project_after(1).stack == start.stack


def test_a_moment_without_a_state_is_gone_on_from_without(tmp_path: Path) -> None:
    write_own_run(tmp_path)
    (tmp_path / STATES / epoch_file(2)).unlink()
    moment = read_run(tmp_path).project_after(2)
    assert moment.state is None
    assert moment.trained_epochs == 2


def test_the_state_of_another_epoch_is_refused(tmp_path: Path) -> None:
    write_own_run(tmp_path)
    states = tmp_path / STATES
    (states / epoch_file(1)).replace(states / epoch_file(2))
    with pytest.raises(RunError, match="another epoch"):
        read_run(tmp_path).project_after(2)


def check_state_mutants(folder: Path, count: int) -> int:
    """Damage the files of a moment so many times; return how often it was read all the same.

    What is read goes on with the numbers that were written.
    """
    write_own_run(folder, ADAM.with_changes(epochs=1))
    run = read_run(folder)
    expected, opened = run.project_after(1), 0
    names = [folder / STATES / epoch_file(1), folder / WEIGHTS / epoch_file(1)]
    originals = {name: name.read_bytes() for name in names}
    for number in range(count):
        dice = random.Random(number)
        name = dice.choices(names, (4, 1))[0]
        name.write_bytes(damage(originals[name], dice))
        try:
            found = run.project_after(1)
        except RunError as fault:
            said = str(fault)
        else:
            said = ""
            opened += 1
            assert same_state(found, expected) or b'"crc32"' not in name.read_bytes()
        assert "\n" not in said
        name.write_bytes(originals[name])
    return opened


def same_state(one: Project, other: Project) -> bool:
    assert one.state is not None
    assert other.state is not None
    memories, others = one.state.memories, other.state.memories
    return (
        same(one.weights, other.weights)
        and memories.keys() == others.keys()
        and all(np.array_equal(array, others[key]) for key, array in memories.items())
        and one.settings == other.settings
        and one.state.updates == other.state.updates
    )


def test_mutants_of_a_moment_are_refused_in_one_way(tmp_path: Path) -> None:
    assert check_state_mutants(tmp_path, 150) < 150


@pytest.mark.soak
def test_ten_thousand_mutants_of_a_moment(tmp_path: Path) -> None:
    assert check_state_mutants(tmp_path, 10_000) < 10_000
