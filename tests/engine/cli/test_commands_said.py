"""What commands on projects, data and runs say, and what they refuse, in approved files."""

import json
import re
import shlex
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors import safe_open

from engine.blocks import BatchNorm, Conv, Dense, Dropout, MaxPool, Reshape, Sigmoid
from engine.data import load
from engine.files import open_project, save_project
from engine.runs.store import change_description
from engine.training.run import Training
from tests.approved import assert_approved
from tests.engine.cli.console import Console, write_data, write_project
from tests.engine.cli.kept_runs import LABELS, keep, say
from tests.engine.cli.said import Transcript
from tests.engine.cli.test_train import animals
from tests.engine.data.idx_files import write_idx
from tests.engine.data.known.test_known_sets import write_four
from tests.engine.data.pictures import image_bytes, shades, write_files
from tests.engine.explain.checks import let_a_slope_be_wrong
from tests.engine.files.networks import edit_description
from tests.engine.imports.onnx.graphs import node, write_graph
from tests.engine.imports.onnx.test_pytorch import FOLDER
from tests.picture_sets import write_set


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
        wrong = Conv(depth=2, bias="channel"), Sigmoid(), Reshape(), dense, end
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


def edit(folder: Path, **settings: Any) -> None:
    """Change settings of a run, and the rest of its description."""
    about = json.loads((folder / "run.json").read_text())
    change_description(folder, settings=about["settings"] | settings)


def test_what_is_said_of_runs(console: Console, home: Path) -> None:
    said = Transcript(console, home)
    said.run("runs list", "runs list --json")
    first = {"run": "2026-one", "epoch": 2}
    keep(home, "one", started="2026-11-01T10:00:00Z", epochs_before=2)
    keep(home, "two", 0.3, started="2026-11-02T10:00:00Z", versions={})
    more: dict[str, Any] = {"parent": first, "state": "stopped", "note": "the better one"}
    keep(home, "three", 0.03, 30, started="2026-11-03T10:00:00Z", **more)
    gone = {"run": "gone", "epoch": 2}
    keep(home, "four", 0.03, started="2026-11-04T10:00:00Z", parent=gone, state="")
    versions = {"layerscope": "0.9", "numpy": "2.3", "numerics": "plain numpy"}
    strange: dict[str, Any] = {"name": "on two\nlines", "versions": versions}
    five = keep(home, "five", started="2026-11-05T10:00:00Z", **strange)
    edit(five, optimizer="adam", epochs=9, batch_size=32, momentum=0.9, learning_rate=0.3)
    six = keep(home, "six", started="2026-11-06T10:00:00Z", versions={"numerics": "plain numpy"})
    about = json.loads((six / "run.json").read_text())
    about["stack"]["slots"][0]["title"] = about["state"] = "broken\nby\x1b[31m\r\nothers"
    (six / "run.json").write_text(json.dumps(about))
    (keep(home, "seven") / "run.json").write_text("{")
    said.run("runs list", "runs list --json")
    said.run("runs show three", "runs show four", "runs show four --json", "runs show six")
    said.run("runs show 2026-five", "runs show 2026-t", "runs delete nothing")
    assert_approved("runs.txt", said.text)


def test_what_is_said_of_runs_beside_each_other(console: Console, home: Path) -> None:
    said = Transcript(console, home)
    for word, rate, wrong in (("one", 0.1, {0, 1}), ("two", 0.3, {1, 2, 3, 4, 5, 6, 7})):
        say(keep(home, word, rate), wrong)
    say(keep(home, "few"), {0}, LABELS[:5])
    bare = keep(home, "bare")
    for path in (bare / "weights").iterdir():
        path.unlink()
    for number, right in enumerate((0.5, 0.75, 1.0)):
        folder = keep(home, f"seed{number}", seed=number, epochs_before=0)
        edit(folder, seed=number)
        lines = (folder / "metrics.jsonl").read_text()
        lines = lines.replace('accuracy": 0.5', f'accuracy": {right}')
        (folder / "metrics.jsonl").write_text(lines)
    for words in ("one two", "one few", "one bare", "seed0 seed1 seed2", "one 2026-one"):
        said.run(f"runs compare {words}", f"runs compare {words} --json")
    change_description(bare, state="training")
    said.run("runs compare one bare")
    assert_approved("compared_runs.txt", said.text)


def test_runs_of_another_program_are_predicted_from_their_weights(
    console: Console, home: Path, data: Path
) -> None:
    for name, epochs in (("one", 1), ("two", 2)):
        folder = keep(home, name, epochs=epochs, data={"name": "data"})
        edit(folder, classes=[3, 8], image_size=5)
    (said,) = console.run("runs", "compare", "one", "two", "--data", data, "--json").objects
    test = load(str(data), classes=(3, 8))[1]
    assert sum(said[name] for name in list(said)[2:6]) == len(test)
    (said,) = console.run("runs", "compare", "one", "two", "--json").objects
    assert said["p_value"] is None
    assert "no data set, folder or file" in said["why_not"]


NO_TRAINING = (
    "--epochs 0",
    "--learning-rate nan",
    "--classes 3",
    "--classes 3,3",
    "--classes 3,4",
    "--classes 3,5,8",
    "--limit -1",
    "--data '~nosuchuser'",
    "--data nowhere",
    "--data one",
    "--momentum 1",
    "--validation-split 95",
    "--validation-split 1",
    "--loss cross_entropy",
    "--out w.pt",
    "--out missing/w.npz",
    "--out ./hard.npz",
    "--out soft.npz",
)


WRONG_USAGE = (
    "train small.layerscope --classes 3,,8",
    "train small.layerscope --classes ' '",
    """train small.layerscope --classes '"cats'""",
    """train small.layerscope --classes '"a"b'""",
    "train small.layerscope --epochs many",
    "train small.layerscope --epochs 1_0",
    "train small.layerscope --epochs \u0663",
    "train small.layerscope --learning-rate 0_1.5",
    "train small.layerscope --epoch 3",
    "train small.layerscope --loss hinge",
    "train small.layerscope --overwrite --resume",
    "train small.layerscope --no-run --run x",
    "evaluate small.layerscope --images data/t10k-images-idx3-ubyte",
    "evaluate small.layerscope --labels data/t10k-labels-idx1-ubyte",
    "evaluate small.layerscope --images a --labels b --data data",
    "import w.npz",
    "bench --threads 0",
    "bench --threads -1",
    "bench --threads two",
    "bench --threads 65",
    "data",
    "data forget",
    "data get mnits",
    "runs",
    "runs compare one",
    "runs export one a.zip --epoch 6",
)


def test_wrong_usage_ends_with_2(
    console: Console, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.parent)
    for line in WRONG_USAGE:
        answer = console.run(*shlex.split(line))
        assert (answer.code, answer.out) == (2, ""), line
        assert answer.err.startswith("usage: main.py "), line


def test_what_is_refused(
    console: Console, project: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said, data = Transcript(console, tmp_path), Path("data")
    (tmp_path / "hard.npz").hardlink_to(project)
    (tmp_path / "soft.npz").symlink_to(project)
    write_files(tmp_path / "one", shades(["cat/1.png", "cat/2.png"]))
    write_data(tmp_path / "larger", side=9)
    write_data(tmp_path / "tiny", side=2)
    write_idx(tmp_path / "images", (2, 8, 8), [0] * 128)
    write_idx(tmp_path / "labels", (2,), [6, 7])
    write_project(tmp_path / "unfit.layerscope", data, Conv(depth=2), Sigmoid(), Dense(units=2))
    write_project(tmp_path / "flat.layerscope", data, Reshape(), Dense(units=2), Sigmoid())
    unknown = write_project(tmp_path / "unknown.layerscope", data)
    edit_description(unknown, lambda form: form["slots"][1].update(block={"kind": "lstm"}))
    with monkeypatch.context() as patch:
        patch.setattr(Training, "run", lambda *_: pytest.fail("training began"))
        said.refused(*(f"train small.layerscope {options}" for options in NO_TRAINING))
    said.refused("evaluate small.layerscope", "export small.layerscope w.npz")
    said.run("check unfit.layerscope", "check unfit.layerscope --json", "check unknown.layerscope")
    said.refused("new blank small.layerscope", "new blank a.zip", "new blank missing/a.layerscope")
    said.refused("new digits new.layerscope --data one")

    assert console.run("train", project, "--epochs", 1, "--no-run").code == 0
    assert console.run("export", project, "w.npz").code == 0
    console.run("new", "digits", "digits.layerscope")
    small = "small.layerscope"
    said.refused(f"train {small}", f"train {small} --resume --data larger")
    said.refused(f"train {small} --overwrite --data tiny")
    said.refused("evaluate digits.layerscope --weights w.npz", f"evaluate {small} --data larger")
    said.refused(f"evaluate {small} --classes 3,5,8")
    said.refused(f"evaluate {small} --images images --labels labels")
    said.refused(f"export {small} w.h5", f"export {small} w.h5 --format npz")
    said.refused(f"export {small} x.npz --weights gone.npz", f"export {small} soft.npz")
    said.refused(f"import w.npz {small}", "import w.npz flat.layerscope")
    said.refused(f"import model.pt {small}", f"import model.xyz {small}", "import w.npz p")
    said.refused("import gone.npz flat.layerscope", f"import {home} p.layerscope")
    trained = open_project(project)
    save_project(replace(trained, weights={3: trained.weights[3]}), project)
    said.refused(f"evaluate {small}")
    save_project(replace(trained, trained_epochs=0, state=None), project)
    said.refused(f"train {small}")

    for name in ("colour", "two"):
        write_set(name, tmp_path / f"{name}.npz", 4, 2)
    for name, kinds in {"pets": ["cat", "dog"], "clothes": ["Bag", "Trouser"]}.items():
        console.run("new", "digits", f"{name}.layerscope", "--data", animals(Path(name), *kinds))
        assert console.run("train", f"{name}.layerscope", "--epochs", 1, "--no-run").code == 0
    animals(tmp_path / "birds", "cat", "owl")
    console.run("new", "colour", "forms.layerscope")
    said.refused("train forms.layerscope --data colour.npz --classes 7,8,9")
    said.refused("evaluate pets.layerscope --data birds")
    said.refused("train pets.layerscope --data two.npz --resume")
    # The names of Fashion-MNIST are not in the order of the alphabet, as those of folders are.
    said.refused("evaluate clothes.layerscope --data fashion-mnist")

    np.savez("own.npz", x=np.zeros((8, 28, 28), np.uint8), y=np.arange(8) % 2)
    own = write_project(tmp_path / "own.layerscope", tmp_path / "own.npz", classes=(0, 1))
    assert console.run("train", own, "--epochs", 1, "--no-run").code == 0
    said.refused(f"train {own} --overwrite --out own.npz", f"export {own} own.npz")

    (keep(home, "one") / "weights" / "epoch-0001.safetensors").unlink()
    keep(home, "other", 0.3, epochs=3)
    assert console.run("runs", "export", "other", "out").code == 0
    said.refused("runs show five", "runs delete 2026-o", "runs delete one four")
    said.refused("runs export one out", "runs export one out --overwrite")
    said.refused("runs export one p.layerscope --epoch 5", f"runs export one {small}")
    (tmp_path / "out" / "run.json").write_text("{")
    said.refused("runs export one out --overwrite")
    assert_approved("refusals.txt", said.text)


NAMES = ["line falling to the right", "line rising to the right"]


@pytest.fixture
def trained(console: Console, tmp_path: Path) -> Path:
    path, data = tmp_path / "lines.layerscope", write_set("two", tmp_path / "lines.npz", 8, 3)
    assert console.run("new", "digits", path, "--data", data).code == 0
    out = tmp_path / "out.safetensors"
    assert console.run("train", path, "--epochs", "1", "--out", out).code == 0
    return path


def test_weights_that_are_written_say_their_classes(trained: Path, console: Console) -> None:
    exported = trained.with_name("exported.safetensors")
    assert console.run("export", trained, exported).code == 0
    for path in (trained.with_name("out.safetensors"), exported):
        with safe_open(path, "numpy") as file:
            assert json.loads(file.metadata()["classes"]) == NAMES
    answer = console.run("evaluate", trained, "--weights", exported)
    assert answer.code == 0
    assert NAMES[0] in answer.out


def test_what_is_said_of_classes_can_be_given_again(console: Console, tmp_path: Path) -> None:
    names = ["apple", "leaf, red", "sky, blue"]
    picture = image_bytes(np.full((9, 9), 50, np.uint8))
    files = [f"{name}/{place}.png" for name in names for place in range(20)]
    data = write_files(tmp_path / "x", dict.fromkeys(files, picture))
    project = tmp_path / "x.layerscope"
    assert '"leaf, red", "sky, blue"' in console.run("new", "digits", project, "--data", data).out
    said = console.run("train", project, "--epochs", "1").out
    (told,) = re.findall(r"classes (.*?)\. Ctrl", said)
    assert told == 'apple, "leaf, red", "sky, blue"'
    again = console.run("train", project, "--epochs", "1", "--overwrite", "--classes", told)
    assert f"classes {told}." in again.out
    run = console.run("runs", "list", "--json").objects[0]["run"]
    out = console.run("runs", "show", run).out
    assert any(line.split(None, 1) == ["Classes", told] for line in out.splitlines())


def test_of_many_classes_the_matrix_is_for_programs_alone(console: Console, tmp_path: Path) -> None:
    path, data = tmp_path / "x.layerscope", write_set("letters", tmp_path / "x.npz", 2, 1)
    assert console.run("new", "digits", path, "--data", data).code == 0
    assert console.run("train", path, "--epochs", 1, "--learning-rate", 1e-8).code == 0
    (told,) = console.run("evaluate", path, "--json").objects
    assert np.array(told["confusion"]).shape == (47, 47)
    lines = console.run("evaluate", path).out.splitlines()
    said = "The confusion matrix of 47 classes is too wide to print; --json has it."
    assert lines[3:] == [said]


def test_trained_weights_are_those_that_are_checked(console: Console, project: Path) -> None:
    before = console.run("check", project, "--gradients", "--json").objects
    console.run("train", project, "--epochs", "3")
    assert console.run("check", project, "--gradients", "--json").objects != before
