"""The living network in the real window: one snapshot with the other panels, steps, Under glass."""

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from gui.network_drawing.drawing_view import TITLE, NetworkDrawing
from tests.gui.driving import Driver
from tests.gui.finding import not_none


def living(driver: Driver) -> NetworkDrawing:
    """Bring the panel to the front and wait until it is drawn."""
    driver.window.stage.show_panel(TITLE)
    driver.settle()
    panel = driver.find(NetworkDrawing, "panel.drawing")
    driver.wait(lambda: panel.canvas.isVisible() and panel.canvas.pictures[1] is not None)
    return panel


def click(panel: NetworkDrawing, slot_id: int, *, twice: bool) -> None:
    spot = not_none(panel.canvas.stage_of(slot_id)).body.center().toPoint()
    QTest.mouseClick(panel.canvas, Qt.MouseButton.LeftButton, pos=spot)
    if twice:
        QTest.mouseDClick(panel.canvas, Qt.MouseButton.LeftButton, pos=spot)


def test_it_follows_the_pinned_digit_and_each_step(driver: Driver) -> None:
    panel, samples = living(driver), not_none(driver.window.session.samples)
    driver.click_digit(3)
    driver.settle()
    shown, before = panel.canvas.pictures[:2]
    assert shown is not None
    assert before is not None
    np.testing.assert_allclose(shown.values[0], samples.images[3, 0] / 255, atol=1e-6)
    assert panel.readout.text().startswith("Test image 4 · ")
    driver.run("step_batch", "Paused")
    driver.settle()
    assert not np.array_equal(before.values, not_none(panel.canvas.pictures[1]).values)
    learning = {row.slot.id for row in driver.window.document.report.rows if row.parameters}
    assert set(panel.canvas.gradients) == learning
    assert all(norm > 0 for norm in panel.canvas.gradients.values())
    driver.choose("reset")
    assert panel.canvas.gradients == {}, "at once: blocks of another network have the same ids"
    driver.settle()
    driver.window.panels.drawing.show_snapshot(None)
    driver.wait(lambda: panel.canvas.pictures == [None] * 8)
    assert panel.readout.text() == ""


def test_a_new_network_shows_nothing_of_the_former_image(driver: Driver) -> None:
    panel = living(driver)
    driver.settle()
    assert panel.readout.text().startswith("Test image ")
    driver.choose("new.digits")
    panel.refresh()
    assert not panel.readout.text().startswith("Test image ")
    assert set(panel.canvas.pictures) == {None}
    driver.choose("view.feature_maps")
    maps = driver.window.panels.feature_maps
    maps.refresh()
    assert maps._empty.sentence().startswith("Here you will see")
    driver.choose("view.drawing")


def test_a_double_click_or_a_click_on_a_cell_leads_under_glass_and_escape_back(
    driver: Driver,
) -> None:
    click(living(driver), 4, twice=False)
    assert driver.window.document.selected == 4
    assert driver.blocks.currentIndex().row() == 3
    glass, panel = driver.window.panels.glass, living(driver)
    for block, view in ((1, glass.convolution), (6, glass.step)):
        click(living(driver), block, twice=True)
        driver.wait(lambda: glass.panel.isVisible() and glass.panel.specimen is not None)
        driver.settle()
        assert glass.panel.tabs.currentWidget() is view
    assert "Dense 2" in glass.step.title.text()
    conv = not_none(living(driver).canvas.stage_of(1))
    corner = conv.tile(3).topLeft().toPoint()
    spot = corner + QPoint(6, 5) * int(not_none(conv.grid).scale) - QPoint(1, 1)
    QTest.mouseClick(panel.canvas, Qt.MouseButton.LeftButton, pos=spot)
    driver.wait(lambda: driver.text("glass.where").startswith("row 5, column 6 ·"))
    assert glass.convolution.map.currentIndex() == 3
    QTest.keyClick(glass.panel, Qt.Key.Key_Escape)
    assert panel.isVisible()
    assert not glass.panel.isVisible()
