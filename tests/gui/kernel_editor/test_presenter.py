"""Kernels edited and locked in the window: training goes on from them, and files keep them."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.data.sources import load
from engine.files.naming import named_arrays
from engine.model.kernel_operations import PRESETS
from engine.model.project import Project
from engine.model.settings import Settings
from engine.training.events import EpochDone
from engine.training.run import Training
from gui.document.kernel_place import KernelPlace
from gui.kernel_editor.dialog import KernelEditor
from gui.weights.kernels import KernelsPanel
from tests.gui.background.headless import Arrays, assert_same, notebook_of
from tests.gui.driving import FEW_UNITS, Driver
from tests.gui.finding import child, not_none
from tests.gui.reading import tile_rect

CTRL, LEFT = Qt.KeyboardModifier.ControlModifier, Qt.MouseButton.LeftButton
SOBEL = PRESETS[0].make(3).astype(np.float32)
PLACE = KernelPlace(1, 2, 0)
FEW_IMAGES = 20  # of each class, for an epoch


@pytest.fixture
def driver(new_project: Driver) -> Driver:
    """Return the module's window with the notebook's network opened anew, made smaller."""
    new_project.make_smaller()
    return new_project


def shorten(driver: Driver, epochs: int) -> None:
    """Let a run have so many short epochs."""
    driver.type_into("setting.limit", str(FEW_IMAGES))
    driver.type_into("setting.epochs", str(epochs))
    driver.wait_for_panels()


def drop_in(driver: Driver, place: KernelPlace = PLACE) -> None:
    driver.window.kernel_edits.edit_kernel(place, SOBEL, "Sobel")


def alone(epochs: int, edit_after: int, lock: tuple[int, ...] = ()) -> Arrays:
    """Train without the window; put the kernel in after so many epochs."""
    stack = notebook_of(FEW_UNITS)
    settings = Settings(epochs=epochs, limit=FEW_IMAGES)
    train, test = load(settings.dataset, settings.classes, settings.limit)
    run = Training(Project(stack, settings).check(), settings, train, test)

    def edit() -> None:
        weights = run.weights()
        weights[1]["weight"][2, 0] = SOBEL
        run.replace_weights(weights)
        slots = list(stack)
        slots[0] = type(slots[0])(1, slots[0].block, locked_kernels=lock)
        run.lock(slots)

    if edit_after == 0:
        edit()
    for event in run.run():
        if isinstance(event, EpochDone) and event.epoch == edit_after:
            edit()
    run.close()
    return dict(named_arrays(stack.slots, run.weights()))


def editor_of(driver: Driver) -> KernelEditor:
    driver.wait(lambda: any(each.isVisible() for each in driver.window.findChildren(KernelEditor)))
    editor = child(driver.window, KernelEditor)
    driver.wait(editor.isActiveWindow)
    return editor


def test_a_double_click_on_a_kernel_opens_it_and_what_is_typed_is_what_training_has(
    driver: Driver, tmp_path: Path
) -> None:
    driver.window.stage.show_panel("Kernels")
    panel = driver.find(KernelsPanel, "panel.kernels")
    driver.wait(lambda: panel.grid.values().size > 1 and not panel.dirty)
    driver.settle()
    place = tile_rect(panel.mosaic, 3).center().toPoint()
    canvas = panel.grid
    QTest.mouseDClick(canvas, LEFT, pos=canvas.mapFrom(panel.mosaic, place))
    editor = editor_of(driver)
    assert editor._place == (1, 3, 0)
    for character in ("0", ".", "2", "5", "\r", "-", "1", "\r"):
        focused = not_none(QApplication.focusWidget())
        if character == "\r":
            driver.press(Qt.Key.Key_Return)
        else:
            QTest.keyClicks(focused, character)
    driver.type_into("setting.learning_rate", "1e-8")
    driver.run("step_batch", "Paused")
    weight = driver.weights(tmp_path)["0.conv.weight"]
    assert weight[3, 0, 0, :2].tolist() == pytest.approx([0.25, -1], abs=1e-4)


def test_the_editor_opens_by_keys_and_follows_the_digit_and_the_run(driver: Driver) -> None:
    driver.select(0)
    driver.press(Qt.Key.Key_K, CTRL | Qt.KeyboardModifier.ShiftModifier)
    editor = editor_of(driver)
    assert editor._place == (1, 0, 0)
    preview = editor.preview
    assert preview.input._title.text() == "Test image 1 · a 1"
    driver.click_digit(3)
    driver.wait(lambda: preview.input._title.text().startswith("Test image 4"))
    image = driver.window.session.samples
    assert image is not None
    shown = preview.input.grid.values()[0]
    np.testing.assert_allclose(shown, image.images[3, 0] / 255, atol=1e-6)
    driver.type_into("setting.epochs", "500")
    before = editor.grid.values().copy()
    driver.click("train", until="Training")
    assert not editor.grid.isEnabled()
    driver.wait(lambda: not np.array_equal(editor.grid.values(), before))
    driver.click("train", until="Paused")
    assert editor.grid.isEnabled()
    np.testing.assert_array_equal(
        editor.grid.values(), driver.window.document.kernel(editor._place)
    )


def test_training_starts_from_an_edited_kernel_and_goes_on_from_one_in_a_locked_block(
    driver: Driver, tmp_path: Path
) -> None:
    shorten(driver, epochs=1)
    maps = [tile.copy() for tile in driver.tiles()]
    drop_in(driver)
    driver.wait(lambda: not np.array_equal(driver.tiles()[2], maps[2]))
    assert all(np.array_equal(driver.tiles()[i], maps[i]) for i in (0, 1, 3, 4))
    assert driver.text("status") == "Ready"
    driver.train()
    first = driver.weights(tmp_path)
    assert_same(first, alone(1, edit_after=0))
    driver.window.kernel_edits.lock((1,), True)
    drop_in(driver)
    driver.wait_for_panels()
    assert driver.text("status") == "Finished"
    driver.train()
    second = driver.weights(tmp_path)
    assert np.array_equal(second["0.conv.weight"][2, 0], SOBEL)
    assert np.array_equal(second["0.conv.bias"], first["0.conv.bias"])
    assert not np.array_equal(second["3.dense.weight"], first["3.dense.weight"])


def test_a_paused_run_goes_on_from_an_edited_kernel_but_not_from_one_that_was_undone(
    driver: Driver, tmp_path: Path
) -> None:
    """The edited kernel stays as it is, for it is locked."""
    shorten(driver, epochs=2)
    driver.run("step_epoch", "Paused")
    before = driver.weights(tmp_path)
    drop_in(driver, KernelPlace(1, 3, 0))
    driver.settle()
    driver.choose("undo")
    drop_in(driver)
    after = driver.weights(tmp_path)
    assert np.array_equal(after["0.conv.weight"][2, 0], SOBEL)
    after["0.conv.weight"][2, 0] = before["0.conv.weight"][2, 0]
    assert_same(after, before)
    driver.window.kernel_edits.lock_kernel(1, 2, True)
    driver.settle()
    assert driver.text("status") == "Paused"
    assert driver.button("train").text() == "Resume"
    driver.train()
    found = driver.weights(tmp_path)
    assert np.array_equal(found["0.conv.weight"][2, 0], SOBEL)
    assert_same(found, alone(2, edit_after=1, lock=(2,)))
    driver.settle()
    assert driver.text("figure.epoch") == "2 / 2"
    assert driver.curve("loss train")[0] == [1, 2], "the curve goes on"
    assert driver.project(tmp_path / "p.layerscope").trained_epochs == 2


def test_edits_and_locks_are_saved_and_open_again(driver: Driver, tmp_path: Path) -> None:
    kernel_edits = driver.window.kernel_edits
    drop_in(driver)
    kernel_edits.lock((4,), True)
    kernel_edits.lock_kernel(1, 2, True)
    path = tmp_path / "p.layerscope"
    saved = driver.project(path)
    assert np.array_equal(saved.weights[1]["weight"][2, 0], SOBEL)
    assert saved.trained_epochs == 0
    driver.choose("new")
    driver.window.files.open_path(path)
    assert driver.window.document.stack.slot(1).locked_kernels == (2,)
    assert driver.window.document.stack.slot(4).locked
    driver.wait_for("Ready")
    shorten(driver, epochs=1)
    driver.train()
    assert np.array_equal(not_none(driver.window.document.kernel(PLACE)), SOBEL)
