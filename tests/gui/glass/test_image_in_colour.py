"""An image in colour under glass: its partial sums by channel, and what is seen of it."""

import itertools

import numpy as np
import pytest
from PySide6.QtWidgets import QLabel, QTreeWidget
from pytestqt.qtbot import QtBot

from engine.array_types import Array
from engine.blocks import Conv, Dense, Reshape, Sigmoid
from engine.data.dataset import Dataset
from gui.glass.convolution_view import ConvolutionView
from gui.glass.specimen import Specimen
from gui.glass.step_page import PictureGrid
from gui.glass.step_view import StepView
from tests.gui.finding import child, named
from tests.gui.glass.convolution_reading import combo, text, total
from tests.gui.glass.specimens import specimen_of
from tests.gui.showing import on_screen

BLOCKS = (Conv(depth=2, kernel_size=3), Sigmoid(), Conv(depth=2), Reshape(), Dense(units=2))


@pytest.fixture
def specimen() -> Specimen:
    dice = np.random.default_rng(4)
    images = dice.integers(0, 256, (2, 3, 7, 6), dtype=np.uint8)
    samples = Dataset(images, np.array([0, 1]), (0, 1))
    return specimen_of(*BLOCKS, Sigmoid(), samples=samples, seed=5)


def partial_sums(specimen: Specimen, depth: int, row: int, column: int) -> list[float]:
    """Work out, with plain loops, the bias and what each channel adds to a cell of the result."""
    arrays = specimen.project.weights[specimen.report.rows[0].slot.id]
    image: Array = specimen.sample.image / 255
    sums = [float(arrays["bias"][depth, row, column])]
    for channel in range(3):
        kernel = arrays["weight"][depth, channel]
        sums.append(
            sum(
                float(kernel[y, x]) * float(image[channel, row + y, column + x])
                for y in range(3)
                for x in range(3)
            )
        )
    return sums


def test_the_sum_of_a_cell_names_what_each_channel_adds(qtbot: QtBot, specimen: Specimen) -> None:
    view = on_screen(qtbot, ConvolutionView(), 1000, 700)
    view.show_specimen(specimen)
    view.map.setCurrentIndex(1)
    view.position.setValue(2 * 4 + 3)
    sums = partial_sums(specimen, 1, 2, 3)
    line = text(view, "made_of").split(" = ")[1].removesuffix(" =").replace("− ", "+ −")
    written = [part.split(" ") for part in line.split(" + ")]
    assert [name for _, name in written] == ["bias", "red", "green", "blue"]
    for (number, _), true in zip(written, sums, strict=True):
        assert float(number.replace("−", "-")) == pytest.approx(true, abs=1e-6)
    assert total(view) == pytest.approx(sum(sums), abs=1e-6)
    table = child(view, QTreeWidget)
    names = [item.text(0) for item in map(table.topLevelItem, range(4)) if item is not None]
    assert names == ["bias", "X₁ ⋆ K₂₁ red", "X₂ ⋆ K₂₂ green", "X₃ ⋆ K₂₃ blue"]
    assert combo(view, "term").itemText(2) == "X₃ blue"


def test_maps_of_a_later_block_are_no_colours(qtbot: QtBot, specimen: Specimen) -> None:
    view = on_screen(qtbot, ConvolutionView(), 1000, 700)
    view.show_specimen(specimen)
    view.block.setCurrentIndex(1)
    assert "red" not in text(view, "made_of") + combo(view, "term").itemText(0)


def test_a_step_names_the_channels_and_shows_the_image_in_colour(
    qtbot: QtBot, specimen: Specimen
) -> None:
    view = on_screen(qtbot, StepView(), 1000, 700)
    view.show_specimen(specimen)
    words = named(view, QLabel, "glass.words").text()
    assert "K" in words
    for name in ("red = ", "green = ", "blue = "):
        assert name in words
    picture = child(view, PictureGrid)
    seen = picture._colours()[..., :3]
    np.testing.assert_array_equal(np.moveaxis(seen, -1, 0), specimen.sample.image)


def test_in_a_narrow_view_no_control_lies_over_another(qtbot: QtBot, specimen: Specimen) -> None:
    view = on_screen(qtbot, ConvolutionView(), 328, 240)
    view.show_specimen(specimen)
    controls = view.block, view.equation, view.map, view.term, view.turn
    for left, right in itertools.pairwise(controls):
        assert left.geometry().right() < right.geometry().left(), right.objectName()
