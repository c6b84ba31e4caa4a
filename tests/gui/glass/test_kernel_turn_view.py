"""Cross-correlation or convolution: both results, their difference, and the kernel's turn."""

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from scipy.signal import convolve2d, correlate2d

from engine.array_types import Array
from gui.glass.kernel_turn_view import KernelTurnView
from tests.gui.finding import named
from tests.gui.showing import on_screen
from tests.gui.waiting import run_events


@pytest.fixture
def view(qtbot: QtBot) -> KernelTurnView:
    return on_screen(qtbot, KernelTurnView(), 800, 480)


def pair(side: int, k: int, seed: int) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    return rng.random((side, side)), rng.normal(size=(k, k))


@pytest.mark.parametrize(("side", "k"), [(8, 3), (9, 5), (12, 7), (5, 2), (4, 1)])
def test_both_results_are_those_of_scipy(view: KernelTurnView, side: int, k: int) -> None:
    map_, kernel = pair(side, k, seed=side)
    view.show_pair(map_, kernel, "X₁", "K₂₁")
    shown = view.pictures
    with_turn, without = convolve2d(map_, kernel, "valid"), correlate2d(map_, kernel, "valid")
    np.testing.assert_allclose(shown.correlation.grid.values(), without, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(shown.convolution.grid.values(), with_turn, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(shown.difference.grid.values(), with_turn - without, atol=1e-12)
    assert shown.correlation.grid.levels() == shown.convolution.grid.levels()
    words = named(view, QLabel, "glass.comparison").text()
    assert words.startswith("X₁ ∗ K₂₁ = X₁ ⋆ rot180(K₂₁): equal in every cell.")
    assert ("looks the same when turned" in words) == (k == 1)
    largest = np.abs(with_turn - without).max()
    if k > 1:
        found = float(words.split("differ by up to ")[1].split(". The forward")[0])
        assert found == pytest.approx(largest, rel=1e-3)


def test_a_quarter_turn_goes_with_the_clock(view: KernelTurnView) -> None:
    map_, kernel = pair(6, 3, seed=6)
    view.show_pair(map_, kernel, "X₁", "K₁₁")
    view.angle.setValue(90)
    clockwise = np.array([[kernel[2 - column, row] for column in range(3)] for row in range(3)])
    result = correlate2d(map_, clockwise, "valid")
    np.testing.assert_allclose(view.pictures.convolution.grid.values(), result, atol=1e-12)
    assert named(view, QLabel, "glass.turned").text() == "90°"


def test_a_symmetric_kernel_makes_no_difference(view: KernelTurnView) -> None:
    map_, _ = pair(6, 3, seed=1)
    kernel = np.array([[1.0, 2, 1], [2, 5, 2], [1, 2, 1]])
    view.show_pair(map_, kernel, "X₁", "K₁₁")
    shown = view.pictures
    assert not shown.difference.grid.values().any()
    assert (shown.kernels_sign.text(), shown.maps_sign.text()) == ("=", "=")
    assert "looks the same when turned, so ⋆ and ∗ are one" in shown.words.text()


def test_low_all_stand_in_a_row_high_kernels_above(view: KernelTurnView) -> None:
    view.show_pair(*pair(8, 3, seed=5), "X₁", "K₁₁")
    run_events()
    shown = view.pictures
    assert shown.correlation.y() > shown.kernel.geometry().bottom()
    view.resize(500, 220)
    run_events()
    assert shown.kernel.y() == shown.correlation.y() == shown.difference.y()
    places = [shown.kernel, shown.kernels_sign, shown.turned, shown.correlation, shown.difference]
    for left, right in pairwise(places):
        assert left.geometry().right() < right.geometry().left()


@pytest.mark.parametrize("k", [1, 3])
def test_enlarged_the_maps_are_as_large_as_their_room(view: KernelTurnView, k: int) -> None:
    """Scales below leave more of the width than scales beside, where that is what lacks."""
    view.show_pair(*pair(28, k, seed=5), "X₁", "K₁₁")
    view.resize(640, 360)
    run_events()
    shown = view.pictures
    for part in (shown.correlation, shown.convolution, shown.difference):
        assert part.grid.cells().cell(0, 0).width() >= 5
        assert part.geometry().right() < shown.width()
