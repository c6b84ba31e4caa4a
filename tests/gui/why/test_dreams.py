"""Dream: it grows before one's eyes, and excites its unit more than any test image does."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from gui.why.dreams import DreamPage
from gui.widgets.number_grid import NumberGrid
from tests.gui.driving import Driver
from tests.gui.finding import not_none
from tests.gui.why.asking import ask, rows, shown, why

LEFT = Qt.MouseButton.LeftButton


def dreaming(driver: Driver) -> DreamPage:
    page = ask(driver, "Dream")
    assert isinstance(page, DreamPage)
    return page


def test_a_dream_excites_a_map_more_than_the_test_images_beside_it(driver: Driver) -> None:
    page = dreaming(driver)
    driver.pick("why.dream.block", "2 Sigmoid")
    page.unit.setValue(3)
    driver.pick("why.dream.like", "any image")
    driver.settle()
    network = driver.window.view.project().network()
    samples = not_none(driver.window.view.state.samples)
    images = samples.images[np.arange(len(samples))]
    inputs = images.astype(np.float32) / 255
    means = network.activations(inputs, 2)[-1][:, 2].mean(axis=(1, 2))
    best = np.argsort(-means, kind="stable")[:6]
    np.testing.assert_array_equal(
        shown(driver, "dream.strongest"), samples.images[best][:, 0] / 255
    )
    found = [float(row[4]) for row in rows(why(driver)) if row[0] == "test image"]
    np.testing.assert_allclose(found, means[best], atol=1e-5)
    driver.click("why.dream.begin")
    driver.wait(lambda: not page.dream.working)
    assert "Step 128 of 128" in page.words.text()
    image = shown(driver, "dream.image")
    value = network.activations(image[np.newaxis].astype(np.float32), 2)[-1][0, 2].mean()
    assert value > means.max()
    step = next(row for row in rows(why(driver)) if row[0] == "step")
    assert float(step[4]) == pytest.approx(float(value), abs=1e-5)
    grid = driver.find(NumberGrid, "why.dream.strongest")
    place = grid.cells().cell(*grid.cells().place(1, 5, 5)).center().toPoint()
    QTest.mouseClick(grid, LEFT, pos=place)
    driver.wait(lambda: driver.pinned() == best[1])


def test_it_grows_step_by_step_stops_and_can_be_looked_at(driver: Driver) -> None:
    page = dreaming(driver)
    driver.pick("why.dream.block", "the class")
    driver.pick("why.dream.start", "grey")
    driver.settle()
    assert (shown(driver, "dream.image") == 0.5).all()
    assert not page.keep.isEnabled()
    before = page.dream.geometry()
    driver.click("why.dream.begin")
    driver.wait(lambda: page.step is not None and page.step.step > 3)
    driver.wait(lambda: "Step" in page.words.text())
    assert page.dream.text() == "Stop"
    assert page.dream.geometry() == before  # so that a second click stops it
    page.dream.click()
    driver.wait(lambda: not driver.window.jobs.title)
    assert not page.dream.working
    driver.wait(page.keep.isEnabled)
    page._show_step()
    dream = shown(driver, "dream.image")
    page.keep.click()
    driver.settle()
    sample = not_none(driver.window.view.state.pinned_sample)
    assert sample.index is None
    np.testing.assert_allclose(sample.image / 255, dream, atol=0.51 / 255)
