"""What the convolution under glass writes adds up, and every picture has its scale."""

import re

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from engine.blocks import Conv
from engine.explain.convolution import EQUATIONS
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


def test_docked_a_small_kernel_has_its_numbers(view: ConvolutionView) -> None:
    view.resize(484, 230)
    view.show_specimen(specimen_of(Conv(depth=5), *END, samples=samples_of(28), seed=1))
    run_events()
    for name in ("patch", "factors", "products"):
        written = grid(view, name).text(1, 1)
        assert decimals(written) >= 2, name
    assert grid(view, "sheet").cells().scale == 3  # px a cell of the digit


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
