"""`check --gradients`: what the program says of right gradients, and of wrong ones."""

from pathlib import Path

import pytest

from engine.blocks import (
    BatchNorm,
    Conv,
    Dense,
    Dropout,
    MaxPool,
    ReLU,
    Reshape,
    Sigmoid,
    Softmax,
)
from engine.files import open_project
from engine.files.naming import named_arrays
from engine.model.project import Project
from engine.model.weights import initial_weights
from tests.engine.cli.console import Console, write_project
from tests.engine.explain.checks import let_a_slope_be_wrong


def names_of(project: Project) -> list[str]:
    """The names under which a weights file has all that learns."""
    weights = initial_weights(project.check(), 0, "lecun")
    named = named_arrays(project.stack.slots, weights)
    return [name for name in named if name.split(".")[2] in ("weight", "bias")]


def test_every_kind_of_block_is_right(console: Console, tmp_path: Path, data: Path) -> None:
    blocks = (
        Conv(depth=3, padding="same", bias="channel"),
        BatchNorm(),
        ReLU(),
        MaxPool(),
        Conv(depth=4, kernel_size=2, stride=2),
        Reshape(),
        Dropout(rate=0.4),
        Dense(units=2),
        Softmax(),
    )
    path = write_project(tmp_path / "all.layerscope", data, *blocks, loss="cross_entropy")
    answer = console.run("check", path, "--gradients", "--json")
    assert (answer.code, answer.err) == (0, "")
    assert [row["parameter"] for row in answer.objects] == names_of(open_project(path))
    assert max(row["max_relative_error"] for row in answer.objects) < 1e-6
    said = console.run("check", path, "--gradients").out
    assert "Dropout left out the same values every time." in said
    assert "BatchNorm normalised by these samples, as in training." in said


def test_trained_weights_are_those_that_are_checked(console: Console, project: Path) -> None:
    before = console.run("check", project, "--gradients", "--json").objects
    console.run("train", project, "--epochs", "3")
    assert console.run("check", project, "--gradients", "--json").objects != before


def test_a_wrong_gradient_is_named_and_is_an_error(
    console: Console, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The notebook's mistake: the activation in the place of its derivative.
    let_a_slope_be_wrong(monkeypatch, "sigmoid", lambda g, y: g * y)
    path = write_project(
        project.parent / "wrong.layerscope",
        Path(open_project(project).settings.dataset),
        Conv(depth=2),
        Sigmoid(),
        Reshape(),
        Dense(units=2),
        Sigmoid(),
    )
    answer = console.run("check", path, "--gradients")
    assert answer.code == 1
    assert answer.err.startswith("main.py: 2 gradients of 4 wrong. 0.conv.bias: Wrong: at map ")
    assert answer.err.count("\n") == 1
    verdicts = {line.split()[0]: line.split()[-1] for line in answer.out.splitlines()[1:5]}
    assert verdicts == {
        "0.conv.weight": "WRONG",
        "0.conv.bias": "WRONG",
        "3.dense.weight": "right",
        "3.dense.bias": "right",
    }
    rows = console.run("check", path, "--gradients", "--json")
    assert rows.code == 1
    assert rows.objects[0]["max_relative_error"] > 0.01
    assert rows.objects[2]["max_relative_error"] < 1e-6
