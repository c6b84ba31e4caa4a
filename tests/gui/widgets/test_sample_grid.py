"""The grid of digits: its model, its marks in pixels, its mouse and keys."""

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gui.theme import LIGHT
from gui.widgets.prediction_model import PredictionModel
from gui.widgets.sample_grid import SampleGrid
from tests.gui.showing import on_screen

# Four samples of the digits 3 and 8: the second is called a 3 with 0.83, the last one overshoots.
LABELS = np.array([0, 1, 0, 1])
OUTPUTS = np.array([[0.99, 0.1], [0.83, 0.2], [0.6, 0.4], [-0.2, 1.3]])
CLASSES = ("3", "8")


def pictures(count: int) -> np.ndarray[tuple[int, int, int, int], np.dtype[np.uint8]]:
    images = np.zeros((count, 1, 28, 28), dtype=np.uint8)
    images[..., :14, :14] = 255  # a white quarter, upper left
    return images


@pytest.fixture
def grid(qtbot: QtBot) -> SampleGrid:
    made = SampleGrid()
    made.set_samples(pictures(4), LABELS, CLASSES)
    made.set_outputs(OUTPUTS)
    return on_screen(qtbot, made, 480, 260)


def item_picture(grid: SampleGrid, row: int) -> QImage:
    return grid.viewport().grab(grid.visualRect(grid.samples.index(row))).toImage()


def colours_in(image: QImage) -> dict[str, int]:
    counts: dict[str, int] = {}
    for y in range(image.height()):
        for x in range(image.width()):
            name = image.pixelColor(x, y).name()
            counts[name] = counts.get(name, 0) + 1
    return counts


def texts(model: PredictionModel, role: Qt.ItemDataRole) -> list[Any]:
    return [model.data(model.index(row), role) for row in range(model.rowCount())]


def test_without_outputs_nothing_is_claimed(grid: SampleGrid) -> None:
    grid.set_outputs(None)
    assert texts(grid.samples, Qt.ItemDataRole.DisplayRole)[0] == "3 → ?"
    said = texts(grid.samples, Qt.ItemDataRole.AccessibleTextRole)[0]
    assert said == "Test image 1: a 3, not yet predicted."
    assert LIGHT.wrong.lower() not in colours_in(item_picture(grid, 1))


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_keys_walk_and_activate(qtbot: QtBot, grid: SampleGrid, key: Qt.Key) -> None:
    grid.setCurrentIndex(grid.samples.index(0))
    QTest.keyClick(grid, Qt.Key.Key_Right)
    QTest.keyClick(grid, Qt.Key.Key_Right)
    with qtbot.waitSignal(grid.sample_activated) as activated:
        QTest.keyClick(grid, key)
    assert activated.args == [2]
