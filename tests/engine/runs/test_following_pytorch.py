"""The exported train.py is followed while it trains, is killed, goes on and starts over."""

import shutil
import subprocess
import time
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from engine.files.naming import named_arrays
from engine.runs import read_run
from engine.runs.following import Follower
from tests import peers
from tests.engine.exports.in_peers import write_folder
from tests.engine.exports.trained import learnable, trained
from tests.engine.networks import fitting
from tests.engine.runs.test_following import look_until

pytestmark = pytest.mark.peers


def train(folder: Path, *options: str) -> "subprocess.Popen[bytes]":
    command = [str(peers.PYTHON), "train.py", "--run", "run", "--batch", "8", *options]
    return subprocess.Popen(command, cwd=folder, env=peers.environment(), stdout=subprocess.DEVNULL)


def follow_from_the_start(folder: Path, process: "subprocess.Popen[bytes]") -> Follower:
    while not (folder / "run" / "run.json").exists():
        assert process.poll() is None
        time.sleep(0.02)
    return Follower(folder / "run")


def test_train_py_is_followed_killed_and_followed_further(tmp_path: Path) -> None:
    network = learnable(trained(fitting(), "bce"), samples=2000)
    folder = write_folder(network, tmp_path / "out", "pytorch")
    before = datetime.now().astimezone().replace(microsecond=0)
    with train(folder, "--epochs", "60") as process:
        follower = follow_from_the_start(folder, process)
        run = look_until(follower, lambda run: run.epochs >= 3, peers.SECONDS)
        assert run.state == "training"
        assert run.age(0) == network.project.trained_epochs
        began = run.started
        assert began is not None
        assert before <= began <= datetime.now().astimezone()
        process.kill()
    done = follower.look().epochs
    with train(folder, "--epochs", str(done + 2)):
        run = look_until(follower, lambda run: run.state == "finished", peers.SECONDS)
    assert run.started == began, "it is still the same run"
    assert run.metrics == read_run(folder / "run").metrics
    assert run.kept_epochs == tuple(range(done + 3))
    project = run.project_after(done + 2)
    assert project.state is None
    path = folder / "run" / "weights" / f"epoch-{done + 2:04}.safetensors"
    for name, array in named_arrays(project.stack, project.weights).items():
        np.testing.assert_array_equal(array, load_file(path)[name])

    shutil.rmtree(folder / "run")
    with train(folder, "--epochs", "2", "--seed", "9"):
        run = look_until(follower, lambda run: run.kept_epochs == (0, 1, 2), peers.SECONDS)
        run = look_until(follower, lambda run: run.state == "finished", peers.SECONDS)
    assert run.kept_epochs == (0, 1, 2)
