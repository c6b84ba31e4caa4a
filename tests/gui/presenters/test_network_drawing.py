"""The living network in the real window: one snapshot with the other panels, steps, Under glass."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from gui.network_drawing.drawing_view import TITLE, NetworkDrawing
from gui.network_drawing.layout import DrawnStage
from tests.gui.driving import Driver


@pytest.fixture
def driver(new_project: Driver) -> Driver:
    """Return the module's window with the notebook's network opened anew."""
    return new_project


def living(driver: Driver) -> NetworkDrawing:
    """Bring the panel to the front and wait until it is drawn."""
    driver.window.docks.show_panel(TITLE)
    driver.settle()
    panel = driver.find(NetworkDrawing, "panel.drawing")
    driver.wait(lambda: panel.canvas.isVisible() and panel.canvas.pictures[1] is not None)
    return panel


def stage(panel: NetworkDrawing, slot_id: int) -> DrawnStage:
    found = panel.canvas.stage_of(slot_id)
    assert found is not None
    return found


def double_click(panel: NetworkDrawing, slot_id: int) -> None:
    spot = stage(panel, slot_id).body.center().toPoint()
    QTest.mouseClick(panel.canvas, Qt.MouseButton.LeftButton, pos=spot)
    QTest.mouseDClick(panel.canvas, Qt.MouseButton.LeftButton, pos=spot)


def test_it_shows_the_pinned_digit_and_follows_it(driver: Driver) -> None:
    panel = living(driver)
    samples = driver.window.session.samples
    assert samples is not None
    driver.click_digit(3)
    driver.settle()
    shown = panel.canvas.pictures[0]
    assert shown is not None
    np.testing.assert_allclose(shown.values[0], samples.images[3, 0] / 255, atol=1e-6)
    assert panel.readout().startswith("Test image 4 · ")


def test_a_step_runs_through_it_and_leaves_the_gradients(driver: Driver) -> None:
    panel = living(driver)
    glows: list[bool] = []
    panel.canvas.pulse.moved.connect(lambda: glows.append(panel.canvas.pulse.backward))
    before = panel.canvas.pictures[1]
    driver.run("step_batch", "Paused")
    driver.wait(lambda: bool(glows) and not panel.canvas.pulse.running)
    driver.settle()
    assert True in glows
    after = panel.canvas.pictures[1]
    assert before is not None
    assert after is not None
    assert not np.array_equal(before.values, after.values)
    learning = {row.slot.id for row in driver.window.document.report.rows if row.parameters}
    assert set(panel.canvas.gradients) == learning
    assert all(norm > 0 for norm in panel.canvas.gradients.values())
    driver.choose("reset")
    driver.settle()
    assert panel.canvas.gradients == {}


def test_a_click_selects_in_the_list(driver: Driver) -> None:
    panel = living(driver)
    spot = stage(panel, 4).body.center().toPoint()
    QTest.mouseClick(panel.canvas, Qt.MouseButton.LeftButton, pos=spot)
    assert driver.window.document.selected == 4
    assert driver.blocks.currentIndex().row() == 3


def test_a_double_click_puts_the_block_under_glass(driver: Driver) -> None:
    panel = living(driver)
    glass = driver.window.panels.glass
    double_click(panel, 1)
    driver.wait(lambda: glass.panel.isVisible() and glass.specimen is not None)
    driver.settle()
    assert glass.panel.tabs.currentWidget() is glass.convolution
    living(driver)
    double_click(panel, 6)
    driver.wait(lambda: glass.panel.tabs.currentWidget() is glass.step)
    driver.settle()
    assert "Dense 2" in glass.step.title.text()


def test_a_drawing_without_data_shows_the_network_alone(driver: Driver) -> None:
    panel = living(driver)
    driver.window.panels.drawing.panel.show_snapshot(None)
    driver.wait(lambda: panel.canvas.pictures == [None] * 8)
    assert panel.readout() == ""
