"""The images of a run that knows its data by name alone, as one of an exported folder does."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from engine.blocks import Dense, Reshape, Sigmoid
from engine.errors import DataError
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import Stack
from engine.paths import home
from engine.runs.prediction_files import read_predictions
from engine.runs.run_folder import Run, read_run
from engine.training.samples import data_key, load_samples
from gui.background.present import Present
from gui.runs.life_view import LifeStrip
from gui.runs.run_images import RunImages
from gui.state import LoadedData
from tests.engine.training_runs import same
from tests.gui.driving import Driver
from tests.gui.finding import not_none
from tests.gui.looking import look
from tests.gui.recorded_runs import record
from tests.gui.runs.followed_runs import listed
from tests.gui.runs.test_run_pages import page


def trained(folder: Path, data: Path) -> Run:
    """Record a run on data of its own."""
    images = np.random.default_rng(0).integers(0, 256, (40, 6, 6), np.uint8)
    labels = np.arange(40) % 2
    np.savez(data, x_train=images, y_train=labels, x_test=images[:9], y_test=labels[:9])
    stack = Stack(input_shape=(1, 6, 6)).appended(Reshape(), Dense(units=2), Sigmoid())
    return record(folder, Project(stack, Settings(dataset=str(data), classes=(0, 1), epochs=2)))


def exported(run: Run, folder: Path) -> Run:
    """Copy a run as another program would write it: its data named, and nothing predicted."""
    shutil.copytree(run.folder, folder, ignore=shutil.ignore_patterns("predictions*"))
    path = folder / "run.json"
    described = json.loads(path.read_text())
    described["settings"]["dataset"] = described["data"]["name"]
    path.write_text(json.dumps(described))
    assert read_predictions(folder) is None
    return read_run(folder)


def open_data(run: Run, **changes: object) -> LoadedData:
    """Return the data of a run as a window has it that opened it with other settings."""
    project = run.description.project
    settings = project.settings.with_changes(**changes)
    train, test = load_samples(Project(project.stack, settings))
    return LoadedData(data_key(settings), train, test, project.data_digest)


def unheard(_done: float) -> None:
    """Take a progress that nobody wants to see."""


def test_kept_weights_predict_the_open_data_as_the_run_learned_to_take_it(tmp_path: Path) -> None:
    origin = trained(tmp_path, tmp_path / "spots.npz")
    run, said = exported(origin, tmp_path / "copy"), read_predictions(origin.folder)
    present = Present(open_data(origin, scaling="standard"), None)
    Path(origin.description.project.settings.dataset).unlink()
    images = RunImages()
    found = images.predict(run, present, unheard)
    assert said is not None
    assert found.samples.digest == said.samples.digest
    np.testing.assert_array_equal(found.said[-1], said.said[-1])
    np.testing.assert_allclose(found.certainty[-1], said.certainty[-1], rtol=1e-2)
    assert images.images(run, said.samples.digest, None, present).test is not None
    with pytest.raises(DataError, match="There is no data set"):
        images.predict(run, Present(None, None, (origin,)), unheard)


def test_the_images_of_a_run_are_found_where_another_run_had_them_and_trained_on(
    no_runs: Driver, tmp_path: Path
) -> None:
    origin = trained(home() / "runs", tmp_path / "spots.npz")
    run, driver = exported(origin, home() / "runs" / "copy"), no_runs
    runs = listed(driver, 2)
    look(driver, run, 1)
    view, document = driver.window.view, driver.window.document
    assert view.state.problem == ""
    _, test = load_samples(origin.description.project)
    np.testing.assert_array_equal(not_none(view.state.samples).images, test.images)
    runs.choose(run.key)
    page(driver, "Life of the image")
    remedy = driver.find(QToolButton, "runs.life.remedy")
    driver.wait(remedy.isVisible)
    QTest.mouseClick(remedy, Qt.MouseButton.LeftButton)
    strip, said = driver.find(LifeStrip, "runs.life.strip"), read_predictions(origin.folder)
    driver.wait(lambda: strip.isVisible() and strip.bars() is not None)
    bars = not_none(strip.bars())
    assert said is not None
    by_epoch = dict(zip(bars.epochs.tolist(), bars.wrong.tolist(), strict=True))
    right = dict(zip(said.epochs.tolist(), said.right[:, 0].tolist(), strict=True))
    assert by_epoch[2] != right[2]
    driver.click("continue_here")
    driver.wait_for("Finished")
    assert document.settings.dataset == str(tmp_path / "spots.npz")
    assert document.trained_epochs == 2
    assert same(
        document.project().weights,
        {slot: each for slot, each in origin.project_after(2).weights.items() if each},
    )


def test_images_that_are_others_by_now_are_not_taken(no_runs: Driver, tmp_path: Path) -> None:
    data = tmp_path / "spots.npz"
    origin, driver = trained(home() / "runs", data), no_runs
    run = exported(origin, home() / "runs" / "copy")
    held = dict(np.load(data))
    np.savez(data, **{**held, "x_test": 255 - held["x_test"]})
    listed(driver, 2)
    look(driver, run, 1)
    assert "There is no data set" in driver.window.view.state.problem
