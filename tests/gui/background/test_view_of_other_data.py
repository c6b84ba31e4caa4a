"""Moments of runs whose data is not the open one, or is gone, and what is pinned in them."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget

from engine.blocks import Dense, Reshape, Sigmoid
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import Stack
from engine.runs.run_folder import Run
from gui.widgets.empty_state import EmptyState
from tests.gui.driving import Driver
from tests.gui.finding import child, named, not_none
from tests.gui.looking import DRAWING, assert_close, look, recorded, said
from tests.gui.recorded_runs import record, without_data
from tests.gui.runs.followed_runs import banner

PANELS = {
    "Maps": "panel.feature_maps",
    "Test image": "panel.predictions",
    "Confusion matrix": "panel.confusion",
    "Gradients": "panel.gradients",
    "Step by step": "panel.glass",
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a run of the notebook's network."""
    return recorded(tmp_path_factory.mktemp("runs"), "notebook")


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a run of another network, with ten classes."""
    return recorded(tmp_path_factory.mktemp("runs"), "digits", epochs=1, limit=20)


@pytest.fixture
def driver(new_project: Driver) -> Driver:
    """Return the window with a new project, in the present."""
    new_project.window.view.back_to_now()
    return new_project


def sentence(driver: Driver, title: str) -> str:
    """Read what a panel says in place of its content."""
    driver.window.stage.show_panel(title)
    panel = driver.find(QWidget, PANELS[title])
    driver.wait(lambda: not panel.dirty)  # type: ignore[attr-defined]
    return child(panel, EmptyState).sentence()


def test_another_network_brings_its_own_samples_and_blocks_of_which_one_is_pinned(
    driver: Driver, run: Run, digits: Run
) -> None:
    view, session = driver.window.view, driver.window.session
    look(driver, run, 2)
    driver.click_digit(5)
    driver.settle()
    assert (view.state.pinned, session.store.state.data.pinned) == (5, 5)
    look(driver, digits, 1)
    assert view.state.is_elsewhere
    assert driver.pinned() == 5  # the same place
    driver.click_digit(2)
    driver.settle()
    assert (view.state.pinned, session.store.state.data.pinned) == (2, 5)
    assert len(driver.samples.samples.classes) == 10
    expected = said(digits, 1, np.asarray(not_none(view.state.samples).images[:50]))
    assert_close(not_none(driver.samples.samples.outputs)[:50], expected)
    driver.window.stage.show_panel("What it sees")
    driver.settle()
    drawing = driver.window.panels.drawing.canvas
    assert "Dense 10" in drawing.accessibleDescription()
    driver.choose("back_to_now")
    driver.settle()
    assert driver.samples.samples.classes == ("0", "1")
    assert driver.pinned() == 5
    assert "Dense 10;" not in drawing.accessibleDescription()
    assert driver.rows()[0].startswith("Conv 5")


def test_a_run_of_fewer_images_has_the_same_test_images(driver: Driver, tmp_path: Path) -> None:
    few = recorded(tmp_path, "notebook", epochs=1, limit=20, scaling="standard")
    view, session = driver.window.view, driver.window.session
    look(driver, few, 1)
    assert not view.state.is_elsewhere
    driver.click_digit(4)
    driver.settle()
    assert (view.state.pinned, session.store.state.data.pinned) == (4, 4)
    scaling = not_none(few.project_after(1).scaling)
    inputs = scaling.inputs(np.asarray(not_none(view.state.samples).images[:9]), np.float32)
    expected = few.project_after(1).network().activations(inputs)[-1].reshape(9, -1)
    assert_close(not_none(driver.samples.samples.outputs)[:9], expected)


def test_ink_of_another_kind_is_not_given_up(driver: Driver, tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (8, 16, 16, 3), np.uint8)
    labels = np.arange(8) % 2
    data = tmp_path / "colours.npz"
    np.savez(data, x_train=images, y_train=labels, x_test=images, y_test=labels)
    stack = Stack(input_shape=(3, 16, 16)).appended(Reshape(), Dense(units=2), Sigmoid())
    settings = Settings(dataset=str(data), classes=(0, 1), epochs=1)
    coloured = record(tmp_path / "runs", Project(stack, settings))
    driver.window.stage.show_panel("Draw")
    panel = driver.window.panels.draw
    canvas = panel.canvas
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=canvas.rect().center())
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=canvas.rect().center())
    driver.settle()
    look(driver, coloured, 1)
    assert not panel.coloured
    assert not canvas.is_empty()
    assert "in other colours" in named(panel, QLabel, "empty").text()
    assert driver.window.view.state.pinned == 0  # no drawing of this kind
    driver.choose("back_to_now")
    driver.settle()
    assert driver.pinned() is None
    assert not canvas.is_empty()


def test_images_that_are_elsewhere_are_shown_once_they_are_the_open_data(
    driver: Driver, tmp_path: Path
) -> None:
    data, there = tmp_path / "marks.npz", tmp_path / "elsewhere.npz"
    images = np.random.default_rng(1).integers(0, 256, (24, 6, 6), np.uint8)
    labels = np.arange(24) % 2
    np.savez(data, x_train=images, y_train=labels, x_test=images[:8], y_test=labels[:8])
    stack = Stack(input_shape=(1, 6, 6)).appended(Reshape(), Dense(units=2), Sigmoid())
    settings = Settings(dataset=str(data), classes=(0, 1), epochs=2)
    run = record(tmp_path / "runs", Project(stack, settings))
    data.rename(there)
    look(driver, run, 1)
    view, document = driver.window.view, driver.window.document
    assert "choose them under Data. There is no data set" in view.state.problem
    assert banner(driver).endswith(" · its images are not here")
    driver.window.edits.change_setting("dataset", str(there))
    driver.wait(lambda: view.state.samples is not None)
    np.testing.assert_array_equal(np.asarray(not_none(view.state.samples).images)[:, 0], images[:8])
    assert "not here" not in banner(driver)
    driver.choose("continue_here")
    driver.wait_for("Finished")
    assert (document.settings.dataset, document.trained_epochs) == (str(there), 2)


def test_without_data_the_panels_say_why_and_the_kernels_are_shown(
    driver: Driver, digits: Run, tmp_path: Path
) -> None:
    gone = without_data(digits, tmp_path / "gone")
    look(driver, gone, 1)
    for title in PANELS:
        assert sentence(driver, title).startswith("The images of this run cannot be shown.")
    driver.window.stage.show_panel("Kernels")
    driver.settle()
    kernels = driver.window.panels.kernels
    weights = gone.project_after(1).weights
    conv = next(arrays["weight"] for arrays in weights.values() if "weight" in arrays)
    np.testing.assert_array_equal(not_none(kernels._kernels), conv)
    driver.window.view.pin_drawing(DRAWING)
    driver.wait(lambda: not driver.window.view._inspector.busy)
    snapshot = not_none(driver.window.view.state.seen.snapshot)
    expected = said(gone, 1, DRAWING[np.newaxis])[0]
    assert_close(snapshot.outputs, expected)
    driver.choose("back_to_now")
    driver.settle()
    assert sentence(driver, "Test image") == ""


def test_a_click_while_the_open_data_goes_is_no_defect(driver: Driver, run: Run) -> None:
    view, session = driver.window.view, driver.window.session
    look(driver, run, 1)
    assert not view.state.is_elsewhere
    pinned: list[object] = []

    def pin() -> None:  # before the checkpoint has been looked at with other data
        if session.samples is None:
            view.pin(1)
            pinned.append(view.state.pinned)

    owner = QObject()
    session.store.watch(lambda s: s.data.samples, pin, owner)
    driver.window.edits.change_setting("dataset", "/nowhere/at/all.npz")
    driver.wait(lambda: bool(pinned))
    assert pinned == [1]
