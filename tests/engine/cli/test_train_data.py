"""`train` and `evaluate` with data that is changed, other, of a share, or in folders."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from engine.files import open_project, save_project
from tests.engine.cli.console import Console, write_data, write_project
from tests.engine.data.idx_files import write_idx
from tests.engine.data.pictures import image_bytes, noise, write_files
from tests.picture_sets import write_set

# A project whose data is changed: `train` says so, and works.


CHANGED = "data has changed since this project used it last: images, labels or classes are others."


def test_changed_data_is_said_and_learned_from(
    console: Console, project: Path, data: Path, tmp_path: Path
) -> None:
    first = console.run("train", project)
    again = console.run("train", project, "--resume")
    before = open_project(project).data_digest
    assert len(before) == 64
    other = write_data(tmp_path / "other")
    for folder in (data, other):
        write_idx(folder / "train-images-idx3-ubyte", (12, 8, 8), [7] * 12 * 64)
    changed = console.run("train", project, "--resume", "--json")
    assert CHANGED in changed.err
    assert [line["epoch"] for line in changed.objects] == [5, 6]
    assert open_project(project).data_digest != before
    named = console.run("train", project, "--resume", "--data", other)  # which is not changed data
    for answer in (first, again, named):
        assert answer.code == changed.code == 0
        assert "has changed" not in answer.out + answer.err


# `train` with data whose classes are others than the project's.


@pytest.fixture
def forms(tmp_path: Path) -> Path:
    return write_set("colour", tmp_path / "forms.npz", 4, 2)


def test_an_untrained_network_is_fitted(console: Console, tmp_path: Path, forms: Path) -> None:
    """The template tells four classes apart, the data has nine of other names."""
    path = tmp_path / "a.layerscope"
    console.run("new", "colour", path)
    answer = console.run("train", path, "--data", forms, "--epochs", "1")
    assert (answer.code, answer.err) == (0, "")
    assert "The network is fitted to the 9 classes of the data." in answer.out
    project = open_project(path)
    assert (project.settings.classes, project.trained_epochs) == (tuple(range(9)), 1)
    assert [slot.label for slot in project.stack][-2] == "Dense 9"


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


# A project of somebody else may name a share of another computer: that is not asked for it.


@pytest.fixture
def share(tmp_path: Path) -> str:
    """Return data under a name as shares have it, which POSIX takes for a folder of its own."""
    if sys.platform == "win32":
        pytest.skip("there is no such share")
    return f"/{write_data(tmp_path / 'data')}"


@pytest.fixture
def sent(tmp_path: Path, share: str) -> Path:
    return write_project(tmp_path / "sent.layerscope", Path(), dataset=share)


def test_it_is_refused_unless_it_is_named_where_it_is_needed(
    console: Console, sent: Path, share: str, tmp_path: Path
) -> None:
    refused = [console.refused("train", sent)]
    assert console.run("train", sent, "--data", share).code == 0
    project = open_project(sent)  # which names the share again:
    save_project(replace(project, settings=project.settings.with_changes(dataset=share)), sent)
    refused += [console.refused("evaluate", sent), console.refused("check", sent, "--gradients")]
    for words in refused:
        assert f"is on another computer, {share}, which is not asked for it unless you n" in words
        assert f"Give --data {share}" in words
    assert console.run("evaluate", sent, "--data", share).code == 0
    assert console.run("export", sent, tmp_path / "w.npz").code == 0


def test_a_terminal_shows_how_far_the_reading_of_images_is(
    console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Else, on a busy machine, what takes long is kept, and not read again.
    monkeypatch.setattr("engine.data.image_files.image_cache.WORTH_SECONDS", 1e9)
    content = image_bytes(noise(9, 9, 1))
    names = [f"{label}/{number}.png" for label in ("cat", "dog") for number in range(40)]
    folder = write_files(tmp_path / "pets", dict.fromkeys(names, content))
    project = tmp_path / "net.layerscope"
    console.run("new", "digits", project, "--data", folder)
    with monkeypatch.context() as patch:
        patch.setattr("sys.stderr.isatty", lambda: True)
        patch.setattr("engine.cli.output._REDRAW_SECONDS", 0)
        trained = console.run("train", project, "--epochs", "1")
        checked = console.run("data", "check", folder)
    assert trained.code == 0
    assert "on 64 samples, testing on 16; classes cat, dog" in trained.out
    assert checked.out == console.run("data", "check", folder).out
    for answer, doing in ((trained, "reading"), (checked, "examining")):
        assert f"\r\x1b[K{doing}: 100%" in answer.err
        assert answer.err.endswith("\r\x1b[K")
