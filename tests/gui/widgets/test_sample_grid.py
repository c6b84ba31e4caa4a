"""The grid of digits: its model, its marks in pixels, its mouse and keys."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gui.theme import LIGHT
from gui.widgets.sample_grid import SampleGrid
from tests.gui.showing import colours_in, has_colour, on_screen

# Four samples of the digits 3 and 8: the second is called a 3 with 0.83, the last one overshoots.
LABELS = np.array([0, 1, 0, 1])
OUTPUTS = np.array([[0.99, 0.1], [0.83, 0.2], [0.6, 0.4], [-0.2, 1.3]])
CLASSES = ("3", "8")


@pytest.fixture
def grid(qtbot: QtBot) -> SampleGrid:
    made = SampleGrid()
    images = np.zeros((4, 1, 28, 28), dtype=np.uint8)
    images[..., :14, :14] = 255  # a white quarter, upper left
    made.set_samples(images, LABELS, CLASSES)
    made.set_outputs(OUTPUTS)
    return on_screen(qtbot, made, 480, 260)


def test_without_outputs_nothing_is_claimed(grid: SampleGrid) -> None:
    place = grid.visualRect(grid.samples.index(1))
    wrong = LIGHT.wrong.lower()
    assert wrong in colours_in(grid.viewport().grab(place).toImage())
    grid.set_outputs(None)
    first = grid.samples.index(0)
    assert first.data() == "3 → ?"
    said = first.data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == "Test image 1: a 3, not yet predicted."
    assert wrong not in colours_in(grid.viewport().grab(place).toImage())


def test_keys_walk_and_activate(qtbot: QtBot, grid: SampleGrid) -> None:
    grid.setCurrentIndex(grid.samples.index(1))
    QTest.keyClick(grid, Qt.Key.Key_Right)
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
        with qtbot.waitSignal(grid.sample_activated) as activated:
            QTest.keyClick(grid, key)
        assert activated.args == [2]


def test_images_larger_than_a_picture_lie_side_by_side(grid: SampleGrid) -> None:
    images = np.zeros((4, 3, 40, 90), np.uint8)
    images[:, 0] = np.array(reds := [60, 110, 160, 210]).reshape(4, 1, 1)
    grid.set_compact(True)
    grid.set_samples(images, LABELS, CLASSES)
    seen = grid.viewport().grab().toImage()
    assert [has_colour(seen, f"#{red:02x}0000").sum() for red in reds] == [40 * 90] * 4
