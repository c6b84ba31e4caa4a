"""What the cards are filled with: pixels and words are those of the snapshot's arrays."""

from dataclasses import replace

import numpy as np
import pyqtgraph as pg
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QSizeF
from PySide6.QtGui import QFontMetricsF, QImage

from engine.array_types import Array
from engine.blocks import Conv, Dense, KnownBlock, MaxPool, Reshape, Sigmoid
from engine.inputs.scaling import UNIT, Scaling
from engine.inspection.snapshot import BlockSnapshot, Sample, Snapshot
from engine.model.stack import Stack
from gui.network_drawing.layout import DrawingLayout, DrawnStage, JoinedTiles, lay_out
from gui.network_drawing.stage_pictures import (
    StagePicture,
    pictures_of,
    range_words,
    strongest,
    words_at,
)
from gui.storage.export_actions import file_font
from gui.widgets.sample_names import ClassOutput
from tests.gui.finding import not_none

RNG = np.random.default_rng(5)


def drawn(
    stack: Stack,
    values: list[Array],
    image: NDArray[np.uint8],
    *,
    side: float = 500,
    ratio: float = 1,
    scaling: Scaling = UNIT,
) -> tuple[DrawingLayout, list[StagePicture | None]]:
    """Lay a stack out and fill it with values, block by block."""
    metrics, report = QFontMetricsF(file_font()), stack.check(2, "bce")
    plan = lay_out(
        report,
        stack.input_shape,
        QSizeF(side, 0.7 * side),
        metrics.horizontalAdvance,
        metrics.height(),
        ratio,
    )
    blocks = tuple(
        BlockSnapshot(slot.id, slot.label, slot.block.group, array)
        for slot, array in zip(stack, values, strict=False)
    )
    outputs = values[-1] if report.predicts and len(values) == len(stack) else None
    sample = Sample(image, (0, 1), 3, 1, scaling=scaling)
    seen = Snapshot(sample, sample.inputs(np.float32), outputs, blocks)
    return plan, pictures_of(plan, seen)


def small(*blocks: KnownBlock, channels: int = 1) -> tuple[Stack, NDArray[np.uint8]]:
    stack = Stack(input_shape=(channels, 6, 6)).appended(*blocks)
    return stack, RNG.integers(0, 256, (channels, 6, 6), dtype=np.uint8)


Filled = tuple[DrawnStage, JoinedTiles, StagePicture, QImage]


def filled(plan: DrawingLayout, pictures: list[StagePicture | None], number: int) -> Filled:
    """Return a stage, how its maps are placed, what fills it, and its image."""
    stage, picture = plan.stages[number], not_none(pictures[number])
    return stage, not_none(stage.grid), picture, not_none(picture.image)


def said(words: str) -> float:
    """Read the number at the end of what is said."""
    return float(words.rsplit(" ", 1)[1].replace("−", "-"))


def colour(image: QImage, x: int, y: int) -> tuple[int, int, int]:
    found = image.pixelColor(x, y)
    return found.red(), found.green(), found.blue()


def viridis(share: float) -> tuple[int, int, int]:
    """Look up a colour another way: pyqtgraph's own map."""
    found = pg.colormap.get("viridis").getLookupTable(nPts=256, alpha=False)
    red, green, blue = found[round(share * 255)]
    return int(red), int(green), int(blue)


def test_every_cell_of_a_map_has_the_colour_of_its_value() -> None:
    stack, image = small(Conv(depth=3, kernel_size=3), Sigmoid())
    maps = RNG.normal(size=(3, 4, 4)).astype(np.float32)
    stage, grid, picture, seen = filled(*drawn(stack, [maps], image), 1)
    low, high = float(maps.min()), float(maps.max())
    for tile, row, column in np.ndindex(3, 4, 4):
        cell = grid.cell(*grid.place(tile, row, column))
        at = int(cell.center().x()), int(cell.center().y())
        share = (float(maps[tile, row, column]) - low) / (high - low)
        near = {viridis(max(0.0, share - 1e-6)), viridis(min(1.0, share + 1e-6))}
        assert colour(seen, *at) in near
        words = words_at(stage, picture, *at)
        assert f"map {tile + 1} of 3, row {row + 1}, column {column + 1}: " in words
        assert said(words) == pytest.approx(float(maps[tile, row, column]), rel=1e-3)
    gap = int(grid.tile(1).top()) - 1
    assert seen.pixelColor(0, gap).alpha() == 0
    assert words_at(stage, picture, 0, gap) == range_words(picture)


def test_the_input_is_grey_or_in_its_own_colours() -> None:
    for channels in (1, 3):
        stack, image = small(Conv(), channels=channels)
        stage, grid, picture, seen = filled(*drawn(stack, [], image), 0)
        assert grid.count == grid.total == 1, "three colours are one image"
        for row, column in np.ndindex(6, 6):
            ink = [int(channel[row, column]) for channel in image]
            at = int(column * grid.scale), int(row * grid.scale)
            assert colour(seen, *at) == tuple(ink if channels == 3 else ink * 3)
        assert words_at(stage, picture, 0, 0).startswith("row 1, column 1: ")


def test_an_input_that_is_standardised_is_seen_as_the_image_and_read_as_the_network_gets_it() -> (
    None
):
    stack, image = small(Conv())
    plan, pictures = drawn(stack, [], image, scaling=Scaling((0.25,), (0.125,)))
    stage, _, picture, seen = filled(plan, pictures, 0)
    grey = int(image[0, 0, 0])
    assert colour(seen, 0, 0) == (grey, grey, grey)
    standard = (grey / 255 - 0.25) / 0.125
    assert said(words_at(stage, picture, 0, 0)) == pytest.approx(standard, abs=0.005)


def test_a_vector_is_read_like_a_text_and_has_zero_on_its_scale() -> None:
    stack, image = small(Reshape(), Dense(units=2))
    values = np.linspace(0.5, 2, 36, dtype=np.float32)
    stage, grid, picture, seen = filled(*drawn(stack, [values], image), 1)
    for number in range(36):
        x, y = (int(px) for px in grid.tile(number).topLeft().toTuple())
        assert colour(seen, x, y) == viridis(float(values[number]) / 2)
        assert f"value {number + 1} of 36: " in words_at(stage, picture, x, y)
    assert grid.tile(1).top() == 0


def test_what_has_no_room_is_the_mean() -> None:
    stack = Stack(input_shape=(1, 200, 200)).appended(MaxPool(), Reshape(), Dense(units=2))
    image = np.zeros((1, 200, 200), np.uint8)
    maps = RNG.normal(size=(1, 100, 100)).astype(np.float32)
    vector = maps.reshape(-1)
    plan, pictures = drawn(stack, [maps, vector], image, side=240)
    stage, grid, picture, _ = filled(plan, pictures, 1)
    joined = grid.joined
    assert joined > 1
    words = words_at(stage, picture, grid.scale * 2, grid.scale)
    mean = maps[0, joined : 2 * joined, 2 * joined : 3 * joined].mean()
    assert f"mean of {joined}×{joined}" in words
    assert said(words) == pytest.approx(mean, rel=1e-3)
    stage, grid, picture, _ = filled(plan, pictures, 2)
    assert grid.joined > 1
    mean = vector[: grid.joined].mean()
    assert said(words_at(stage, picture, 0, 0)) == pytest.approx(mean, rel=1e-3)


def test_what_is_not_finite_is_clear() -> None:
    stack, image = small(Conv(depth=1, kernel_size=3), Sigmoid())
    maps = np.ones((1, 4, 4), np.float32)
    maps[0, 0, 0], maps[0, 0, 1], maps[0, 3, 3] = np.nan, np.inf, 3
    _, grid, _, seen = filled(*drawn(stack, [maps], image), 1)
    alphas = [seen.pixelColor(int(n * grid.scale), 0).alpha() for n in range(4)]
    assert alphas == [0, 0, 255, 255]


def test_the_last_block_has_the_outputs_of_the_classes() -> None:
    stack, image = small(Reshape(), Dense(units=2), Sigmoid())
    outputs = np.array([0.75, 0.25], np.float32)
    _, pictures = drawn(stack, [np.zeros(36), np.zeros(2), outputs], image)
    last = not_none(pictures[-1])
    assert last.outputs == (
        ClassOutput("0", 0.75, True, False, wrong=True),
        ClassOutput("1", 0.25, False, True),
    )
    assert range_words(last) == "largest output: 0.7500, class 0"
    stack, image = small(Conv(depth=3, kernel_size=3), Sigmoid())
    _, pictures = drawn(stack, [np.zeros((2, 4, 4))], image)  # a snapshot of other shapes
    assert pictures[0] is not None
    assert pictures[1:] == [None, None]


def test_of_many_classes_the_strongest_and_the_true_one_are_shown() -> None:
    outputs = [
        ClassOutput(str(name), name / 256, name == 255, name == 3, wrong=name == 255)
        for name in range(256)
    ]
    assert [row.name for row in strongest(outputs, 4)] == ["255", "254", "253", "3"]
    assert [row.name for row in strongest(outputs, 1)] == ["255"]
    within = [replace(row, true=row.name == "254") for row in outputs]
    assert [row.name for row in strongest(within, 3)] == ["255", "254", "253"]
    assert strongest(outputs[:3], 3) == outputs[:3]
