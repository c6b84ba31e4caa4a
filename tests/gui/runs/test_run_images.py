"""The images of a run that knows its data by name alone, as one of an exported folder does."""

import json
import shutil
from pathlib import Path

import numpy as np

from engine.blocks import Dense, Reshape, Sigmoid
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import Stack
from engine.paths import home
from engine.runs.prediction_files import read_predictions
from engine.runs.run_folder import Run, read_run
from engine.training.samples import load_samples
from tests.engine.training_runs import same
from tests.gui.driving import Driver
from tests.gui.finding import not_none
from tests.gui.looking import look
from tests.gui.recorded_runs import record
from tests.gui.runs.followed_runs import listed
from tests.gui.runs.test_run_pages import page, said_instead


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


def test_the_images_of_a_run_are_found_where_another_run_had_them_and_trained_on(
    no_runs: Driver, tmp_path: Path
) -> None:
    origin = trained(home() / "runs", tmp_path / "spots.npz")
    run, driver = exported(origin, home() / "runs" / "copy"), no_runs
    listed(driver, 2)
    look(driver, run, 1)
    view, document = driver.window.view, driver.window.document
    assert view.state.problem == ""
    _, test = load_samples(origin.description.project)
    np.testing.assert_array_equal(not_none(view.state.samples).images, test.images)
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
    runs = listed(driver, 2)
    look(driver, run, 1)
    assert "There is no data set" in driver.window.view.state.problem
    runs.choose(str(origin.folder))
    page(driver, "Life of the image")
    driver.wait(lambda: "has other test images now" in said_instead(driver, "runs.life"))
