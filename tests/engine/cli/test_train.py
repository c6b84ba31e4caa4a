"""`main.py train`: what it trains, prints, keeps and refuses."""

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from engine.blocks import Conv, Dense, Reshape, Sigmoid
from engine.files import open_project, save_project
from engine.model.settings import Settings
from engine.model.weights import Weights, initial_weights
from engine.training.run import Training
from tests.engine.cli.console import Console, write_data, write_project


def assert_equal(one: Weights, other: Weights) -> None:
    assert one.keys() == other.keys()
    for slot_id, arrays in one.items():
        for name, array in arrays.items():
            np.testing.assert_array_equal(array, other[slot_id][name])


def test_prints_a_line_per_epoch_and_keeps_what_was_learned(
    console: Console, project: Path, tmp_path: Path
) -> None:
    out = tmp_path / "w.safetensors"
    answer = console.run("train", project, "--epochs", 3, "--out", out)
    assert (answer.code, answer.err) == (0, "")
    lines = answer.out.splitlines()
    assert "on 10 samples, testing on 5; classes 3, 8" in lines[0]
    assert [line.split("   ")[0] for line in lines[1:4]] == [
        "epoch 1 of 3",
        "epoch 2 of 3",
        "epoch 3 of 3",
    ]
    assert "left" in lines[1]
    assert "left" not in lines[3]
    assert lines[4].endswith(f"after 3 epochs. The trained weights are in {project}, {out}.")
    trained = open_project(project)
    assert trained.trained_epochs == 3
    assert trained.settings.epochs == 3
    arrays = load_file(out)
    assert {name: array.shape for name, array in arrays.items()} == {
        "0.conv.weight": (2, 1, 3, 3),
        "0.conv.bias": (2, 6, 6),
        "2.dense.weight": (2, 72),
        "2.dense.bias": (2,),
    }
    np.testing.assert_array_equal(arrays["2.dense.weight"], trained.weights[3]["weight"])


def test_what_is_locked_and_edited_by_hand_is_kept(console: Console, project: Path) -> None:
    made = open_project(project)
    report = made.check()
    weights = initial_weights(report, made.settings.seed, made.settings.initializer)
    weights[1]["weight"][1] = 0.25
    slots = [replace(slot, locked_kernels=(1,) if slot.id == 1 else ()) for slot in made.stack]
    edited = replace(made, stack=replace(made.stack, slots=tuple(slots)), weights={1: weights[1]})
    save_project(edited, project)
    assert "--resume" in console.run("train", project).err  # it shall not be lost unasked
    assert console.run("train", project, "--resume").code == 0
    trained = open_project(project)
    assert trained.stack == edited.stack
    assert (trained.weights[1]["weight"][1] == 0.25).all()
    np.testing.assert_array_equal(trained.weights[1]["bias"][1], weights[1]["bias"][1])
    assert (trained.weights[1]["weight"][0] != weights[1]["weight"][0]).all()


def test_json_has_the_fields_of_the_contract(console: Console, project: Path) -> None:
    answer = console.run("train", project, "--json")
    assert (answer.code, answer.err) == (0, "")
    first, second = answer.objects
    assert list(first) == [
        "epoch",
        "epochs",
        "loss",
        "accuracy",
        "test_loss",
        "test_accuracy",
        "samples_per_second",
        "seconds",
    ]
    assert (first["epoch"], second["epoch"], first["epochs"]) == (1, 2, 2)
    assert first["test_accuracy"] in [k / 5 for k in range(6)]  # there are 5 test images


def test_the_options_become_the_projects_settings(
    console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_data(tmp_path / "other")
    path = write_project(
        tmp_path / "a.layerscope", tmp_path, Conv(depth=1), Reshape(), Dense(units=3), Sigmoid()
    )
    monkeypatch.chdir(tmp_path)
    what = ["--data", "other", "--classes", "8,5,3", "--limit", "2"]
    how = ["--epochs", "1", "--batch-size", "2", "--seed", "7", "--learning-rate", "0.5"]
    answer = console.run("train", path, *what, *how)
    assert answer.code == 0
    assert "on 6 samples, testing on 6; classes 3, 5, 8" in answer.out
    settings = open_project(path).settings
    assert (settings.classes, settings.limit, settings.epochs) == ((3, 5, 8), 2, 1)
    assert (settings.batch_size, settings.seed, settings.learning_rate) == (2, 7, 0.5)
    assert Path(settings.dataset) == (tmp_path / "other").resolve()


def test_trained_weights_are_only_replaced_on_demand(console: Console, project: Path) -> None:
    console.run("train", project, "--no-run")
    before = project.read_bytes()
    words = console.refused("train", project)
    assert "already holds weights, trained for 2 epochs. Give --resume" in words
    assert project.read_bytes() == before
    assert console.run("train", project, "--overwrite", "--no-run").code == 0
    assert project.read_bytes() == before  # the same seed, the same run
    assert console.run("train", project, "--overwrite", "--resume").code == 2
    save_project(replace(open_project(project), trained_epochs=0, state=None), project)
    assert "already holds weights. Give --resume" in console.refused("train", project)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--epochs", "0"], "epochs must be a whole number from 1 to"),
        (["--learning-rate", "nan"], "learning rate must be a number"),
        (["--classes", "3"], "choose at least 2 classes"),
        (["--classes", "3,3"], "one is named twice"),
        (["--classes", "3,4"], "Class 4 does not occur"),
        (["--classes", "3,5,8"], "3 classes need a vector of 3"),
        (["--limit", "-1"], "limit per class must be a whole number from 0"),
        (["--data", "~nosuchuser"], "no data set, folder or file '~nosuchuser'"),
        (["--data", "nowhere"], "no data set, folder or file 'nowhere'"),
        (["--momentum", "1"], "momentum must be a number from 0 to 0.999, not 1"),
        (["--validation-split", "95"], "validation split must be a number from 0 to 90"),
        (["--validation-split", "1"], "leaves no sample on one side of 10 training samples"),
        (["--loss", "cross_entropy"], "Add a Softmax at the end"),
        (["--out", "w.pt"], "End it in .safetensors or .npz"),
        (["--out", "missing/w.npz"], "the folder missing does not exist"),
    ],
)
def test_faulty_options_are_refused_before_training(
    console: Console,
    project: Path,
    options: list[str],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("training began")

    monkeypatch.setattr(Training, "run", never)
    before = project.read_bytes()
    assert words in console.refused("train", project, *options)
    assert project.read_bytes() == before


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ("--classes", "3,,8"),
        ("--classes", " "),
        ("--epochs", "many"),
        ("--epochs", "1_0"),
        ("--epochs", "\u0663"),
        ("--learning-rate", "0_1.5"),
        ("--epoch", "3"),
        ("--loss", "hinge"),
    ],
)
def test_what_is_no_number_or_choice_is_wrong_usage(
    console: Console, project: Path, option: str, text: str
) -> None:
    assert console.run("train", project, option, text).code == 2


def test_settings_of_all_kinds_are_changed_by_options(console: Console, project: Path) -> None:
    before = open_project(project).settings
    options = "--optimizer adamw --weight-decay 0.01 --nesterov --schedule step --step-epochs 3"
    more = "--initializer glorot --loss mse --validation-split 20 --early-stopping 4"
    assert console.run("train", project, *options.split(), *more.split()).code == 0
    assert open_project(project).settings == before.with_changes(
        optimizer="adamw",
        weight_decay=0.01,
        nesterov=True,
        schedule="step",
        step_epochs=3,
        initializer="glorot",
        loss="mse",
        validation_split=20.0,
        early_stopping=4,
    )
    assert console.run("train", project, "--no-nesterov", "--resume").code == 0
    assert not open_project(project).settings.nesterov


def test_images_of_another_size_fit_an_untrained_network(
    console: Console, project: Path, tmp_path: Path
) -> None:
    larger = write_data(tmp_path / "larger", side=9)
    assert console.run("train", project, "--data", larger).code == 0
    trained = open_project(project)
    assert trained.stack.input_shape == (1, 9, 9)
    assert trained.weights[1]["bias"].shape == (2, 7, 7)
    smaller = write_data(tmp_path / "smaller", side=2)
    words = console.refused("train", project, "--resume", "--data", smaller)
    assert "takes images of 1×9×9, but those of the data are 1×2×2. Choose images" in words
    words = console.refused("train", project, "--overwrite", "--data", smaller)
    assert "Block 1 (Conv 2, 3×3) needs maps of at least 3×3" in words
    assert_equal(open_project(project).weights, trained.weights)


def test_every_setting_has_an_option(console: Console) -> None:
    text = console.run("train", "--help").out
    for name in set(Settings.__struct_fields__) - {"drawings"}:  # no option can hold them
        option = "data" if name == "dataset" else name.replace("_", "-")
        assert f"--{option}" in text


def test_json_tells_of_the_validation_samples_where_there_are_some(
    console: Console, project: Path
) -> None:
    answer = console.run("train", project, "--validation-split", "40", "--json")
    assert answer.code == 0
    for line in answer.objects:
        assert list(line)[-2:] == ["validation_loss", "validation_accuracy"]
        assert line["validation_accuracy"] in [k / 4 for k in range(5)]  # 4 of the 10 samples
        assert line["accuracy"] == pytest.approx(round(line["accuracy"] * 6) / 6)
    plain = console.run("train", project, "--overwrite", "--validation-split", "0", "--json")
    assert not any("validation_loss" in line for line in plain.objects)


def test_a_reached_target_ends_the_run_and_says_so(console: Console, project: Path) -> None:
    options = ["--target-accuracy", "1", "--epochs", "40"]
    answer = console.run("train", project, *options, "--json")
    assert answer.code == 0
    accuracies = [line["test_accuracy"] for line in answer.objects]
    assert [accuracy >= 0.01 for accuracy in accuracies].index(True) == len(accuracies) - 1
    share = f"{100 * accuracies[-1]:.2f} %"
    reason = f"The test accuracy of {share} reached the target in epoch {len(accuracies)}.\n"
    assert answer.err == reason
    assert open_project(project).trained_epochs == len(accuracies)
    answer = console.run("train", project, *options, "--overwrite")
    assert answer.err == ""
    assert reason in answer.out
    assert f"Test accuracy {share} after {len(accuracies)} epoch" in answer.out


@pytest.mark.parametrize("command", ["train", "export"])
def test_weights_do_not_replace_the_data(console: Console, tmp_path: Path, command: str) -> None:
    images, labels = np.zeros((8, 28, 28), np.uint8), np.arange(8) % 2
    data = tmp_path / "own.npz"
    np.savez(data, x=images, y=labels)
    project, before = (
        write_project(tmp_path / "m.layerscope", data, classes=(0, 1)),
        data.read_bytes(),
    )
    assert console.run("train", project, "--epochs", "1").code == 0
    out = ["--overwrite", "--out", data] if command == "train" else [data]
    assert f"{data} is the data of the project {project}." in console.refused(
        command, project, *out
    )
    assert data.read_bytes() == before


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_the_weights_do_not_replace_the_project(
    console: Console, project: Path, tmp_path: Path, link: Any
) -> None:
    link(project, tmp_path / "w.npz")
    before = project.read_bytes()
    words = console.refused("train", project, "--out", tmp_path / "." / "w.npz")
    assert f"w.npz is the project {project} itself" in words
    assert project.read_bytes() == before
    assert console.run("train", project).code == 0
    before = project.read_bytes()
    if link is os.link:  # a project that is written takes a new place on the disk
        (tmp_path / "w.npz").unlink()
        link(project, tmp_path / "w.npz")
    assert "itself" in console.refused("export", project, tmp_path / "w.npz")
    assert project.read_bytes() == before


@pytest.mark.skipif(sys.platform != "linux", reason="other systems know no such names")
def test_data_whose_name_is_not_unicode_is_refused_before_training(
    console: Console, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / os.fsdecode(b"\xffdata")
    write_data(folder)
    monkeypatch.setattr(Training, "_step", None)
    words = console.refused("train", project, "--data", folder)
    assert "\\udcffdata', a name that is not in UTF-8" in words
    assert "Rename the folder." in words
