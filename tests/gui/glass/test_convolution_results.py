"""The results of the convolution under glass, worked out by loops and by the engine."""

import re

import numpy as np
import pytest
from PySide6.QtWidgets import QTreeWidget
from pytestqt.qtbot import QtBot

from engine.array_types import Array
from engine.blocks import Conv, KnownBlock, ReLU, Sigmoid, Tanh
from engine.explain.convolution import EQUATIONS, Equation
from gui.glass.convolution_view import ConvolutionView
from gui.glass.specimen import Specimen
from tests.gui.finding import named
from tests.gui.glass.convolution_reading import (
    END,
    STACKS,
    choose,
    combo,
    grid,
    read,
    slider,
    ten_to_the,
    text,
    total,
)
from tests.gui.glass.specimens import samples_of, specimen_of
from tests.gui.glass.truth import fast_results_of, results_of
from tests.gui.showing import on_screen


@pytest.fixture
def view(qtbot: QtBot) -> ConvolutionView:
    return on_screen(qtbot, ConvolutionView(), 900, 640)


def asked(equation: Equation, whole: Array, place: int) -> Array:
    """Find what entry `place` of the list of results stands for."""
    maps = whole.reshape(-1, *whole.shape[2:]) if equation == "∂E/∂K" else whole
    found: Array = maps[place]
    return found


def check_results(view: ConvolutionView, specimen: Specimen, position: int) -> None:
    """Go through all results of all equations, and some cells of each."""
    exact, fast = results_of(specimen, position), fast_results_of(specimen, position)
    rng = np.random.default_rng(position)
    for number, equation in enumerate(EQUATIONS):
        choose(combo(view, "equation"), number)
        largest = float(np.abs(exact[equation]).max())
        for place in range(combo(view, "map").count()):
            choose(combo(view, "map"), place)
            truth = asked(equation, exact[equation], place)
            shown = grid(view, "result").values()
            np.testing.assert_allclose(shown, truth, rtol=0, atol=1e-9 * largest)
            if equation in fast:
                found = asked(equation, fast[equation], place)
                assert np.abs(shown - found).max() <= 1e-5 * np.abs(fast[equation]).max()
            assert slider(view).maximum() == truth.size - 1
            for cell in {0, truth.size - 1, *rng.integers(0, truth.size, 3).tolist()}:
                check_cell(view, equation, truth, cell)


def check_cell(view: ConvolutionView, equation: Equation, truth: Array, cell: int) -> None:
    """Read one cell: its sum, and every term's window, factors and products."""
    slider(view).setValue(cell)
    value = float(truth.ravel()[cell])
    assert total(view) == pytest.approx(value, rel=1e-6, abs=1e-12)
    row, column = divmod(cell, truth.shape[1])
    assert f"[{row + 1}, {column + 1}]" in text(view, "made_of")
    terms = combo(view, "term")
    sums = 0.0
    for place in range(terms.count()):
        choose(terms, place)
        patch, factors = grid(view, "patch").values(), grid(view, "factors").values()
        (frame,) = grid(view, "sheet").frames()
        covered = grid(view, "sheet").values()[
            frame.top : frame.top + frame.height, frame.left : frame.left + frame.width
        ]
        np.testing.assert_array_equal(patch, covered)
        products = grid(view, "products").values()
        np.testing.assert_array_equal(products, patch * factors)
        sums += float(products.sum())
    bias = value - sums
    if equation != "Y":
        assert abs(bias) <= 1e-9 * max(1.0, abs(value))
    table = named(view, QTreeWidget, "glass.terms")
    rows = [table.topLevelItem(row) for row in range(table.topLevelItemCount())]
    written = [tuple(read(row.text(n)) for n in (1, 2)) for row in rows if row is not None]
    factor = ten_to_the(table.headerItem().text(1))
    for number, (_, so_far) in enumerate(written, start=1):
        assert sum(each for each, _ in written[:number]) == pytest.approx(so_far, abs=1e-9)
    largest = max(abs(each) for each, _ in written)
    assert written[-1][1] * factor == pytest.approx(value, abs=6e-4 * largest * factor + 1e-12)


@pytest.mark.parametrize("name", STACKS)
def test_every_result_is_that_of_loops_and_of_the_engine(view: ConvolutionView, name: str) -> None:
    side, blocks = STACKS[name]
    specimen = specimen_of(*blocks, *END, samples=samples_of(side), seed=side)
    view.show_specimen(specimen)
    positions = [n for n, block in enumerate(blocks) if isinstance(block, Conv)]
    assert combo(view, "block").count() == len(positions)
    for place, position in enumerate(positions):
        choose(combo(view, "block"), place)
        check_results(view, specimen, position)


@pytest.mark.parametrize("seed", range(4))
def test_random_stacks(view: ConvolutionView, seed: int) -> None:
    rng = np.random.default_rng(seed)
    side = int(rng.integers(8, 13))
    activations: list[KnownBlock] = [Sigmoid(), Tanh(), ReLU(), Sigmoid()]
    blocks = (random_conv(rng, 4), activations[seed], random_conv(rng, 3))
    specimen = specimen_of(*blocks, *END, samples=samples_of(side, seed=seed + 1), seed=seed)
    view.show_specimen(specimen)
    for place in range(2):
        choose(combo(view, "block"), place)
        check_results(view, specimen, 2 * place)


def random_conv(rng: np.random.Generator, largest: int) -> Conv:
    return Conv(
        depth=int(rng.integers(1, 4)),
        kernel_size=int(rng.integers(1, largest + 1)),
        stride=int(rng.integers(1, 3)),
        padding="same" if rng.random() < 0.5 else "valid",
        bias="channel" if rng.random() < 0.5 else "position",
    )


def test_bias_and_factors_are_the_weights(view: ConvolutionView) -> None:
    specimen = specimen_of(Conv(depth=2, kernel_size=3), *END, seed=4)
    view.show_specimen(specimen)
    arrays = specimen.project.weights[specimen.project.stack.slots[0].id]
    choose(combo(view, "map"), 1)
    slider(view).setValue(5)
    np.testing.assert_array_equal(grid(view, "factors").values(), arrays["weight"][1, 0])
    bias = float(arrays["bias"][1, 1, 1])
    assert text(view, "made_of").startswith("Y₂ [2, 2] = ")
    written = text(view, "made_of").split(" = ")[1].split(" ")[0].replace("−", "-")
    assert float(written) == pytest.approx(bias, rel=1e-3)
    choose(combo(view, "equation"), 3)
    np.testing.assert_array_equal(
        grid(view, "factors").values(), arrays["weight"][0, 0, ::-1, ::-1]
    )
    border = grid(view, "sheet").values()
    assert border.shape == (8, 8)
    assert not border[:2].any()
    assert not border[-2:].any()
    assert not border[:, :2].any()
    assert not border[:, -2:].any()


def test_many_terms_are_summed_up_in_words(view: ConvolutionView) -> None:
    side, blocks = STACKS["wide"]
    view.show_specimen(specimen_of(*blocks, *END, samples=samples_of(side), seed=2))
    choose(combo(view, "block"), 1)
    found = re.fullmatch(
        r"Y₁ \[1, 1\] = (\S+) ([+−]) (\S+) ([+−]) (\S+) \+ \(9 more: (\S+)\) ([+−]) (\S+) =",
        text(view, "made_of"),
    )
    assert found is not None, text(view, "made_of")
    signs = ["+", found[2], found[4], "+", found[7]]
    numbers = [float(found[n].replace("−", "-")) for n in (1, 3, 5, 6, 8)]
    signed = [-n if sign == "−" else n for sign, n in zip(signs, numbers, strict=True)]
    assert sum(signed) == pytest.approx(total(view), abs=2e-3)
