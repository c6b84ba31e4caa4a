"""`main.py train`: what it trains, prints, keeps and refuses."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.blocks import Conv, Dense, Reshape, Sigmoid
from engine.files import open_project, save_project
from engine.model.settings import Settings
from engine.model.weights import initial_weights
from engine.training.run import Training
from tests.engine.cli.console import Console, write_data, write_project


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


def test_every_setting_has_an_option(console: Console) -> None:
    text = console.run("train", "--help").out
    for name in set(Settings.__struct_fields__) - {"drawings"}:  # no option can hold them
        option = "data" if name == "dataset" else name.replace("_", "-")
        assert f"--{option}" in text


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
