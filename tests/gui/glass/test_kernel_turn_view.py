"""Cross-correlation or convolution: both results, their difference, and the kernel's turn."""

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from engine.array_types import Array
from gui.glass.kernel_turn_view import KernelTurnView
from tests.correlation import convolve2d, correlate2d
from tests.gui.finding import named
from tests.gui.showing import on_screen
from tests.gui.waiting import run_events


@pytest.fixture
def view(qtbot: QtBot) -> KernelTurnView:
    return on_screen(qtbot, KernelTurnView(), 800, 480)


def pair(side: int, k: int, seed: int) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    return rng.random((side, side)), rng.normal(size=(k, k))


@pytest.mark.parametrize(("side", "k"), [(9, 5), (5, 2), (4, 1)])
def test_both_results_are_those_of_scipy(view: KernelTurnView, side: int, k: int) -> None:
    map_, kernel = pair(side, k, seed=side)
    view.show_pair(map_, kernel, "X₁", "K₂₁")
    with_turn, without = convolve2d(map_, kernel), correlate2d(map_, kernel)
    np.testing.assert_allclose(view.correlation.grid.values(), without, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(view.convolution.grid.values(), with_turn, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(view.difference.grid.values(), with_turn - without, atol=1e-12)
    assert view.correlation.grid.levels() == view.convolution.grid.levels()
    words = named(view, QLabel, "glass.comparison").text()
    assert words.startswith("X₁ ∗ K₂₁ = X₁ ⋆ rot180(K₂₁): equal in every cell.")
    assert ("looks the same when turned" in words) == (k == 1)
    largest = np.abs(with_turn - without).max()
    if k > 1:
        found = float(words.split("differ by up to ")[1].split(". The forward")[0])
        assert found == pytest.approx(largest, rel=1e-3)


def test_a_symmetric_kernel_makes_no_difference(view: KernelTurnView) -> None:
    map_, _ = pair(6, 3, seed=1)
    kernel = np.array([[1.0, 2, 1], [2, 5, 2], [1, 2, 1]])
    view.show_pair(map_, kernel, "X₁", "K₁₁")
    assert not view.difference.grid.values().any()
    assert (view.kernels_sign.text(), view.maps_sign.text()) == ("=", "=")
    assert "looks the same when turned, so ⋆ and ∗ are one" in view.words.text()


def test_low_all_stand_in_a_row_high_kernels_above(view: KernelTurnView) -> None:
    view.show_pair(*pair(8, 3, seed=5), "X₁", "K₁₁")
    run_events()
    assert view.correlation.y() > view.kernel.geometry().bottom()
    view.resize(500, 220)
    run_events()
    assert view.kernel.y() == view.correlation.y() == view.difference.y()
    places = [view.kernel, view.kernels_sign, view.turned, view.correlation, view.difference]
    for left, right in pairwise(places):
        assert left.geometry().right() < right.geometry().left()
    view.show_pair(*pair(28, 3, seed=5), "X₁", "K₁₁")
    view.resize(640, 360)
    run_events()
    for part in (view.correlation, view.convolution, view.difference):
        assert part.grid.cells().cell(0, 0).width() >= 5, "as large as their room"
        assert part.geometry().right() < view.width()
