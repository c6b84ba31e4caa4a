"""`train` with data whose classes are others than the project's."""

from pathlib import Path

import pytest

from engine.files.project_file import open_project
from tests.engine.cli.console import Console
from tests.picture_sets import write_set


@pytest.fixture
def forms(tmp_path: Path) -> Path:
    return write_set("colour", tmp_path / "forms.npz", 4, 2)


def test_an_untrained_network_is_fitted(console: Console, tmp_path: Path, forms: Path) -> None:
    """The template tells ten classes apart, the data has nine."""
    path = tmp_path / "a.layerscope"
    console.run("new", "colour", path)
    answer = console.run("train", path, "--data", forms, "--epochs", "1")
    assert (answer.code, answer.err) == (0, "")
    assert "The network is fitted to the 9 classes of the data." in answer.out
    project = open_project(path)
    assert (project.settings.classes, project.trained_epochs) == (tuple(range(9)), 1)
    assert [slot.label for slot in project.stack][-2] == "Dense 9"


def test_a_trained_one_is_not(console: Console, tmp_path: Path, forms: Path) -> None:
    path, lines = tmp_path / "a.layerscope", write_set("two", tmp_path / "lines.npz", 4, 2)
    console.run("new", "digits", path, "--data", forms)
    assert console.run("train", path, "--epochs", "1").code == 0
    refused = console.refused("train", path, "--data", lines, "--resume")
    assert "Class 2 does not occur" in refused


def test_classes_that_were_asked_for_are_not_changed(
    console: Console, tmp_path: Path, forms: Path
) -> None:
    path = tmp_path / "a.layerscope"
    console.run("new", "colour", path)
    refused = console.refused("train", path, "--data", forms, "--classes", "7,8,9")
    assert "Class 9 does not occur" in refused


def test_data_that_is_not_there_is_said_as_ever(console: Console, tmp_path: Path) -> None:
    path = tmp_path / "a.layerscope"
    console.run("new", "colour", path)
    assert "nothing.npz" in console.refused("train", path, "--data", tmp_path / "nothing.npz")
