"""Runs are followed that other programs write, in processes of their own."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from engine.files.project_file import open_project, save_project
from engine.model.templates import TEMPLATES
from engine.runs import RunStore, read_run
from engine.runs.following import Follower
from tests import foreign_writer
from tests.engine.runs.looking import look_until
from tests.paths import ROOT
from tests.programs import Programs

WRITER = ROOT / "tests" / "foreign_writer.py"


def write_beside(folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(WRITER), str(folder), "--pause", "0.02", *arguments]
    return subprocess.Popen(command)


@pytest.mark.parametrize("way", ["aside", "plain"])
def test_a_writer_is_followed_killed_and_followed_further(tmp_path: Path, way: str) -> None:
    folder = tmp_path / "foreign"
    plain = ["--plain"] if way == "plain" else []
    writer = write_beside(folder, "--epochs", "500", *plain)
    try:
        while not (folder / "weights" / "epoch-0001.safetensors").exists():
            assert writer.poll() is None
            time.sleep(0.005)
        follower = Follower(folder)
        epochs = [0]
        while epochs[-1] < 4:
            epochs.append(look_until(follower, lambda run: run.epochs > epochs[-1]).epochs)
        assert epochs == sorted(epochs)
        os.kill(writer.pid, signal.SIGKILL)
    finally:
        writer.kill()
        writer.wait()
    assert follower.look().epochs >= epochs[-1]
    if plain:  # what was cut off in the middle of a line is to be written again
        lines = (folder / "metrics.jsonl").read_bytes()
        (folder / "metrics.jsonl").write_bytes(lines[: lines.rindex(b"\n") + 1])
    goal = str(follower.look().epochs + 3)
    with write_beside(folder, "--epochs", goal, "--resume", *plain):
        run = look_until(follower, lambda run: run.state == "finished")
    assert run.epochs == int(goal)
    for epoch in run.kept_epochs[-2:]:
        weights = run.project_after(epoch).weights[4]["weight"].ravel()
        expected = foreign_writer.values("3.dense.weight", 0, epoch)
        assert np.array_equal(weights, np.array(expected, np.float32))


def test_a_writer_that_starts_over_is_followed_from_its_start(tmp_path: Path) -> None:
    folder = tmp_path / "foreign"
    with write_beside(folder, "--epochs", "3"):
        pass
    follower = Follower(folder)
    assert follower.look().epochs == 3
    with write_beside(folder, "--epochs", "2", "--seed", "5"):
        look_until(follower, lambda run: run.description.project.settings.seed == 5)
        run = look_until(follower, lambda run: run.state == "finished")
    assert run.metrics == read_run(folder).metrics
    assert run.epochs == 2


# The program with steps that take a moment each, so that there are several looks before it ends.
SLOWLY = """
import sys, time
import main
from engine.runs import run_writer
from engine.training.run import Training
run_writer.WRITE_SECONDS = 0.1
step = Training._step
def slowly(training, *which):
    time.sleep(0.02)
    return step(training, *which)
Training._step = slowly
sys.exit(main.main(sys.argv[1:]))
"""


def test_a_training_of_the_command_line_is_followed(programs: Programs, tmp_path: Path) -> None:
    path, home = tmp_path / "p.layerscope", tmp_path / "home"
    save_project(TEMPLATES["notebook"](), path)
    options = ["--epochs", "5", "--limit", "20", "--batch-size", "4", "--run", "from afar"]
    command = ["-c", SLOWLY, "train", str(path), *options]
    store = RunStore(home / "runs")
    environment = {**os.environ, "LAYERSCOPE_HOME": str(home)}
    with programs.start(*command, environment=environment) as program:
        deadline = time.monotonic() + 60
        while not store.runs():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        follower = Follower(store.runs()[0].folder)
        states = {follower.look().state}
        run = look_until(follower, lambda run: run.epochs >= 2)
        states.add(run.state)
        run = look_until(follower, lambda run: run.state not in ("training", "interrupted"))
    assert program.ended().code == 0
    assert states == {"training"}
    assert (run.state, run.title) == ("finished", "from afar")
    assert run.metrics == read_run(follower.folder).metrics
    assert run.epochs == run.kept_epochs[-1] == 5
    learned = open_project(path).weights
    followed = run.project_after(5).weights
    for slot, arrays in learned.items():
        for name, array in arrays.items():
            np.testing.assert_array_equal(followed[slot][name], array)
