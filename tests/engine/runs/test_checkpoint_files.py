"""The files of a moment bring back all that it takes to go on exactly, or are refused."""

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.errors import RunError
from engine.model.project import Project
from engine.model.stack import Stack
from engine.runs import read_run
from engine.runs.checkpoint_files import STATES, WEIGHTS, epoch_file
from tests.engine.files.mutants import damage
from tests.engine.networks import fitting
from tests.engine.runs.own_runs import (
    learned,
    project_of,
    write_checkpoint,
    write_own_run,
)
from tests.engine.training_runs import SETTINGS, same, training

ADAM = SETTINGS.with_changes(optimizer="adam", learning_rate=0.01, schedule="cosine")


def test_learning_rate_and_locks_are_those_of_the_moment(tmp_path: Path) -> None:
    write_own_run(tmp_path)
    start = project_of(fitting(), SETTINGS)
    first, *others = start.stack
    locked = Stack((replace(first, locked_kernels=(1,)), *others), start.stack.input_shape)
    with training() as run:
        now = replace(
            learned(start, run), stack=locked, settings=SETTINGS.with_changes(learning_rate=0.25)
        )
    write_checkpoint(tmp_path, 0, now, start)
    checkpoint = read_run(tmp_path).project_after(0)
    assert checkpoint.settings.learning_rate == 0.25
    assert checkpoint.state is not None
    assert checkpoint.state.settings == checkpoint.settings
    assert checkpoint.stack == locked
    assert read_run(tmp_path).project_after(1).stack == start.stack


def test_a_moment_without_a_state_is_gone_on_from_without(tmp_path: Path) -> None:
    write_own_run(tmp_path)
    (tmp_path / STATES / epoch_file(2)).unlink()
    checkpoint = read_run(tmp_path).project_after(2)
    assert checkpoint.state is None
    assert checkpoint.trained_epochs == 2


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
