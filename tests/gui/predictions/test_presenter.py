"""Digits in the real window: one pin for all panels, from the matrix to the digits, drawings."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from scipy.signal import correlate2d
from scipy.special import expit

from gui.confusion.panel import ConfusionPanel
from gui.draw.panel import DrawPanel
from gui.predictions.panel import PredictionsPanel
from gui.widgets.pinned_sample import Thumbnail
from tests.gui.driving import Driver
from tests.gui.finding import child, not_none
from tests.gui.watching import heard

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def driver(new_project: Driver) -> Driver:
    """Return the module's window with the notebook's network opened anew, and digits in order."""
    new_project.pick("predictions.order", "in order")
    return new_project


def digits_of(driver: Driver) -> PredictionsPanel:
    return driver.window.panels.predictions


def draw_of(driver: Driver) -> DrawPanel:
    return driver.find(DrawPanel, "panel.draw")


def outputs_of(image: NDArray[np.uint8], weights: dict[str, NDArray[np.float32]]) -> list[float]:
    """Run an image (28, 28) through the notebook's network, by scipy."""
    kernels, bias = weights["0.conv.weight"][:, 0], weights["0.conv.bias"]
    maps = [
        expit(correlate2d(image / 255, kernel, "valid") + offset)
        for kernel, offset in zip(kernels, bias, strict=True)
    ]
    hidden = expit(weights["3.dense.weight"] @ np.ravel(maps) + weights["3.dense.bias"])
    found: list[float] = expit(
        weights["5.dense.weight"] @ hidden + weights["5.dense.bias"]
    ).tolist()
    return found


def bars(driver: Driver, panel: str) -> list[float]:
    """Read the numbers beside the bars."""
    shown = draw_of(driver).bars if panel == "draw" else digits_of(driver).pane.bars
    return [float(row.split("  ")[-1].replace("−", "-")) for row in shown.texts()]


def test_after_a_change_gradients_kernels_and_drawing_speak_of_no_step(driver: Driver) -> None:
    weights, drawing = driver.window.panels.weights, driver.window.panels.drawing
    stage = driver.window.stage
    driver.make_smaller()
    driver.run("step_epoch", "Paused")
    stage.show_panel("Kernels")
    driver.wait(lambda: weights.kernels.legend.text().endswith("as of epoch 1"))
    stage.show_panel("Gradients")
    driver.wait(lambda: weights.gradients.headline.text().startswith("Gradients reach"))
    when = driver.find(QLabel, "gradients.when")
    driver.wait(lambda: when.text() == "at epoch 1")
    stage.show_panel("What it sees")
    driver.settle()
    assert drawing.canvas.gradients
    stage.show_panel("Kernels")
    driver.window.edits.add("relu", 5)
    driver.wait(lambda: weights.kernels.legend.text().endswith("changed, not trained"))
    stage.show_panel("Gradients")
    driver.wait(lambda: weights.gradients.headline.text().startswith("Curves are from before your"))
    driver.wait(lambda: when.text() == "changed, not trained")
    stage.show_panel("What it sees")
    driver.settle()
    assert not drawing.canvas.gradients
    stage.reset()


def draw_a_line(driver: Driver, *shares: tuple[float, float]) -> None:
    canvas = draw_of(driver).canvas
    side = canvas.square().width()
    points = [QPoint(int(x * side), int(y * side)) for x, y in shares]
    QTest.mousePress(canvas, LEFT, pos=points[0])
    for point in points[1:]:
        QTest.mouseMove(canvas, point)
    QTest.mouseRelease(canvas, LEFT, pos=points[-1])


def open_draw(driver: Driver) -> None:
    driver.window.stage.show_panel("Draw")
    driver.wait(draw_of(driver).isVisible)


def test_bars_of_a_digit_and_a_drawing_are_those_of_scipy(driver: Driver, tmp_path: Path) -> None:
    driver.make_smaller()
    driver.run("step_epoch", "Paused")
    driver.wait_for_panels()
    weights = driver.weights(tmp_path)
    driver.click_digit(5)
    expected = outputs_of(not_none(driver.window.session.samples).images[5, 0], weights)
    assert np.abs(np.array(bars(driver, "predictions")) - expected).max() < 6e-4

    open_draw(driver)
    draw_a_line(driver, (0.5, 0.2), (0.45, 0.5), (0.4, 0.8))
    driver.settle()
    seen = draw_of(driver).seen.picture()
    assert seen.shape == (1, 28, 28)
    assert seen.max() == 255
    expected = outputs_of(seen[0], weights)
    assert np.abs(np.array(bars(driver, "draw")) - expected).max() < 6e-4
    assert driver.maps.sample.texts()[0] == "Your drawing"


def test_a_network_is_sure_by_percent_where_its_outputs_are_shares(driver: Driver) -> None:
    driver.make_smaller()
    driver.run("step_epoch", "Paused")
    pane = digits_of(driver).pane
    driver.wait(lambda: pane.sample._verdict.text().startswith(("✓ right, 0.", "✗ wrong, 0.")))
    driver.choose("stop")
    driver.window.edits.add("softmax", len(driver.window.document.stack.slots))
    driver.settle()
    driver.wait(lambda: pane.sample._verdict.text().endswith(" % sure"))
    largest = max(bars(driver, "predictions"))
    said = pane.sample._verdict.text().split()[2]
    assert float(said) == pytest.approx(100 * largest, abs=0.06)


def test_a_drawing_is_pinned_until_a_digit_is_clicked_again_on_return_and_undone_by_itself(
    driver: Driver,
) -> None:
    driver.select(0)
    driver.type_into("option.depth", "4")
    rows = driver.rows()
    open_draw(driver)
    draw_a_line(driver, (0.5, 0.2), (0.5, 0.8))
    driver.wait(lambda: driver.maps.sample.texts()[0] == "Your drawing")
    assert driver.pinned() is None
    driver.window.stage.show_panel("Test image")
    pane = digits_of(driver).pane
    driver.wait(lambda: pane.isVisible() and pane.sample.texts()[0] == "Your drawing")
    driver.click_digit(2)
    assert driver.pinned() == 2
    driver.wait(lambda: driver.maps.sample.texts()[0].startswith("Test image 3"))
    before = draw_of(driver).canvas.ink()
    open_draw(driver)  # the focus goes there, too
    driver.wait(lambda: driver.maps.sample.texts()[0] == "Your drawing")
    assert (draw_of(driver).canvas.ink() == before).all()
    assert driver.pinned() is None
    for _ in range(2):  # which undo nothing of the network
        driver.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    canvas = draw_of(driver).canvas
    assert canvas.is_empty()
    driver.press(Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert not canvas.is_empty()
    assert driver.rows() == rows
    driver.blocks.setFocus()
    driver.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert driver.rows() != rows


def test_the_feature_maps_follow_a_stroke_while_it_trains(driver: Driver) -> None:
    open_draw(driver)
    driver.click("train")
    driver.wait_for("Training", "Finished")
    draw_a_line(driver, (0.3, 0.2), (0.3, 0.8))
    driver.wait(lambda: driver.maps.sample.texts()[0] == "Your drawing")
    driver.wait(lambda: len(bars(driver, "draw")) == 2)
    driver.stop()
    draw_a_line(driver, (0.2, 0.5), (0.8, 0.5))
    driver.settle()
    drawn = draw_of(driver).seen.picture()
    assert driver.window.session.store.state.data.pinned is None
    assert np.ptp(np.flatnonzero(drawn[0].any(axis=0))) >= 18  # the second stroke is in it
    assert (child(driver.maps.sample, Thumbnail).picture() == drawn).all()


def test_a_cell_of_the_matrix_shows_its_digits(driver: Driver) -> None:
    """The untrained network confuses; the counts are those of the captions."""
    captions = driver.captions()
    driver.window.stage.show_panel("Confusion matrix")
    digits, confusion = digits_of(driver), driver.find(ConfusionPanel, "panel.confusion")
    driver.wait(lambda: confusion.isVisible() and not confusion.dirty)
    table = confusion.table
    pairs = [caption.split("  ")[0].split(" → ") for caption in captions]
    true, predicted = next(pair for pair in pairs if len(pair) == 2)
    cell = table.cells.index(int(true), int(predicted))
    count = sum(pair == [true, predicted] for pair in pairs)
    assert cell.data() == f"{count:,}"
    table.setFocus()
    table.setCurrentIndex(cell)
    QTest.keyClick(table, Qt.Key.Key_Return)
    driver.wait(digits.isVisible)
    shown = driver.captions()
    assert len(shown) == count
    assert all(caption.startswith(f"{true} → {predicted}  ") for caption in shown)
    assert digits.grid.hasFocus()
    digits.filters.clear.click()
    assert len(driver.captions()) == len(captions)


def test_another_project_is_shown_without_the_filter(driver: Driver) -> None:
    driver.pick("predictions.filter", "wrong")
    driver.pick("predictions.true", "true: 1")
    driver.pick("predictions.order", "hardest")
    assert len(driver.captions()) < 409
    driver.choose("new.digits")
    driver.wait_for_panels()
    assert len(driver.captions()) == 2000
    wanted = digits_of(driver).filters.filter()
    assert (wanted.verdict, wanted.true, wanted.hardest_first) == ("all", None, True)


def test_n_goes_to_the_next_mistake_from_a_number_box_too(driver: Driver) -> None:
    wrong = [row for row, caption in enumerate(driver.captions()) if "→" in caption]
    driver.click_digit(wrong[0])
    for position, name in enumerate(("setting.epochs", "setting.learning_rate"), start=1):
        driver.find(QWidget, name).setFocus()
        driver.press(Qt.Key.Key_N)
        assert driver.pinned() == wrong[position]
    driver.pick("predictions.filter", "right")
    driver.window.stage.show_panel("Draw")
    predictions = digits_of(driver)
    driver.wait(lambda: not predictions.isVisible())
    driver.choose("next_mistake")
    driver.wait(predictions.isVisible)
    assert predictions.note.text() == "no mistake here"


@pytest.mark.timing
def test_while_training_the_digits_in_view_are_newer_than_the_others(driver: Driver) -> None:
    driver.choose("new.digits")
    driver.type_into("setting.batch_size", "1")  # so that epochs are long: after each, all are new
    driver.type_into("setting.epochs", "500")
    driver.wait_for_panels()
    grid = digits_of(driver).grid
    grid.verticalScrollBar().setValue(grid.verticalScrollBar().maximum() // 2)
    room = grid.viewport().rect()
    seen = [
        grid.samples.index(row).data(Qt.ItemDataRole.UserRole)
        for row in range(grid.samples.rowCount())
        if grid.visualRect(grid.samples.index(row)).intersects(room)
    ]
    store, owner = driver.window.document.store, QObject()
    found = heard(store, lambda s: s.now.predictions, owner)

    def renewed() -> list[set[int]]:
        """Return which digits are new, each time that only some are."""
        return [
            set(np.flatnonzero((whole.outputs != newer.outputs).any(axis=1)).tolist())
            for whole, newer in pairwise(made for made in found if made is not None)
            if whole.watched_position is None
            and newer.watched_position is not None
            and newer.position is not None
            and newer.watched_position > newer.position == whole.position
        ]

    driver.click("train")
    expected = {*seen, driver.window.session.store.state.data.pinned}
    driver.wait(lambda: any(some and some <= expected for some in renewed()))
    driver.click("stop", until="Stopped")
    assert all(len(some) < 200 for some in renewed())
