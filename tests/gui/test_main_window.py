"""The window as its user has it: build by clicks and keys, see what fits, watch, pin digits."""

import gc
from dataclasses import replace
from pathlib import Path
from weakref import WeakSet

import numpy as np
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QComboBox, QSpinBox, QTabBar, QWidget

from engine.array_types import Array
from engine.data.sources import load
from gui.predictions.panel import PredictionsPanel
from tests.correlation import correlate2d
from tests.gui.conftest import OpenWindow, window_of
from tests.gui.driving import Driver
from tests.gui.finding import child, in_words, not_none
from tests.gui.reading import mosaics, tile_rect

ALT, CTRL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier
NOTEBOOK = [
    "Conv 5, 3×3",
    "Sigmoid",
    "Reshape to vector",
    "Dense 100",
    "Sigmoid",
    "Dense 2",
    "Sigmoid",
]


def sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x.astype(np.float64))))


def test_it_opens_ready_to_train_the_notebook_and_says_what_it_trains_on(driver: Driver) -> None:
    driver.wait_for_panels()
    assert driver.rows() == NOTEBOOK
    assert driver.text("status") == "Ready"
    assert driver.action("train").isEnabled()
    assert driver.problem() == ""
    assert driver.message() == ""
    assert len(driver.tiles()) == 5
    assert driver.tiles()[0].shape == (26, 26)
    assert len(driver.captions()) == 409  # the bundled test digits 0 and 1
    assert driver.pinned() == 0
    assert driver.window.windowTitle() == "Untitled network[*] — Layerscope"
    assert not driver.window.isWindowModified()
    assert driver.text("progress_text") == "Next: 20 epochs on 200 images"
    assert driver.window.coach.log().samples == 200
    driver.window.resize(1280, 800)
    driver.settle()
    assert (driver.window.width(), driver.window.height()) == (1280, 800)
    outside = []
    for name in ("panel.loss", "panel.feature_maps", "panel.predictions", "block_list", "status"):
        widget = driver.find(QWidget, name)
        corner = widget.mapTo(driver.window, widget.rect().bottomRight())
        if not driver.window.rect().contains(corner) or not widget.isVisible():
            outside.append(name)
    assert not outside
    assert tile_rect(mosaics(driver.maps)[0], 0).width() >= 72
    driver.type_into("setting.validation_split", "50")
    driver.type_into("setting.batch_size", "10")
    driver.wait(lambda: driver.text("progress_text") == "Next: 20 epochs on 100 images")
    assert driver.window.session.batches_per_epoch() == 10
    assert driver.window.coach.log().samples == 100


def test_a_network_is_built_from_nothing(driver: Driver) -> None:
    driver.choose("new.blank")
    assert driver.rows() == []
    assert "no blocks yet" in driver.problem()
    assert not driver.action("train").isEnabled()
    assert in_words(driver.action("train").toolTip()) == driver.problem()
    for kind in ("conv", "tanh", "reshape", "dense", "sigmoid"):
        driver.click(f"add.{kind}")
    driver.select(0)
    driver.type_into("option.depth", "3")
    driver.type_into("option.kernel_size", "5")
    assert driver.sentences()[0] == "Block 1 of 5: Conv 3, 5×5. Output 3×24×24, 78 parameters."
    assert "2 classes need a vector of 2" in driver.problem()
    driver.select(3)
    driver.type_into("option.units", "2")
    assert driver.problem() == ""
    assert driver.action("train").isEnabled()
    driver.wait_for_panels()
    assert [tile.shape for tile in driver.tiles()] == [(24, 24)] * 3
    driver.type_into("setting.epochs", "1")
    driver.train()


def test_blocks_are_edited_by_keys_and_delete_in_a_field_deletes_a_figure(driver: Driver) -> None:
    driver.select(1)
    driver.press(Qt.Key.Key_Down, ALT)
    assert driver.rows()[:3] == ["Conv 5, 3×3", "Reshape to vector", "Sigmoid"]
    driver.press(Qt.Key.Key_Up, ALT)
    assert driver.rows() == NOTEBOOK
    driver.press(Qt.Key.Key_D, CTRL)
    assert driver.rows()[1:3] == ["Sigmoid", "Sigmoid"]
    driver.press(Qt.Key.Key_Delete)
    driver.press(Qt.Key.Key_Delete)
    assert driver.rows()[1:3] == ["Sigmoid", "Dense 100"]
    for _ in range(5):
        driver.press(Qt.Key.Key_Z, CTRL)
    assert driver.rows() == NOTEBOOK
    assert not driver.window.isWindowModified()
    for _ in range(5):
        driver.press(Qt.Key.Key_Y, CTRL)
    assert driver.rows()[1:3] == ["Sigmoid", "Dense 100"]
    assert driver.window.isWindowModified()
    before = driver.rows()
    driver.select(0)
    depth = driver.find(QSpinBox, "option.depth")
    for field in (driver.find(QComboBox, "option.bias"), depth):
        field.setFocus()
        depth.lineEdit().setCursorPosition(0)
        driver.press(Qt.Key.Key_Delete)
        driver.press(Qt.Key.Key_Backspace)
    assert driver.rows() == before
    assert not depth.text().startswith("5")


# What is selected, what is done to it, which row then says what.
PROBLEMS: dict[str, tuple[int, tuple[str, str] | None, int, str]] = {
    "kernel": (0, ("option.kernel_size", "29"), 0, "Block 1 (Conv 5, 29×29)"),
    "classes": (5, ("option.units", "3"), 6, "2 classes need a vector of 2"),
    "loss": (6, None, 5, "but binary cross-entropy takes"),
}


def test_what_does_not_fit_says_why_in_its_row_until_it_is_undone(driver: Driver) -> None:
    for kind, (selected, typed, row, words) in PROBLEMS.items():
        driver.select(selected)
        if typed is None:
            driver.press(Qt.Key.Key_Delete)
        else:
            driver.type_into(*typed)
        assert words in driver.problem()
        assert driver.sentences()[row].endswith(f"Error: {driver.problem()}")
        assert not any("Error" in said for said in driver.sentences()[:row])
        assert not driver.action("train").isEnabled()
        assert in_words(driver.button("train").toolTip()) == driver.problem()
        assert not driver.action("step_batch").isEnabled()
        assert driver.text("progress_text").startswith("Training waits")
        driver.settle()
        assert any(view.isVisible() for view in mosaics(driver.maps)) == (row > 0)
        # The range of the outputs matters to the loss alone: the network says what it said.
        assert ("→ ?" in driver.captions()[0]) == (kind != "loss")
        driver.choose("undo")
        assert driver.problem() == ""
        assert driver.action("train").isEnabled()
        driver.wait_for_panels()
    driver.type_into("setting.classes", "0-2")
    assert "3 classes need a vector of 3" in driver.problem()
    driver.wait(lambda: len(driver.captions()) > 409)
    assert {text[0] for text in driver.captions()} == {"0", "1", "2"}
    driver.type_into("setting.classes", "3, 1")
    assert driver.problem() == ""
    driver.wait_for_panels()
    assert {text[0] for text in driver.captions()} == {"1", "3"}


def test_maps_and_predictions_are_of_the_exported_weights(driver: Driver, tmp_path: Path) -> None:
    driver.type_into("setting.epochs", "1")
    driver.type_into("setting.limit", "20")
    driver.settle()
    driver.click_digit(7)
    driver.train()
    driver.wait_for_panels()
    weights = driver.weights(tmp_path)
    images = load("mnist", (0, 1), 100)[1].images[:, 0] / 255.0
    kernels, bias = weights["0.conv.weight"], weights["0.conv.bias"]
    maps = sigmoid(
        np.array([[correlate2d(image, kernel[0]) for kernel in kernels] for image in images]) + bias
    )
    for shown, expected in zip(driver.tiles(), maps[7], strict=True):
        np.testing.assert_allclose(shown, expected, atol=1e-5)
    vectors = maps.reshape(len(maps), -1)
    hidden = sigmoid(vectors @ weights["3.dense.weight"].T + weights["3.dense.bias"])
    answers = sigmoid(hidden @ weights["5.dense.weight"].T + weights["5.dense.bias"])
    wrong = 0
    for outputs, caption in zip(answers, driver.captions(), strict=True):
        said, largest = int(outputs.argmax()), float(outputs.max())
        names, output = caption.split("  ")
        assert names.split(" → ")[-1] == str(said)
        assert abs(float(output) - largest) < 0.0051
        wrong += "→" in names
    right = len(answers) - wrong
    headline = child(driver.window, PredictionsPanel).headline.text()
    assert headline.startswith(f"{right} of 409 right")


def test_what_failed_of_a_network_is_said_until_it_is_another(driver: Driver) -> None:
    session, document = driver.window.session, driver.window.document
    data = session.store.state.data
    session.store.update(data=replace(data, loaded=replace(not_none(data.loaded))))
    session.failed.emit("There is no memory for it.")  # while nobody knows yet of the new data
    QApplication.processEvents()
    assert driver.message() == "There is no memory for it."
    driver.select(0)
    driver.choose("duplicate")
    assert driver.message() == ""
    session.failed.emit("There is no memory for it.")
    document.replace_project(document.project(), None)
    assert driver.message() == ""


def test_a_theme_recolours_the_window(driver: Driver) -> None:
    def darkness() -> list[int]:
        image = driver.window.grab().toImage()
        spots = [(5, 60), (1260, 795), (20, 440), (960, 90)]
        return [image.pixelColor(x, y).lightness() for x, y in spots]

    driver.choose("theme.light")
    driver.settle()
    assert min(darkness()) > 200
    driver.choose("theme.dark")
    driver.settle()
    assert max(darkness()) < 60
    palette = driver.find(QComboBox, "setting.loss").palette()
    assert palette.color(QPalette.ColorRole.Text).lightness() > 180
    driver.choose("theme.system")


def test_a_broken_project_opens_the_notebook(open_window: OpenWindow, tmp_path: Path) -> None:
    path = tmp_path / "broken.layerscope"
    path.write_bytes(b"no zip at all")
    driver = open_window(path)
    assert "broken.layerscope is damaged" in driver.message()
    assert driver.rows() == NOTEBOOK
    assert driver.window.windowTitle().startswith("Untitled")


def test_two_windows_do_not_disturb_each_other_and_a_closed_one_leaves_no_tabs_behind(
    driver: Driver, tmp_path: Path
) -> None:
    driver.run("step_batch", "Paused")
    before, left = driver.weights(tmp_path), WeakSet[QObject]()
    with window_of(tmp_path / "home") as other:
        other.type_into("setting.seed", "5")
        other.run("step_batch", "Paused")
        name = "3.dense.weight"
        assert not np.array_equal(before[name], other.weights(tmp_path)[name])
        assert np.array_equal(before[name], driver.weights(tmp_path)[name])
        left.update(other.window.findChildren(QTabBar))
        for tabs in other.window.findChildren(QTabBar):
            tabs.repaint()
        assert len(left) > 1
        del other, tabs
    gc.collect()
    assert len(left) == 0
