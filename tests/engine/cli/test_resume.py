"""`train --resume`: a run that was stopped goes on as if it had not been, after a kill too."""

import os
import signal
import time
from itertools import count
from pathlib import Path

import pytest

from engine.blocks import Conv, Dense, Reshape, Sigmoid
from engine.files import open_project, save_project
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import Stack
from engine.model.training_state import TrainingState
from engine.training.run import Training
from tests.engine.cli.console import Console, before_each_step, write_project
from tests.engine.training_runs import same
from tests.paths import ROOT
from tests.programs import Programs

MAIN = ROOT / "main.py"
STEPS = 4  # of an epoch: 10 samples in batches of 3
HOW: dict[str, dict[str, object]] = {
    "momentum": {"momentum": 0.9},
    "adam": {
        "optimizer": "adam",
        "learning_rate": 0.01,
        "scaling": "standard",
        "flip": True,
        "shift": 1.5,
        "rotate": 15.0,
        "zoom": 10.0,
        "noise": 0.1,
    },
}
SCHEDULES = ("step", "cosine")


def state_of(path: Path) -> TrainingState:
    state = open_project(path).state
    assert state is not None
    return state


def same_learned(one: Path, other: Path) -> bool:
    return same(open_project(one).weights, open_project(other).weights)


def stop_before(step: int, patch: pytest.MonkeyPatch) -> None:
    """Press Ctrl+C before the n-th step from now on."""
    steps = count(1)

    def press(_: Training) -> None:
        if next(steps) == step:
            signal.raise_signal(signal.SIGINT)

    before_each_step(patch, press)


def stopped(console: Console, path: Path, step: int, *options: object) -> None:
    """Train until Ctrl+C in the step after so many."""
    with pytest.MonkeyPatch.context() as patch:
        stop_before(step + 1, patch)
        assert console.run("train", path, "--json", *options).code == 130


@pytest.mark.parametrize(("how", "schedule"), [*zip(HOW, SCHEDULES, strict=True)])
def test_stops_in_the_middle_of_epochs_and_between_two_change_nothing(
    console: Console, tmp_path: Path, data: Path, how: str, schedule: str
) -> None:
    settings = {**HOW[how], "schedule": schedule, "step_epochs": 1, "epochs": 4}
    whole = write_project(tmp_path / "whole.layerscope", data, **settings)
    parts = write_project(tmp_path / "parts.layerscope", data, **settings)
    lines = console.run("train", whole, "--json").objects
    done = 0
    for step in (2, 7, 8):
        stopped(console, parts, step - done, *(["--resume"] if done else []))
        assert state_of(parts).part.steps == step % STEPS
        done = step
    answer = console.run("train", parts, "--resume", "--json")
    assert answer.err == ""
    assert same_learned(parts, whole)
    assert state_of(parts).memories.keys() == state_of(whole).memories.keys()
    assert len(answer.objects) == 2
    for line, right in zip(answer.objects, lines[2:], strict=True):
        for name in ("epoch", "epochs", "loss", "accuracy", "test_loss", "test_accuracy"):
            assert line[name] == right[name]


def test_what_begins_anew_is_said(console: Console, project: Path) -> None:
    stopped(console, project, 6, "--optimizer", "adam", "--epochs", 3)
    answer = console.run("train", project, "--resume", "--optimizer", "adamw")
    assert "AdamW starts anew: the optimizer was changed.\n" in answer.out
    assert "epoch 2 of 4" in answer.out
    stopped(console, project, 2, "--resume")
    answer = console.run("train", project, "--resume", "--batch-size", 2, "--json")
    assert answer.err == "Epoch 5 begins again: the batch size was changed.\n"
    assert answer.objects[-1]["epochs"] == 7


def test_overwrite_drops_what_was_remembered(console: Console, tmp_path: Path, data: Path) -> None:
    whole = write_project(tmp_path / "whole.layerscope", data, momentum=0.9)
    parts = write_project(tmp_path / "parts.layerscope", data, momentum=0.9)
    console.run("train", whole, "--no-run")
    stopped(console, parts, 6)
    answer = console.run("train", parts, "--overwrite", "--json", "--no-run")
    assert (answer.code, answer.err, len(answer.objects)) == (0, "", 2)
    assert parts.read_bytes() == whole.read_bytes()


@pytest.mark.timing
@pytest.mark.skipif(os.name != "posix", reason="sends signals")
def test_a_real_kill_in_the_middle_of_an_epoch_changes_nothing(
    console: Console, programs: Programs, tmp_path: Path
) -> None:
    """Epochs of 1,000 steps of a moment each."""
    stack = Stack().appended(Conv(depth=2), Sigmoid(), Reshape(), Dense(units=2), Sigmoid())
    settings = Settings(
        optimizer="adam", learning_rate=0.001, schedule="cosine", limit=500, batch_size=1, epochs=9
    )
    whole, parts = tmp_path / "whole.layerscope", tmp_path / "parts.layerscope"
    for path in (whole, parts):
        save_project(Project(stack, settings), path)
    assert console.run("train", whole).code == 0
    places = []
    for more in ([], ["--resume"]):
        with programs.start(MAIN, "train", parts, "--json", *more, read=True) as program:
            assert '"epoch"' in next(program.lines())  # it is in the next epoch now
            time.sleep(0.03)
            program.send(signal.SIGTERM)
        assert program.ended().code in (130, 0)
        places.append(state_of(parts).part.steps)
    assert any(places), "each kill came between two epochs"
    if not state_of(parts).finished:
        assert console.run("train", parts, "--resume").code == 0
    assert same_learned(parts, whole)
    assert open_project(parts).trained_epochs == 9
