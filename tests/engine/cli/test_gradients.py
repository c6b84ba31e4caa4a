"""`check --gradients`: what the program says of right gradients."""

from pathlib import Path

from engine import blocks as kinds
from engine.files import open_project
from engine.files.naming import named_arrays
from engine.model.project import Project
from engine.model.weights import initial_weights
from tests.engine.cli.console import Console, write_project


def names_of(project: Project) -> list[str]:
    """The names under which a weights file has all that learns."""
    weights = initial_weights(project.check(), 0, "lecun")
    named = named_arrays(project.stack.slots, weights)
    return [name for name in named if name.split(".")[2] in ("weight", "bias")]


def test_every_kind_of_block_is_right(console: Console, tmp_path: Path, data: Path) -> None:
    blocks = (
        kinds.Conv(depth=3, padding="same", bias="channel"),
        kinds.BatchNorm(),
        kinds.ReLU(),
        kinds.MaxPool(),
        kinds.Conv(depth=4, kernel_size=2, stride=2),
        kinds.Reshape(),
        kinds.Dropout(rate=0.4),
        kinds.Dense(units=2),
        kinds.Softmax(),
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
