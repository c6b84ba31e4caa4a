"""Runs compared in the window, the life of an image in one, and images found by name alone."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QRadioButton, QToolButton, QWidget

from engine.blocks import Dense, Reshape, Sigmoid
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import Stack
from engine.paths import home
from engine.runs.prediction_files import PredictionsWriter, read_predictions
from engine.runs.run_folder import Run, read_run
from engine.runs.store import RunStore
from engine.training.samples import load_samples
from gui.runs.comparison_table import ComparisonTable
from gui.runs.comparison_view import ComparisonView
from gui.runs.life_view import LifeStrip
from gui.runs.run_images import NO_PREDICTIONS
from gui.runs.run_list import RunList
from gui.widgets.sample_grid import SampleGrid
from tests.engine.training_runs import same
from tests.gui.driving import Driver
from tests.gui.finding import not_none, row_texts
from tests.gui.looking import look
from tests.gui.plots import points_of
from tests.gui.recorded_runs import record
from tests.gui.recorded_series import EPOCHS, record_seeds
from tests.gui.runs.followed_runs import listed

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def folder(no_runs: Driver) -> Path:
    return home() / "runs"


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Record two runs, and return the folder that they are in."""
    folder = tmp_path_factory.mktemp("recorded")
    record_seeds(folder)
    return folder


@pytest.fixture
def ids(recorded: Path, folder: Path) -> list[str]:
    """Have the two runs among those of the window, and return their ids, newest first."""
    shutil.copytree(recorded, folder)
    return [run.id for run in RunStore(folder).runs()]


@pytest.fixture
def driver(ids: list[str], no_runs: Driver) -> Driver:
    """Return the module's window with the panel in front, in which the first project is open."""
    runs = listed(no_runs, len(ids))
    no_runs.wait(lambda: [row.run.id for row in runs.runs.rows] == ids)
    return no_runs


def page(driver: Driver, title: str) -> None:
    """Bring a page of the panel to the front by its tab."""
    tabs = driver.window.panels.runs.panel.tabs
    place = [tabs.tabText(n) for n in range(tabs.count())].index(title)
    QTest.mouseClick(tabs.tabBar(), LEFT, pos=tabs.tabBar().tabRect(place).center())
    driver.settle()


def compare(driver: Driver, what: str) -> ComparisonView:
    """Tick all runs with keys, and show a part of the page Compare."""
    runs = driver.find(RunList, "runs.list")
    runs.setFocus()
    runs.selectAll()
    QTest.keyClick(runs, Qt.Key.Key_Space)
    page(driver, "Compare")
    QTest.mouseClick(driver.find(QRadioButton, f"runs.compare.{what}"), LEFT, pos=QPoint(8, 8))
    driver.settle()
    return driver.find(ComparisonView, "runs.compare")


def click_image(driver: Driver, name: str, row: int) -> int:
    """Click an image of a grid, and return its place in the test part."""
    grid = driver.find(SampleGrid, name)
    index = grid.samples.index(row)
    grid.scrollTo(index)
    QTest.mouseClick(grid.viewport(), LEFT, pos=grid.visualRect(index).center())
    driver.settle()
    return int(grid.samples.shown[row])


def test_two_ticked_runs_are_compared_by_curves_and_table_and_by_their_images(
    driver: Driver, ids: list[str], folder: Path
) -> None:
    """A is wrong in each tenth image, B in two of three."""
    runs = [read_run(folder / each) for each in ids]
    _, test = load_samples(runs[0].description.project)
    places = np.arange(len(test))
    rights = places % 10 != 0, places % 3 == 0
    for run, right in zip(runs, rights, strict=True):
        said = np.where(right, test.labels, 1 - test.labels)
        PredictionsWriter(run.folder, test).append([(EPOCHS, np.eye(2)[said])])
    panel = driver.window.panels.runs.panel
    assert panel.as_csv().startswith(b"run,name,state,")
    view = compare(driver, "curves")
    view.curves.means.setChecked(False)
    for run in runs:
        expected = [100 * each.test_accuracy for each in run.metrics]
        assert points_of(view.curves, run.title)[1] == pytest.approx(expected)
    view.curves.means.setChecked(True)
    mean = [np.mean([100 * run.metrics[n].test_accuracy for run in runs]) for n in range(EPOCHS)]
    assert points_of(view.curves, "notebook: mean of 2 seeds")[1] == pytest.approx(mean)
    view.show_page("table")
    driver.settle()
    model = driver.find(ComparisonTable, "runs.compare.table").compared
    assert model.headerData(0, Qt.Orientation.Vertical) == "Seed"
    assert [model.index(0, column).data() for column in range(3)] == ["1", "0", ""]
    assert "±" in model.index(1, 2).data()
    assert panel.as_csv().startswith(b"Run,Seed,Test accuracy,")
    view.show_page("images")
    driver.wait(lambda: "so it is better" in driver.text("runs.compare.sentence"))
    assert "another seed may change as much" in driver.text("runs.compare.note")
    one, other = rights
    counts = [one & other, one & ~other, ~one & other, ~one & ~other]
    texts = [driver.find(QToolButton, f"runs.compare.group.{n}").text() for n in range(4)]
    titles = ("both", "only A", "only B", "none")
    assert texts == [f"{t} {c.sum():,}" for t, c in zip(titles, counts, strict=True)]
    driver.click("runs.compare.group.3")
    texts = row_texts(driver.find(SampleGrid, "runs.compare.images").samples)
    assert texts == [f"{n}  → {1 - n}" for n in test.labels[counts[3]].tolist()]
    place = click_image(driver, "runs.compare.images", 3)
    assert place == np.flatnonzero(counts[3])[3] == driver.pinned()
    driver.find(RunList, "runs.list").runs.untick_all()
    assert panel.as_csv().startswith(b"run,name,state,")


def said_instead(driver: Driver, name: str) -> str:
    """Read what a page says in place of what it would show."""
    empty = driver.find(QWidget, name).findChildren(QLabel, "empty")
    return " ".join(each.text() for each in empty if each.isVisible())


def test_a_click_on_an_epoch_goes_there_and_one_on_an_image_of_a_list_pins(
    driver: Driver, ids: list[str]
) -> None:
    page(driver, "Life of the image")
    strip = driver.find(LifeStrip, "runs.life.strip")
    QTest.mouseClick(strip, LEFT, pos=strip.place_of(1).center().toPoint())
    view, bars = driver.window.view, not_none(strip.bars)
    driver.wait(lambda: view.state.checkpoint is not None)
    checkpoint = not_none(view.state.checkpoint)
    assert (checkpoint.run.id, checkpoint.epoch) == (ids[0], int(bars.epochs[1]))
    driver.settle()
    lists = driver.find(QComboBox, "runs.life.lists")
    with_images = next(n for n in range(lists.count()) if "(0)" not in lists.itemText(n))
    lists.setCurrentIndex(with_images)
    place = click_image(driver, "runs.life.images", 0)
    assert driver.pinned() == place
    assert driver.text("runs.life.headline").startswith(f"Test image {place + 1:,} · ")


def test_of_what_was_not_kept_it_is_said_so(
    no_runs: Driver, recorded: Path, folder: Path, tmp_path: Path
) -> None:
    driver, made = no_runs, shutil.copytree(recorded, tmp_path / "made")
    newest = RunStore(made).runs()[0]
    shutil.rmtree(newest.folder / "predictions")
    newest.folder.rename(made / "bare")  # of which no window has read anything
    shutil.move(made, folder)
    listed(driver, 2)
    page(driver, "Life of the image")
    driver.wait(lambda: said_instead(driver, "runs.life") == NO_PREDICTIONS)
    compare(driver, "images")
    sentence = f"{NO_PREDICTIONS} It lacks for “{newest.title}”."
    driver.wait(lambda: said_instead(driver, "runs.compare") == sentence)


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
    driver.click("continue_here", until="Finished")
    assert document.settings.dataset == str(tmp_path / "spots.npz")
    assert document.trained_epochs == 2
    assert same(
        document.project().weights,
        {slot: each for slot, each in origin.project_after(2).weights.items() if each},
    )


def test_images_that_are_others_by_now_or_gone_are_not_shown(
    no_runs: Driver, tmp_path: Path
) -> None:
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
    data.unlink()
    page(driver, "Time machine")
    runs.choose(str(run.folder))
    page(driver, "Life of the image")
    driver.wait(lambda: NO_PREDICTIONS in said_instead(driver, "runs.life"))
    page(driver, "Time machine")
    runs.choose(str(origin.folder))
    page(driver, "Life of the image")
    driver.wait(lambda: "the data of the run is not there" in said_instead(driver, "runs.life"))
    assert "Without the test images of this run" in said_instead(driver, "runs.life")
    assert "below" not in said_instead(driver, "runs.life")
