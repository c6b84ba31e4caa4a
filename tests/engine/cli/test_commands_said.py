"""What commands on projects and data say, in two approved files."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from engine.blocks import BatchNorm, Conv, Dense, Dropout, MaxPool, Reshape, Sigmoid
from tests.approved import assert_approved
from tests.engine.cli.console import Console, write_project
from tests.engine.cli.said import Transcript
from tests.engine.data.known.test_known_sets import write_four
from tests.engine.data.pictures import shades, write_files
from tests.engine.explain.checks import let_a_slope_be_wrong
from tests.engine.imports.onnx.graphs import node, write_graph
from tests.engine.imports.onnx.test_pytorch import FOLDER


def write_ill(path: Path) -> None:
    """Write data with copies, leaks and a constant image."""
    dice = np.random.default_rng(2)
    x, test = (dice.integers(0, 256, (count, 5, 5), dtype=np.uint8) for count in (60, 30))
    x[[7, 9]], x[50] = x[3], 8
    test[[1, 4]], test[20] = x[3], x[55]
    names = np.array(["ant", "bee", "cat"])
    y = names[[0] * 40 + [1] * 18 + [2] * 2]
    np.savez(path, x_train=x, y_train=y, x_test=test, y_test=np.tile(names, 10))


def test_what_commands_say(
    console: Console, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("engine.data.known.known_sets.PACKAGES", tmp_path / "packages")
    said = Transcript(console, tmp_path)
    said.run("new notebook a.layerscope", "check a.layerscope", "check a.layerscope --json")
    write_four(home / "data" / "kmnist", 1)
    write_four(tmp_path / "packages" / "fashion-mnist", 1)
    said.run("data list", "data list --json", "data get fashion-mnist")
    write_ill(tmp_path / "ill.npz")
    np.savez(tmp_path / "flat.npz", x=np.zeros((500, 4, 4), np.uint8), y=np.arange(500) % 2)
    (tmp_path / "junk.csv").write_text("what\nis this\n")
    np.savez(tmp_path / "single.npz", x=np.zeros((1, 4, 4), np.uint8), y=np.zeros(1, np.int64))
    # Of the two images of the only class one is no image: none is left for the test.
    write_files(tmp_path / "pets", shades(["cat/1.png"]) | {"cat/2.png": b""})
    for data in ("ill.npz", "flat.npz", "mnist", "nowhere", "junk.csv", "single.npz", "pets"):
        said.run(f"data check {data}", f"data check {data} --json")
    form = "--image-size 4 --fit crop --colour rgb --copies leave_out"
    said.run(f"data check ill.npz {form}", f"data check ill.npz {form} --json")
    assert_approved("commands.txt", said.text)


def test_what_commands_say_of_a_project(
    console: Console, project: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said, small = Transcript(console, tmp_path), "small.layerscope"
    said.run(f"train {small} --epochs 3 --out w.safetensors", f"train {small} --resume --json")
    said.run(f"train {small} --overwrite --validation-split 40 --target-accuracy 1 --no-run")
    said.run(f"train {small} --overwrite --no-run --json", f"check {small} --gradients --json")
    said.run(f"export {small} w.npz", f"export {small} v.safetensors --json")
    said.run(f"export {small} w.npz --json --no-verify")
    write_ill(tmp_path / "ill.npz")
    write_project(tmp_path / "ill.layerscope", tmp_path / "ill.npz", classes=(0, 1))
    said.run("train ill.layerscope --copies leave_out --epochs 1 --no-run")
    dense, end = Dense(units=2), Sigmoid()
    write_project(tmp_path / "fresh.layerscope", data)
    write_project(tmp_path / "wide.layerscope", data, Conv(depth=2), Reshape(), Dense(), dense, end)
    flat = Reshape(target_shape=(1, 4, 16)), MaxPool(size=4, stride=8), Reshape()
    write_project(tmp_path / "flat.layerscope", data, *flat, loss="mse")
    said.run("import w.npz fresh.layerscope", "import w.npz fresh.layerscope --overwrite")
    said.run("import w.npz wide.layerscope --json", "new blank fresh.layerscope --overwrite")
    said.run("check wide.layerscope --gradients", "check flat.layerscope --gradients")
    norm, drop = BatchNorm(), Dropout(rate=0.4)
    write_project(
        tmp_path / "both.layerscope", data, Conv(depth=2), norm, Reshape(), drop, dense, end
    )
    said.run("check both.layerscope --gradients")
    with monkeypatch.context() as patch:
        # The notebook's mistake: the activation in the place of its derivative.
        let_a_slope_be_wrong(patch, "sigmoid", lambda g, y: g * y)
        wrong = Conv(depth=2), Sigmoid(), Reshape(), dense, end
        write_project(tmp_path / "wrong.layerscope", data, *wrong)
        said.run("check wrong.layerscope --gradients", "check wrong.layerscope --gradients --json")
    nodes = [node("Relu", "x", "r"), node("MaxPool", "r", "p", kernel_shape=[2, 3])]
    write_graph(tmp_path / "a.onnx", [*nodes, node("Tanh", "p", "y")], ("N", 1, 6, 6))
    said.refused("import a.onnx net.layerscope")
    said.run("import a.onnx net.layerscope", "import a.onnx net.layerscope --json")
    shutil.copy(FOLDER / "legacy-open.onnx", tmp_path / "lenet.onnx")
    said.run("import lenet.onnx net.layerscope", "import lenet.onnx other.layerscope --json")
    shutil.rmtree(data)
    said.run(f"export {small} w.npz")
    assert_approved("project_commands.txt", said.text_but_for_numbers)
