"""The panels look at a moment of a kept run, whatever its data; the present notices nothing."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget

from engine.blocks import Dense, Reshape, Sigmoid
from engine.inspection.snapshot import Snapshot
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import Stack
from engine.runs.checkpoint_files import WEIGHTS, epoch_file, weights_pieces
from engine.runs.run_folder import Run, read_run
from gui.state import Predictions
from gui.widgets.empty_state import EmptyState
from tests.gui.driving import Driver
from tests.gui.finding import child, named, not_none
from tests.gui.looking import DRAWING, EPOCHS, assert_close, is_at, look, recorded, said
from tests.gui.recorded_runs import record, without_data
from tests.gui.runs.followed_runs import banner
from tests.gui.watching import heard, heard_while


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a run of the notebook's network."""
    return recorded(tmp_path_factory.mktemp("runs"), "notebook", batch_size=10)


@pytest.fixture
def driver(new_project: Driver) -> Driver:
    """Return the window with a new project, in the present."""
    new_project.window.view.back_to_now()
    return new_project


def test_all_panels_show_a_moment_and_the_present_stays_as_it_is(driver: Driver, run: Run) -> None:
    view, session, document = driver.window.view, driver.window.session, driver.window.document
    driver.click_digit(3)
    driver.settle()
    before = document.stack, document.version, document.undo_stack.index(), session.run.phase
    for epoch in (1, 0, EPOCHS):
        seen = heard_while(view.store, lambda s: s.seen.snapshot, lambda: look(driver, run, epoch))  # noqa: B023
        snapshot = seen[-1]
        assert isinstance(snapshot, Snapshot)
        assert snapshot.position == epoch
        assert not_none(view.state.checkpoint).when == (
            f"epoch {epoch}" if epoch else "before the first epoch"
        )
        assert view.state.samples is not None
        images = np.asarray(view.state.samples.images[:])
        expected = said(run, epoch, images)
        assert_close(snapshot.outputs, expected[3])
        assert_close(driver.samples.samples.outputs, expected)
        right = int((expected.argmax(axis=1) == view.state.samples.labels).sum())
        headline = driver.window.panels.predictions.headline
        assert headline.text().startswith(f"{right:,} of {len(images):,} right")
        assert headline._checkpoint == ("untrained" if epoch == 0 else f"as of epoch {epoch}")
    driver.window.panels.kernels.kernel_activated.emit(1, 0, 0)
    assert "of the past" in driver.message()
    driver.window.messages.clear()
    after = document.stack, document.version, document.undo_stack.index(), session.run.phase
    assert after == before
    assert (document.project().weights, session.store.state.data.pinned, driver.pinned()) == (
        {},
        3,
        3,
    )
    view.show(run, 1)
    view.show(run, 2)
    view.look_again()  # the newest wish counts, also when the data of the window comes
    driver.wait(lambda: not view._inspector._busy)
    driver.settle()
    assert is_at(driver, run, 2)
    driver.window.stage.show_panel("Gradients")
    panel = driver.window.panels.gradients
    driver.wait(lambda: panel.table.topLevelItemCount() == 6)
    rows = [panel.table.topLevelItem(row) for row in range(panel.table.topLevelItemCount())]
    texts = [[row.text(column) for column in range(5)] for row in rows if row is not None]
    assert [text[0] for text in texts] == [
        "1 Conv 5",
        "2 Sigmoid",
        "4 Dense 100",
        "5 Sigmoid",
        "6 Dense 2",
        "7 Sigmoid",
    ]
    assert all(text[1] for text in texts if "Sigmoid" not in text[0])
    assert not panel.curves.isVisible()
    driver.choose("back_to_now")
    driver.settle()
    assert not panel.table.isVisible()


def test_who_trains_sees_it_and_back_to_now_shows_what_came_meanwhile(
    driver: Driver, run: Run
) -> None:
    driver.make_smaller()
    session = driver.window.session
    look(driver, run, EPOCHS)
    captions = driver.captions()

    def train() -> None:
        driver.choose("step_epoch")
        driver.wait(lambda: driver.window.view.state.checkpoint is None)  # who trains sees it
        look(driver, run, EPOCHS)
        driver.wait_for("Paused")
        driver.settle()

    came = heard_while(session.store, lambda s: s.now.predictions, train)
    assert driver.captions() == captions, "nothing of it is shown"
    driver.choose("back_to_now")
    driver.settle()
    assert driver.window.view.state.checkpoint is None
    last = came[-1]
    assert isinstance(last, Predictions)
    assert_close(driver.samples.samples.outputs, last.outputs)
    assert driver.captions() != captions
    assert driver.window.panels.predictions.headline._checkpoint == "as of epoch 1"
    driver.window.view.show(run, 2)  # which is still being read when training goes on
    driver.run("step_epoch", "Paused")
    driver.settle()
    assert driver.window.view.state.checkpoint is None


def test_a_moment_that_cannot_be_read_is_said_and_another_project_is_shown_at_once(
    driver: Driver, run: Run, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(run.folder, copy)
    damaged = read_run(copy)
    (copy / "weights" / "epoch-0002.safetensors").write_bytes(b"nothing")
    view, once = driver.window.view, Qt.ConnectionType.SingleShotConnection
    view._inspector.looked.connect(lambda _: view.show(damaged, 2), once)
    look(driver, damaged, 1)
    driver.wait(lambda: bool(driver.message()))
    assert "epoch-0002" in driver.message()
    assert is_at(driver, damaged, 1)
    assert view.state.wished == (damaged, 1)
    driver.wait(lambda: view.state.seen.predictions is not None)
    driver.window.messages.clear()
    look(driver, run, 2)
    driver.choose("new")
    assert view.state.checkpoint is None
    driver.wait_for_panels()
    assert driver.window.panels.predictions.headline._checkpoint == "untrained"
    checkpoints = heard(view.store, lambda s: s.checkpoint)
    view.show(run, 2)
    driver.choose("new")
    driver.settle()
    assert view.state.checkpoint is None
    assert checkpoints == []


def test_a_drawing_or_a_training_image_stays_pinned(driver: Driver, run: Run) -> None:
    view = driver.window.view
    data = not_none(driver.window.session.data)
    assert data.train is not None
    view.pin_of(data.train, 7, "training")
    driver.settle()
    (*_, snapshot) = heard_while(
        view.store, lambda s: s.seen.snapshot, lambda: look(driver, run, 1)
    )
    assert isinstance(snapshot, Snapshot)
    assert (snapshot.sample.index, snapshot.sample.part) == (7, "training")
    np.testing.assert_array_equal(snapshot.sample.image, data.train.images[7])
    driver.choose("back_to_now")
    driver.settle()
    assert driver.pinned() is None
    view.pin_drawing(DRAWING)
    driver.settle()
    (*_, snapshot) = heard_while(
        view.store, lambda s: s.seen.snapshot, lambda: look(driver, run, 2)
    )
    assert isinstance(snapshot, Snapshot)
    np.testing.assert_array_equal(snapshot.sample.image, DRAWING)
    assert_close(snapshot.outputs, said(run, 2, DRAWING[np.newaxis])[0])
    assert driver.pinned() is None
    driver.choose("back_to_now")


def test_an_image_is_pinned_though_the_open_data_has_just_gone(driver: Driver, run: Run) -> None:
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


def test_of_numbers_without_end_there_is_no_step(driver: Driver, tmp_path: Path) -> None:
    stack = Stack().appended(Reshape(), Dense(units=20), Dense(units=2))
    settings = Settings(loss="mse", epochs=1, learning_rate=1e-3, limit=20)
    ruined = record(tmp_path, Project(stack, settings))
    now = ruined.project_after(1)
    huge = {
        slot: {name: array + np.float32(1e18) for name, array in arrays.items()}
        for slot, arrays in now.weights.items()
    }
    content = b"".join(weights_pieces(replace(now, weights=huge)))
    (ruined.folder / WEIGHTS / epoch_file(1)).write_bytes(content)
    driver.window.stage.show_panel("Gradients")
    look(driver, ruined, 1)
    assert "become infinite or not a number" in driver.window.panels.gradients.headline.text()
    driver.choose("back_to_now")


PANELS = {
    "Maps": "panel.feature_maps",
    "Test image": "panel.predictions",
    "Confusion matrix": "panel.confusion",
    "Gradients": "panel.gradients",
    "Step by step": "panel.glass",
}


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a run of another network, with ten classes."""
    return recorded(tmp_path_factory.mktemp("runs"), "digits", epochs=1, limit=20)


def sentence(driver: Driver, title: str) -> str:
    """Read what a panel says in place of its content."""
    driver.window.stage.show_panel(title)
    panel = driver.find(QWidget, PANELS[title])
    driver.wait(lambda: not panel.dirty)  # type: ignore[attr-defined]
    return child(panel, EmptyState).sentence()


def test_another_network_brings_its_own_samples_or_says_why_it_has_none(
    driver: Driver, run: Run, digits: Run, tmp_path: Path
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
    driver.wait(lambda: not driver.window.view._inspector._busy)
    snapshot = not_none(driver.window.view.state.seen.snapshot)
    expected = said(gone, 1, DRAWING[np.newaxis])[0]
    assert_close(snapshot.outputs, expected)
    driver.choose("back_to_now")
    driver.settle()
    assert sentence(driver, "Test image") == ""


def test_of_fewer_images_the_test_images_are_the_same_and_ink_of_another_kind_is_not_given_up(
    driver: Driver, tmp_path: Path
) -> None:
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
    driver.choose("back_to_now")
    driver.click_digit(0)
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
    driver.choose("continue_here", until="Finished")
    assert (document.settings.dataset, document.trained_epochs) == (str(there), 2)
