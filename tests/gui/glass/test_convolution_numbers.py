"""What the convolution under glass writes adds up, and every picture has its scale."""

import re
from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from engine.blocks import Conv
from engine.explain.by_block import convolution_of
from engine.explain.convolution import EQUATIONS
from engine.explain.training_step import take_step
from gui.glass.convolution_picture import ConvolutionPicture, PictureCell
from gui.glass.convolution_view import ConvolutionView
from tests.gui.glass.convolution_reading import (
    END,
    STACKS,
    choose,
    combo,
    decimals,
    grid,
    read,
    ten_to_the,
    text,
    total,
)
from tests.gui.glass.specimens import samples_of, specimen_of
from tests.gui.showing import on_screen
from tests.gui.waiting import run_events


@pytest.fixture
def view(qtbot: QtBot) -> ConvolutionView:
    return on_screen(qtbot, ConvolutionView(), 900, 640)


def summands(view: ConvolutionView) -> tuple[list[str], float]:
    """Read the numbers between the equals signs, and the power of ten behind them."""
    words = text(view, "made_of").split(" = ")[1].removesuffix(" =")
    inside, _, power = words.partition(" · 10")
    inside = inside.replace("− ", "+ −").removeprefix("(").removesuffix(")" if power else "")
    parts = [re.sub(r"\(\d+ more: (.+)\)", r"\1", part) for part in inside.split(" + ")]
    return parts, ten_to_the(f"·10{power}")


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("notebook", (468, 240)),
        ("notebook", (1500, 900)),
        ("same, stride 2", (468, 240)),
        ("same, stride 2", (900, 640)),
        ("wide", (468, 240)),
        ("wide", (1500, 900)),
        ("7×7", (900, 640)),
        ("pooled", (468, 240)),
    ],
)
def test_what_is_written_adds_up(view: ConvolutionView, name: str, size: tuple[int, int]) -> None:
    """Add up the products as they are written, and the terms as they are written."""
    side, blocks = STACKS[name]
    view.resize(*size)
    view.show_specimen(specimen_of(*blocks, *END, samples=samples_of(side), seed=side))
    for block in range(combo(view, "block").count()):
        choose(combo(view, "block"), block)
        for equation in range(len(EQUATIONS)):
            choose(combo(view, "equation"), equation)
            run_events()
            check_written(view)


def check_written(view: ConvolutionView) -> None:
    parts, factor = summands(view)
    shown = max(map(decimals, parts))
    right = round(total(view) / factor, shown)
    assert sum(map(read, parts)) == pytest.approx(right, abs=1.01 * 10.0**-shown * 1e-3 + 1e-9)
    products = grid(view, "products")
    cells = list(np.ndindex(products.values().shape))
    written = [products.text(*cell) for cell in cells]
    if not written[0]:
        return  # there is no room for any
    shown = max(map(decimals, written))
    whole = float(products.values().sum()) / 10.0 ** products.exponent()
    assert sum(map(read, written)) == pytest.approx(round(whole, shown), abs=1e-9)
    largest = max(abs(read(number)) for number in written)  # two digits at least
    assert shown >= 1 + (largest < 1) or np.all(products.values() == products.values().round())
    for number, cell in zip(written, cells, strict=True):
        assert (number == "0") == (products.values()[cell] == 0)


def test_a_bias_that_is_nearly_zero_is_not_said_to_be_zero(view: ConvolutionView) -> None:
    """In the sum and in the table of its terms, as in the cells."""
    specimen = specimen_of(Conv(depth=1), Conv(depth=2), *END, samples=samples_of(9), seed=3)
    slots = specimen.project.stack.slots
    for slot in slots[:2]:
        specimen.project.weights[slot.id]["bias"][...] = 1e-7
    image = specimen.sample.image.astype(np.float64) / 255
    step = take_step(specimen.report, specimen.project.weights, specimen.project.settings, image, 0)
    view.show_specimen(replace(specimen, step=step))
    choose(combo(view, "block"), 1)
    run_events()
    width = view.sum.width()
    while decimals(summands(view)[0][0]) == decimals(text(view, "sum")):
        width -= 10
        view.sum.resize(width, view.sum.height())  # till it is too narrow for all decimals
    assert summands(view)[0][0] == "≈0"
    row = view.picture.terms.topLevelItem(0)
    assert row is not None
    assert [row.text(column) for column in range(3)] == ["bias", "≈0", "≈0"]


def test_docked_a_small_kernel_has_its_numbers(view: ConvolutionView) -> None:
    view.resize(484, 230)
    view.show_specimen(specimen_of(Conv(depth=5), *END, samples=samples_of(28), seed=1))
    run_events()
    for name in ("patch", "factors", "products"):
        written = grid(view, name).text(1, 1)
        assert decimals(written) >= 2, name
    assert grid(view, "sheet").cells().scale == 3  # px a cell of the digit


@pytest.mark.parametrize("size", [(484, 230), (950, 640)])
def test_every_picture_has_its_scale_and_whole_cells(
    view: ConvolutionView, size: tuple[int, int]
) -> None:
    view.resize(*size)
    view.show_specimen(specimen_of(Conv(depth=5), *END, samples=samples_of(28), seed=1))
    run_events()
    for name in ("sheet", "patch", "factors", "products", "result"):
        shown = grid(view, name)
        area, inside = shown.cells().area, shown.rect().toRectF()
        assert inside.contains(area)
        beside = inside.right() - area.right(), inside.bottom() - area.bottom()
        assert beside[0] > 30 or beside[1] > 12, name  # where the scale is
        assert shown.cells().scale == round(shown.cells().scale)


@pytest.mark.parametrize("size", [(300, 90), (320, 130), (484, 230), (950, 640)])
def test_nothing_lies_over_anything_else(qtbot: QtBot, size: tuple[int, int]) -> None:
    specimen = specimen_of(Conv(depth=5), *END, samples=samples_of(28), seed=1)
    convolution = convolution_of(specimen.step.blocks[0])
    picture = on_screen(qtbot, ConvolutionPicture(), *size)
    picture.show_cell(PictureCell(convolution, convolution.step("Y", (0,), 10, 10), 0))
    run_events()
    assert (picture.width(), picture.height()) == size
    shown = [part for part in (*picture._parts, *picture._signs) if part.isVisible()]
    for n, part in enumerate(shown):
        assert picture.rect().contains(part.geometry()), part.geometry()
        for other in shown[n + 1 :]:
            assert not part.geometry().intersects(other.geometry())


def test_equal_values_have_equal_colours_left_and_right(view: ConvolutionView) -> None:
    view.show_specimen(specimen_of(Conv(depth=2), *END, samples=samples_of(9), seed=3))
    choose(combo(view, "equation"), 2)
    scales = {grid(view, name).levels() for name in ("sheet", "patch", "products", "result")}
    assert len(scales) == 1
    choose(combo(view, "equation"), 0)
    assert grid(view, "sheet").levels() == grid(view, "patch").levels()


@pytest.mark.parametrize("kernel", [3, 5])
def test_the_window_has_numbers_where_its_kernel_has_them(
    view: ConvolutionView, kernel: int
) -> None:
    view.show_specimen(specimen_of(Conv(depth=5, kernel_size=kernel), *END, samples=samples_of(28)))
    seen = set()
    for height in range(150, 300, 15):
        view.resize(484, height)
        run_events()
        patch, factors = (grid(view, name) for name in ("patch", "factors"))
        assert bool(patch.text(0, 0)) == bool(factors.text(0, 0)), height
        inside = patch.cells().cell(0, 0).toRect().adjusted(3, 3, -3, -3)
        image = patch.grab(inside).toImage()
        colours = {image.pixel(x, y) for x in range(image.width()) for y in range(image.height())}
        assert (len(colours) > 1) == bool(patch.text(0, 0)), height
        seen.add(bool(factors.text(0, 0)))
    assert False in seen
