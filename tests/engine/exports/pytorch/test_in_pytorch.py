"""The PyTorch folder in PyTorch: the outputs of its model, and what its training comes to."""

import json
import os
import signal
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import load_file

from engine import blocks as kinds
from engine.array_types import Array
from engine.compute import augmentation
from engine.exports.trained_network import TrainedNetwork
from engine.files.naming import named_arrays, torch_names
from engine.model.weights import Weights
from engine.proof import prove
from engine.random_streams import draws as draws_of
from engine.runs import open_run, read_run
from engine.training.evaluation import evaluate
from engine.training.executor import Executor
from tests import peers
from tests.engine.exports.in_peers import (
    assert_outputs_are_the_engines,
    assert_proved,
    learned_here,
    write_folder,
)
from tests.engine.exports.trained import learnable, random_networks, trained, with_settings
from tests.engine.networks import BLOCKS, MODERN, POINTWISE, RESIDUAL, fitting

pytestmark = pytest.mark.peers

RANDOM_NETWORKS = 40


def metrics_of(run: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]


def test_the_outputs_of_random_networks_are_those_of_the_engine(tmp_path: Path) -> None:
    colour = fitting(MODERN, (3, 7, 9), loss="cross_entropy")
    networks = [*random_networks(RANDOM_NETWORKS), trained(colour, "cross_entropy")]
    networks.append(trained(fitting(POINTWISE, loss="mse")))
    networks.append(trained(fitting(RESIDUAL, loss="mse")))
    table = (kinds.Conv(depth=2), kinds.Reshape(target_shape=(8, 4)), kinds.BatchNorm())
    networks.append(trained(fitting((*table, kinds.Reshape(), kinds.Dense(units=3)), loss="mse")))
    assert len(networks) > RANDOM_NETWORKS // 2
    assert_outputs_are_the_engines(networks, tmp_path, "pytorch")


def test_an_export_is_proved_by_pytorch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", str(peers.PYTHON))
    monkeypatch.setattr(prove, "find_spec", lambda _name: True)
    assert_proved(tmp_path / "out", "pytorch")


def weights_by_torch_names(network: TrainedNetwork, weights: Weights) -> dict[str, Array]:
    arrays = named_arrays(network.project.stack, weights)
    return {name: arrays[own] for name, own in torch_names(network.report.rows).items()}


# In batches of all images their order does not matter, so both train the same.
@pytest.mark.parametrize(
    ("blocks", "loss", "changes"),
    [
        (BLOCKS, "bce", {"momentum": 0.9, "nesterov": True, "weight_decay": 0.01}),
        (BLOCKS, "mse", {"optimizer": "adamw", "weight_decay": 0.1, "schedule": "cosine"}),
        (
            tuple(block for block in MODERN if not isinstance(block, kinds.Dropout)),
            "cross_entropy",
            *({"optimizer": "adam", "weight_decay": 0.01, "schedule": "step", "step_epochs": 2},),
        ),
        (RESIDUAL, "cross_entropy", {"momentum": 0.9}),
    ],
    ids=["sgd", "adamw", "adam", "residual"],
)
def test_it_learns_as_the_engine_does(
    tmp_path: Path, blocks: tuple[kinds.KnownBlock, ...], loss: str, changes: dict[str, Any]
) -> None:
    network = learnable(trained(fitting(blocks, loss=loss), loss, standard=True))
    slots = list(network.project.stack.slots)
    slots[0] = replace(slots[0], locked_kernels=(1,))
    slots[-2] = replace(slots[-2], locked=True)
    stack = replace(network.project.stack, slots=tuple(slots))
    network = with_settings(
        replace(network, project=replace(network.project, stack=stack)),
        **{"batch_size": 96, "epochs": 4, "learning_rate": 0.02, **changes},
    )
    network = replace(network, report=network.project.check())
    folder = write_folder(network, tmp_path / "out", "pytorch")
    peers.run_python("train.py", "--out", "w.safetensors", cwd=folder)
    found, right = (
        load_file(folder / "w.safetensors"),
        weights_by_torch_names(network, learned_here(network)),
    )
    assert found.keys() == right.keys()
    start = weights_by_torch_names(network, network.weights)
    for name, array in right.items():
        np.testing.assert_allclose(found[name], array, rtol=1e-3, atol=2e-5, err_msg=name)
    moved = max(float(np.abs(right[name] - start[name]).max()) for name in right)
    assert moved > 2e-3
    last = [name for name in right if name.startswith("dense")][-2:]
    assert all(np.array_equal(found[name], start[name]) for name in last)
    np.testing.assert_array_equal(found["conv1.weight"][1], start["conv1.weight"][1])


def test_two_processes_learn_what_one_does(tmp_path: Path) -> None:
    network = learnable(trained(fitting(), "bce"), samples=130)
    network = with_settings(network, shift=1, rotate=5, noise=0.05, momentum=0.9)
    folder = write_folder(network, tmp_path / "out", "pytorch")
    options = ("--epochs", "1", "--batch", "16", "--dtype", "float64")
    peers.run_python("train.py", *options, "--out", "1.safetensors", cwd=folder)
    script = ("--standalone", "--nproc-per-node", "2", "train.py")
    said = peers.run_torchrun(*script, *options, "--out", "2.safetensors", cwd=folder)
    one, two = (load_file(folder / f"{number}.safetensors") for number in (1, 2))
    start = load_file(folder / "weights.safetensors")
    assert one.keys() == two.keys() == start.keys()
    assert all(array.dtype == np.float64 for array in one.values())
    assert max(float(np.abs(one[name] - two[name]).max()) for name in one) < 1e-12
    assert max(float(np.abs(one[name] - start[name]).max()) for name in one) > 1e-3
    assert "epoch 1 of 1" in said
    both = [metrics_of(run)[0] for run in sorted((folder / "runs").iterdir())]
    for name in ("loss", "accuracy", "test_loss", "test_accuracy"):
        assert both[0][name] == pytest.approx(both[1][name], rel=1e-9)


def wait_for_epoch(run: Path, epoch: int, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + peers.SECONDS
    path = run / "weights" / f"epoch-{epoch:04}.safetensors"
    while not path.exists():
        assert time.monotonic() < end
        assert process.poll() is None
        time.sleep(0.02)


def children_of(pid: int) -> list[int]:
    """Return the processes that a process has started."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found]


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks for processes in /proc")
def test_a_worker_that_is_killed_leaves_no_trace(tmp_path: Path) -> None:
    blocks = (*BLOCKS[:5], kinds.Dropout(rate=0.3), *BLOCKS[5:])
    network = learnable(trained(fitting(blocks), "bce"), samples=2000)
    network = with_settings(network, optimizer="adam", learning_rate=0.01)
    folder = write_folder(network, tmp_path / "out", "pytorch")
    script = ("--standalone", "--nproc-per-node", "2")
    options = ("--", "train.py", "--epochs", "8", "--batch", "16")
    peers.run_torchrun(*script, *options, "--run", "whole", cwd=folder)
    with (tmp_path / "said.txt").open("wb") as said:
        command = [peers.BIN / "torchrun", *script, "--max-restarts", "1", *options]
        process = subprocess.Popen(
            [*map(str, command), "--run", "killed"],
            cwd=folder,
            env=peers.environment(),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        )
        try:
            wait_for_epoch(folder / "killed", 2, process)
            os.kill(children_of(process.pid)[-1], signal.SIGKILL)
            assert process.wait(peers.SECONDS) == 0, (tmp_path / "said.txt").read_text()[-3000:]
        finally:
            process.kill()
            process.wait()
    assert "Going on after epoch" in (tmp_path / "said.txt").read_text()
    whole, killed = (
        load_file(folder / name / "weights" / "epoch-0008.safetensors")
        for name in ("whole", "killed")
    )
    assert all(np.array_equal(whole[name], killed[name]) for name in whole)
    assert [line["epoch"] for line in metrics_of(folder / "killed")] == list(range(1, 9))
    assert [line["loss"] for line in metrics_of(folder / "killed")] == [
        line["loss"] for line in metrics_of(folder / "whole")
    ]


def test_ctrl_c_loses_an_epoch_at_most(tmp_path: Path) -> None:
    network = learnable(trained(fitting(MODERN, loss="cross_entropy"), "cross_entropy"), 2000)
    folder = write_folder(with_settings(network, optimizer="adam"), tmp_path / "out", "pytorch")
    options = ("train.py", "--epochs", "5", "--batch", "16")
    peers.run_python(*options, "--run", "whole", cwd=folder)
    process = subprocess.Popen(
        [str(peers.PYTHON), *options, "--run", "stopped"],
        cwd=folder,
        env=peers.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    wait_for_epoch(folder / "stopped", 2, process)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=peers.SECONDS)[0].decode()
    assert process.returncode == 130, said
    assert f"--run {folder / 'stopped'}" in said
    assert "Traceback" not in said
    assert read_run(folder / "stopped").description.state == "stopped"
    assert len(read_run(folder / "stopped").metrics) in (1, 2, 3)
    peers.run_python(*options, "--run", "stopped", cwd=folder)
    assert read_run(folder / "stopped").description.state == "finished"
    whole, stopped = (
        load_file(folder / name / "weights" / "epoch-0005.safetensors")
        for name in ("whole", "stopped")
    )
    assert all(np.array_equal(whole[name], stopped[name]) for name in whole)


def test_what_it_learned_is_read_here_with_its_accuracy(tmp_path: Path) -> None:
    network = learnable(trained(fitting(MODERN, loss="cross_entropy"), "cross_entropy"), 300)
    network = with_settings(
        network, optimizer="adam", learning_rate=0.01, validation_split=20, early_stopping=3
    )
    folder = write_folder(network, tmp_path / "out", "pytorch")
    peers.run_python(
        *("train.py", "--epochs", "12", "--batch", "20", "--run", "run", "--seed", "3"), cwd=folder
    )
    run = read_run(folder / "run")
    last = run.metrics[-1]
    assert run.description.state == "finished"
    assert run.kept_epochs == tuple(range(last.epoch + 1))
    assert last.validation_loss is not None
    newest = folder / "run" / "weights" / f"epoch-{last.epoch:04}.safetensors"
    with safe_open(newest, "numpy") as file:
        assert "crc32" in file.metadata()
    project = open_run(folder / "run")
    assert project.trained_epochs == 3 + last.epoch
    assert (project.settings.seed, project.settings.batch_size) == (3, 20)
    assert network.test is not None
    executor = Executor(project.network(), "cross_entropy", threads=1)
    try:
        found = evaluate(executor, network.test)
    finally:
        executor.close()
    assert found.accuracy == last.test_accuracy
    assert found.loss == pytest.approx(last.test_loss, rel=1e-4)
    assert found.accuracy > 0.9


def test_images_are_changed_as_in_the_engine(tmp_path: Path) -> None:
    network = learnable(trained(fitting(), "bce"))
    network = with_settings(network, shift=2, rotate=20, zoom=10, flip=True, background="grey")
    folder = write_folder(network, tmp_path / "out", "pytorch")
    dice = np.random.default_rng(1)
    images = dice.integers(0, 256, (30, 3, 9, 12)).astype(np.uint8)
    key = np.uint64(12345)
    right = np.empty_like(images)
    augmentation.augment(
        *(images, np.arange(30), key, 2.0, np.radians(20.0), 0.1, 0.0, True, 128, right)
    )
    draws = np.full((30, 6), 0.5, np.float32)
    for place, own in enumerate(draws_of(key, np.arange(1, 31))):
        signed = augmentation._signed(own, np.arange(1, 6))  # shift down and across, turn, zoom,
        draws[place, :5] = (np.array(signed) + 1) / 2  # and mirror
    np.savez(folder / "given.npz", images=images.astype(np.float32) / 255, draws=draws)
    code = (
        "import numpy as np, torch, train; g = np.load('given.npz'); "
        "np.save('found.npy', train.augmented(*map(torch.from_numpy, "
        "(g['images'], g['draws']))).numpy())"
    )
    peers.run_python("-c", code, cwd=folder)
    found: NDArray[np.float32] = np.load(folder / "found.npy")
    assert float(np.abs(found * 255 - right).max()) < 1.5
    assert float(np.abs(images.astype(float) - right).mean()) > 20


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--data", "nothing.npz"), "nothing.npz does not exist"),
        (("--data", "check.npz"), "holds no x_train"),
        (("--batch", "1000"), "more than the 96 training images"),
        (("--run", "model.py"), "holds something else than a run"),
        (("--run", "model.py/run"), "cannot be written: Not a directory"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    folder = write_folder(learnable(trained(fitting(), "bce")), tmp_path / "out", "pytorch")
    said = peers.run_python("train.py", *options, cwd=folder, expected=1)
    assert words in said
    assert "Traceback" not in said


def test_a_batch_that_cannot_be_shared_grows_or_is_refused(tmp_path: Path) -> None:
    network = with_settings(learnable(trained(fitting(), "bce")), batch_size=31, epochs=1)
    folder = write_folder(network, tmp_path / "out", "pytorch")
    script = ("--standalone", "--nproc-per-node", "2", "--", "train.py")
    peers.run_torchrun(*script, "--run", "run", cwd=folder)
    assert open_run(folder / "run").settings.batch_size == 32
    said = peers.run_torchrun(*script, "--batch", "31", cwd=folder, expected=1)
    assert "--batch 31 cannot be divided among 2 processes" in said


def test_other_data_is_taken_by_its_labels(tmp_path: Path) -> None:
    network = learnable(trained(fitting(), "bce"))
    assert network.training is not None
    folder = write_folder(network, tmp_path / "out", "pytorch")
    images = np.asarray(network.training.images)[:, 0]
    labels = np.asarray(network.training.labels)
    labels = np.where(labels == 1, 77, labels)  # a class that the network does not know
    parts = {"x_train": images, "y_train": labels, "x_test": images, "y_test": labels}
    np.savez(folder / "other.npz", **parts)  # type: ignore[arg-type]
    (folder / "idx").mkdir()
    for part, prefix in (("train", "train"), ("test", "t10k")):
        sizes = np.array(images.shape, ">i4").tobytes()
        content = b"\0\0\x08\x03" + sizes + images.tobytes()
        (folder / "idx" / f"{prefix}-images-idx3-ubyte").write_bytes(content)
        size = np.array(len(labels), ">i4").tobytes()
        content = b"\0\0\x08\x01" + size + parts[f"y_{part}"].astype(np.uint8).tobytes()
        (folder / "idx" / f"{prefix}-labels-idx1-ubyte").write_bytes(content)
    for data in ("other.npz", "idx"):
        options = ("--data", data, "--epochs", "1", "--batch", "64", "--run", f"run-{data}")
        peers.run_python("train.py", *options, cwd=folder)
        about = json.loads((folder / f"run-{data}" / "run.json").read_text())
        assert about["data"] == {**about["data"], "name": data, "digest": ""}
        assert about["settings"]["dataset"] == str((folder / data).resolve())
    one, two = (metrics_of(folder / f"run-{data}")[0] for data in ("idx", "other.npz"))
    assert one["loss"] == two["loss"]
