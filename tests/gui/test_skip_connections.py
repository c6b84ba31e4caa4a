"""A network with skip connections in the real window: each view has its Adds, and calls them so."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QComboBox, QTreeWidget

from engine.blocks import Add, BatchNorm, Conv, Dense, GlobalAvgPool, ReLU, Sigmoid
from engine.files.project_file import save_project
from engine.model.stack import Stack
from engine.model.templates import notebook
from gui.network_drawing.drawing_view import Canvas
from gui.weights.gradient_curves import GRADIENT
from gui.weights.gradients import GradientsPanel
from gui.why.attributions import GradCamPage
from tests.gui.driving import Driver
from tests.gui.finding import not_none
from tests.gui.plots import points_of
from tests.gui.reading import mosaics
from tests.gui.why.asking import answer, ask, double, inputs_of

SAME = Conv(depth=3, kernel_size=3, padding="same", bias="channel")
HALF = Conv(depth=4, kernel_size=3, padding="same", stride=2, bias="channel")
STACK = Stack().appended(
    *(SAME, ReLU(), SAME, BatchNorm(), Add(source=2), ReLU(), HALF),
    *(Add(source=6, through="conv", stride=2), ReLU(), GlobalAvgPool(), Dense(units=2), Sigmoid()),
)
PROJECT = replace(notebook(), stack=STACK)
ADDS = {5: "Add block 2", 8: "Add block 6, 1×1 Conv, stride 2"}


def listed(driver: Driver, tree: str) -> list[str]:
    found = driver.find(QTreeWidget, tree)
    return [not_none(found.topLevelItem(n)).text(0) for n in range(found.topLevelItemCount())]


def chosen_from(driver: Driver, box: str) -> list[str]:
    found = driver.find(QComboBox, box)
    return [found.itemText(n) for n in range(found.count())]


def test_every_view_calls_an_add_by_the_block_that_it_takes_and_has_its_numbers(
    driver: Driver, tmp_path: Path
) -> None:
    save_project(PROJECT, tmp_path / "residual.layerscope")
    driver.open(tmp_path / "residual.layerscope")
    driver.wait_for_first_looks()
    driver.run("step_batch", "Paused")
    driver.settle()
    for number, label in ADDS.items():
        named = f"{number} {label}"
        assert driver.rows()[number - 1] == label
        driver.choose("view.feature_maps")
        driver.settle()
        titles = [mosaic._title.text().removeprefix("▸ ") for mosaic in mosaics(driver.maps)]
        assert f"{named} → {number + 1} ReLU" in titles
        driver.choose("view.drawing")
        canvas = driver.find(Canvas, "drawing.canvas")
        assert canvas.words_for(canvas.drawing.stages[number]).startswith(named)
        driver.choose("view.gradients")
        driver.settle()
        assert named in chosen_from(driver, "gradients.block")
        ask(driver, "Gradient")
        assert named in listed(driver, "why.way")
    assert_the_1x1_kernels_have_a_curve(driver, tmp_path)
    assert_grad_cam_weighs_the_maps_behind_the_last_sum(driver)


def assert_the_1x1_kernels_have_a_curve(driver: Driver, tmp_path: Path) -> None:
    driver.choose("view.gradients")
    driver.settle()
    panel = driver.find(GradientsPanel, "panel.gradients")
    panel.curves.draw()
    _, (norm,) = points_of(panel.curves.kinds[GRADIENT].plot, f"8 {ADDS[8]}")
    before, after = PROJECT.network(), driver.project(tmp_path / "after.layerscope")
    moved = [
        array - after.weights[8][key.name]
        for key, array in before.arrays.items()
        if key.slot_id == 8
    ]
    assert [array.shape for array in moved] == [(4, 3, 1, 1), (4,)]
    rate = PROJECT.settings.learning_rate  # of plain gradient descent
    steps = np.concatenate([array.ravel() for array in moved]) / rate
    assert norm == pytest.approx(np.linalg.norm(steps), rel=1e-3)


def assert_grad_cam_weighs_the_maps_behind_the_last_sum(driver: Driver) -> None:
    page = ask(driver, "Grad-CAM")
    assert isinstance(page, GradCamPage)
    assert page.block.currentText() == "9 ReLU"
    network, target = double(driver.window.view.project()), answer(driver)
    maps = network.activations(inputs_of(driver)[np.newaxis])[8][0]
    dense = network.layers[10].layer.parameters["weight"][target]
    # Behind them are a mean and a weight for each map.
    expected = np.maximum(np.einsum("m,mhw->hw", dense / maps[0].size, maps), 0)
    np.testing.assert_allclose(page.map.grid.values(), expected, rtol=1e-3, atol=1e-9)
