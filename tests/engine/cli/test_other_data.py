"""`train` with data whose classes are others than the project's."""

from pathlib import Path

import pytest

from engine.files.project_file import open_project
from tests.engine.cli.console import Console
from tests.engine.data.pictures import image_bytes, noise, write_files
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
    assert "no class called 'blue circle'" in refused


def test_classes_that_were_asked_for_are_not_changed(
    console: Console, tmp_path: Path, forms: Path
) -> None:
    path = tmp_path / "a.layerscope"
    console.run("new", "colour", path)
    refused = console.refused("train", path, "--data", forms, "--classes", "7,8,9")
    assert "Class 9 does not occur" in refused


@pytest.fixture
def pets(console: Console, tmp_path: Path) -> Path:
    """A network that has learned cats, of class 0, and dogs, of class 1."""
    path = tmp_path / "pets.layerscope"
    console.run("new", "digits", path, "--data", animals(tmp_path / "pets", "cat", "dog"))
    assert console.run("train", path, "--epochs", "1").code == 0
    return path


def animals(folder: Path, *kinds: str) -> Path:
    files = [f"{kind}/{number}.png" for kind in kinds for number in range(3)]
    return write_files(folder, {name: image_bytes(noise(8, 8, 1)) for name in files})


def test_learned_classes_are_found_by_name(console: Console, tmp_path: Path, pets: Path) -> None:
    """Among others a class has another number."""
    zoo = animals(tmp_path / "zoo", "ant", "cat", "dog")
    (answer,) = console.run("evaluate", pets, "--data", zoo, "--json").objects
    assert answer["classes"] == ["cat", "dog"]
    assert console.run("train", pets, "--data", zoo, "--resume", "--epochs", "1").code == 0
    assert open_project(pets).settings.classes == (1, 2)
    assert open_project(pets).class_names == ("cat", "dog")
    (asked,) = console.run("evaluate", pets, "--classes", "ant,dog", "--json").objects
    assert asked["classes"] == ["ant", "dog"]


def test_data_without_a_learned_class_is_refused(
    console: Console, tmp_path: Path, pets: Path
) -> None:
    birds = animals(tmp_path / "birds", "cat", "owl")
    refused = console.refused("evaluate", pets, "--data", birds)
    assert "no class called 'dog'" in refused
    assert "cat, owl" in refused
    assert console.run("evaluate", pets, "--data", birds, "--classes", "cat,owl").code == 0


def test_classes_in_another_order_are_refused(console: Console, tmp_path: Path, pets: Path) -> None:
    """Fashion-MNIST's names are not in the order of the alphabet, as those of folders are."""
    path = tmp_path / "clothes.layerscope"
    console.run("new", "digits", path, "--data", animals(tmp_path / "clothes", "Bag", "Trouser"))
    assert console.run("train", path, "--epochs", "1").code == 0
    refused = console.refused("evaluate", path, "--data", "fashion-mnist")
    assert "has its classes in another order, but the network has learned Bag, Trouser" in refused
