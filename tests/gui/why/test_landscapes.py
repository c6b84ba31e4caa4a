"""Loss landscape: its centre, its path and its points against losses worked out anew."""

import numpy as np
import pytest

from engine.array_types import Array
from engine.explain.loss_landscape import random_plane
from engine.model.losses import LOSSES
from engine.model.network import Network
from engine.runs.store import RunStore
from gui.why.landscapes import LandscapeGrid, LandscapePage
from tests.gui.driving import Driver
from tests.gui.finding import not_none
from tests.gui.why.asking import ask, rows, shown, why

IMAGES = 30


@pytest.fixture
def driver(no_runs: Driver, monkeypatch: pytest.MonkeyPatch) -> Driver:
    """Return the module's window with a small network that was trained; few images are asked."""
    monkeypatch.setattr("gui.why.landscapes._IMAGES", IMAGES)
    no_runs.make_smaller()
    no_runs.type_into("setting.limit", "20")
    no_runs.run("step_epoch", "Paused")
    return no_runs


def page_of(driver: Driver, plane: str) -> LandscapePage:
    page = ask(driver, "Loss landscape")
    assert isinstance(page, LandscapePage)
    driver.pick("why.plane", plane)
    driver.click("why.plane.draw")
    driver.wait(lambda: not page.draw.working)
    return page


def loss_of(driver: Driver, network: Network) -> tuple[float, Array]:
    """Return the mean loss of the first test images, and the outputs for them."""
    samples = not_none(driver.window.view.state.samples).take(np.arange(IMAGES))
    images = samples.images[np.arange(IMAGES)].astype(np.float32) / 255
    outputs = network.activations(images)[-1]
    targets = np.eye(2, dtype=np.float32)[samples.labels]
    rule = LOSSES[driver.window.document.settings.loss]
    return float(rule.values(outputs, targets, network.numerics).mean()), outputs


def test_the_centre_of_a_random_plane_is_the_loss_and_a_click_asks_elsewhere(
    driver: Driver,
) -> None:
    page = page_of(driver, "random")
    network = driver.window.view.project().network()
    loss, _ = loss_of(driver, network)
    assert 10 ** shown(driver, "plane.loss")[8, 8] == pytest.approx(loss, rel=1e-5)
    assert f"{loss:.4g}"[:5] in page.words.text()
    found = {(float(row[1]), float(row[2])): float(row[3]) for row in rows(why(driver))}
    assert len(found) == 17 * 17
    plane = random_plane(driver.window.view.project().network())
    network.set_weights(plane.at(-1.0, 0.5))
    elsewhere, outputs = loss_of(driver, network)
    assert found[-1.0, 0.5] == pytest.approx(elsewhere, rel=1e-5)
    page.picture.grid.clicked.emit(0, 12)
    driver.wait(lambda: "are right" in page.words.text())
    samples = not_none(driver.window.view.state.samples)
    right = 100 * (outputs.argmax(axis=1) == samples.labels[:IMAGES]).mean()
    assert page.words.text().startswith("a = −1.00, b = 0.500: loss ")
    assert f"there it says {outputs[0].argmax()} of the image" in page.words.text()
    share = page.words.text().split("image, and ")[1].removesuffix(" % are right")
    assert float(share) == pytest.approx(right, abs=0.06)
    grid = page.picture.grid
    assert isinstance(grid, LandscapeGrid)
    assert len(grid._contours) >= 12
    assert grid._ends == ["here"]
    assert not page.surface.isVisible()
    driver.pick("why.plane.form", "surface")
    assert page.surface.isVisible()
    assert not page.picture.isVisible()
    for (a, b), value in found.items():
        place = round(8 * (a + 1)), round(8 * (b + 1))
        assert page.surface.heights[place] == pytest.approx(np.log10(value))
    driver.pick("why.plane.form", "contour")


def test_the_plane_of_the_run_has_its_way_and_what_is_drawn_stays_when_it_is_stopped(
    driver: Driver,
) -> None:
    driver.run("step_epoch", "Paused")
    page = page_of(driver, "the run's way")
    origin = not_none(driver.window.view.project().origin)
    driver.wait(lambda: origin.epoch in RunStore().of_id(origin.run).kept_epochs)
    run = RunStore().of_id(origin.run)
    path = [row for row in rows(why(driver)) if row[0].startswith("path")]
    kept = [run.project_after(epoch).network() for epoch in run.kept_epochs]
    assert len(path) == len(kept)
    for row, network in zip(path, kept, strict=True):
        assert float(row[3]) == pytest.approx(loss_of(driver, network)[0], rel=1e-5)
    assert [float(number) for number in path[-1][1:3]] == [0, 0]
    assert isinstance(page.picture.grid, LandscapeGrid)
    assert page.picture.grid._ends == page.surface._ends == ["epoch 0", "here"]
    assert "of the way" in page.words.text()
    driver.pick("why.plane.side", "51")
    driver.click("why.plane.draw")
    driver.wait(lambda: 51 * 51 > page._taken > 20)
    page.draw.click()
    driver.wait(lambda: not driver.window.jobs.title)
    found = shown(driver, "plane.loss")
    assert found.shape == (51, 51)
    assert np.isfinite(found).all()
    assert len(np.unique(found)) < 51 * 51
    driver.pick("why.plane.side", "17")
