"""Of a run whose data is not known, the user can say where it is."""

import json
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QFileDialog

from engine.blocks import Dense, Reshape, Sigmoid
from engine.data.dataset import fingerprint
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import Stack
from engine.runs.run_folder import Run, read_run
from engine.training.samples import load_samples
from gui.widgets.empty_state import EmptyState
from tests.gui.driving import Driver
from tests.gui.finding import child
from tests.gui.looking import look
from tests.gui.recorded_runs import record
from tests.gui.runs.followed_runs import banner

SIDE = 6  # px: no open data can stand in


def images_in(path: Path, seed: int) -> Path:
    """Write a data set of dark and light images, which are others with another seed."""
    dice, labels = np.random.default_rng(seed), np.arange(24) % 2
    images = (dice.integers(0, 128, (24, SIDE, SIDE)) + 100 * labels[:, None, None]).astype("u1")
    train, test = slice(0, 16), slice(16, None)
    x_train, x_test, y_train, y_test = images[train], images[test], labels[train], labels[test]
    np.savez(path, x_train=x_train, x_test=x_test, y_train=y_train, y_test=y_test)
    return path


def moved(tmp_path: Path, seed: int, *, digest: bool = True) -> tuple[Run, Path]:
    """Return a run that names its data without its folder, and where that is."""
    data = images_in(tmp_path / "marks.npz", seed)
    stack = Stack(input_shape=(1, SIDE, SIDE)).appended(Reshape(), Dense(units=2), Sigmoid())
    settings = Settings(dataset=str(data), epochs=2, loss="mse", learning_rate=0.1)
    run = record(tmp_path / "runs", Project(stack, settings), "own")
    described = json.loads((run.folder / "run.json").read_bytes())
    assert described["data"]["digest"] == fingerprint(*load_samples(run.description.project))
    described["settings"]["dataset"] = "marks"
    described["data"]["digest"] = described["data"]["digest"] if digest else ""
    (run.folder / "run.json").write_text(json.dumps(described))
    there = tmp_path / "elsewhere" / "images.npz"
    there.parent.mkdir()
    return read_run(run.folder), data.rename(there)


@pytest.fixture
def driver(new_project: Driver) -> Driver:
    """Return the window with a new project, in the present."""
    new_project.window.view.back_to_now()
    new_project.window.view.places.clear()
    return new_project


def offered(driver: Driver) -> bool:
    return driver.action("find_data").isVisible()


def sentence_of_predictions(driver: Driver) -> str:
    panel = driver.window.panels.predictions
    driver.wait(lambda: not panel.dirty)
    return child(panel, EmptyState).sentence()


def find_data(driver: Driver, patch: pytest.MonkeyPatch, path: Path) -> None:
    """Say by the dialog which file the data is."""
    patch.setattr(QFileDialog, "getOpenFileName", lambda *_args: (str(path), ""))
    driver.choose("find_data_file")


@pytest.mark.parametrize("digest", [True, False])
def test_the_images_are_shown_once_it_is_said_where_they_are(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, digest: bool
) -> None:
    run, data = moved(tmp_path, seed=digest, digest=digest)
    assert not offered(driver)
    look(driver, run, 2)
    driver.wait(lambda: offered(driver))
    assert "its images are not here" in banner(driver)
    sentence = sentence_of_predictions(driver)
    assert ". If they are elsewhere, click “Find its data” above. There is no data set" in sentence
    open_data = driver.window.document.settings.dataset
    find_data(driver, monkeypatch, data)
    view = driver.window.view
    driver.wait(lambda: view.state.samples is not None)
    with np.load(data) as arrays:
        assert view.state.samples is not None
        np.testing.assert_array_equal(np.asarray(view.state.samples.images)[:, 0], arrays["x_test"])
    driver.wait(lambda: not offered(driver))
    assert "not here" not in banner(driver)
    assert driver.window.document.settings.dataset == open_data
    look(driver, run, 1)
    assert view.state.samples is not None, "that holds for all its moments"
    driver.choose("continue_here")
    driver.wait(lambda: driver.window.document.settings.dataset == str(data))
    driver.wait_for("Finished")


def test_what_a_run_of_others_names_is_read_once_it_is_chosen(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gui.storage.recent.unattended", lambda: False)
    run, there = moved(tmp_path, seed=5)
    described = json.loads((run.folder / "run.json").read_bytes())
    named = described["settings"]["dataset"] = str(there.rename(tmp_path / "named.npz"))
    (run.folder / "run.json").write_text(json.dumps(described))
    look(driver, read_run(run.folder), 2)
    driver.wait(lambda: offered(driver))
    sentence = sentence_of_predictions(driver)
    assert sentence.endswith(f"They are read from {named}, which was not used here before.")
    find_data(driver, monkeypatch, Path(named))
    driver.wait(lambda: driver.window.view.state.samples is not None)
    driver.choose("continue_here")
    driver.wait(lambda: driver.window.document.settings.dataset == named)
    driver.wait_for("Finished")
    assert driver.window.session.data_problem == ""


def test_other_images_are_refused_until_the_right_ones_are_found(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, data = moved(tmp_path, seed=2)
    look(driver, run, 2)
    driver.wait(lambda: offered(driver))
    assert driver.button("find_data").isVisible()
    other = images_in(tmp_path / "other.npz", seed=3)
    find_data(driver, monkeypatch, other)
    driver.wait(lambda: driver.message().startswith(f"{other} holds other images than those"))
    assert driver.window.view.state.samples is None
    assert offered(driver)
    find_data(driver, monkeypatch, tmp_path / "nothing.npz")
    unread = f"{tmp_path / 'nothing.npz'} cannot be read as what this run was trained with. "
    driver.wait(lambda: driver.message().startswith(unread))
    driver.choose("back_to_now")
    driver.wait(lambda: driver.message() == "" and not offered(driver))
    look(driver, run, 2)
    driver.wait(lambda: offered(driver))
    find_data(driver, monkeypatch, data)
    driver.wait(lambda: driver.window.view.state.samples is not None)
    assert driver.message() == ""
