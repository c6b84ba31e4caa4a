"""Cross-correlation or convolution: both results, their difference, and the kernel's turn."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QApplication, QLabel, QProxyStyle, QStyle, QStyleOption, QWidget
from pytestqt.qtbot import QtBot
from scipy.signal import convolve2d, correlate2d

from engine.arrays import Array
from gui.glass.comparison_view import ComparisonView
from tests.gui.finding import named
from tests.gui.showing import on_screen
from tests.gui.waiting import run_events


class Still(QProxyStyle):
    """A desktop that wants nothing to move."""

    def styleHint(
        self,
        hint: QStyle.StyleHint,
        option: QStyleOption | None = None,
        widget: QWidget | None = None,
        returnData: object = None,  # noqa: N803 - Qt calls it so
    ) -> int:
        if hint == QStyle.StyleHint.SH_Widget_Animation_Duration:
            return 0
        return super().styleHint(hint, option, widget, None)


@pytest.fixture
def view(qtbot: QtBot) -> ComparisonView:
    return on_screen(qtbot, ComparisonView(), 800, 420)


def pair(side: int, k: int, seed: int) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    return rng.random((side, side)), rng.normal(size=(k, k))


@pytest.mark.parametrize(("side", "k"), [(8, 3), (9, 5), (12, 7), (5, 2), (4, 1)])
def test_both_results_are_those_of_scipy(view: ComparisonView, side: int, k: int) -> None:
    map_, kernel = pair(side, k, seed=side)
    view.show_pair(map_, kernel, "X₁", "K₂₁")
    with_turn, without = convolve2d(map_, kernel, "valid"), correlate2d(map_, kernel, "valid")
    np.testing.assert_allclose(view.correlation.values(), without, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(view.convolution.values(), with_turn, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(view.difference.values(), with_turn - without, atol=1e-12)
    np.testing.assert_array_equal(view.turned.values(), kernel[::-1, ::-1])
    np.testing.assert_array_equal(view.kernel.values(), kernel[::-1, ::-1])
    assert view.correlation.levels() == view.convolution.levels()
    words = named(view, QLabel, "glass.comparison").text()
    assert words.startswith("X₁ ∗ K₂₁ = X₁ ⋆ rot180(K₂₁): equal in every cell.")
    assert ("looks the same when turned" in words) == (k == 1)
    largest = np.abs(with_turn - without).max()
    if k > 1:
        found = float(words.split("differ by up to ")[1].split(". The forward")[0])
        assert found == pytest.approx(largest, rel=1e-3)


def test_a_symmetric_kernel_makes_no_difference(view: ComparisonView) -> None:
    map_, _ = pair(6, 3, seed=1)
    kernel = np.array([[1.0, 2, 1], [2, 5, 2], [1, 2, 1]])
    view.show_pair(map_, kernel, "X₁", "K₁₁")
    assert not view.difference.values().any()
    assert "looks the same when turned, so ⋆ and ∗ are one" in view.words.text()


def test_the_kernel_turns_and_comes_to_rest(view: ComparisonView, qtbot: QtBot) -> None:
    map_, kernel = pair(6, 3, seed=2)
    view.show_pair(map_, kernel, "X₁", "K₁₁")
    run_events()
    turned = view.kernel.grab().toImage()
    view.animate()
    assert view.kernel.turning
    np.testing.assert_array_equal(view.kernel.values(), kernel)  # it begins as it is
    assert view.kernel.grab().toImage() != turned
    qtbot.waitUntil(lambda: not view.kernel.turning)
    np.testing.assert_array_equal(view.kernel.values(), kernel[::-1, ::-1])
    assert view.kernel.grab().toImage() == turned


def test_the_turn_ends_at_once_when_somebody_points_at_it(view: ComparisonView) -> None:
    map_, kernel = pair(6, 3, seed=3)
    view.show_pair(map_, kernel, "X₁", "K₁₁")
    view.animate()
    centre = QPointF(view.kernel.rect().center())
    QApplication.sendEvent(view.kernel, QEnterEvent(centre, centre, centre))
    assert not view.kernel.turning
    np.testing.assert_array_equal(view.kernel.values(), kernel[::-1, ::-1])


def test_nothing_moves_where_the_desktop_wants_it_so(view: ComparisonView) -> None:
    map_, kernel = pair(6, 3, seed=4)
    view.show_pair(map_, kernel, "X₁", "K₁₁")
    style = Still("Fusion")
    view.kernel.setStyle(style)
    view.animate()
    assert not view.kernel.turning
    np.testing.assert_array_equal(view.kernel.values(), kernel[::-1, ::-1])
    style.deleteLater()


def test_low_all_stand_in_a_row_high_kernels_below(view: ComparisonView) -> None:
    view.show_pair(*pair(8, 3, seed=5), "X₁", "K₁₁")
    run_events()
    assert view.kernel.y() > view.correlation.y()
    view.resize(500, 180)
    run_events()
    assert view.kernel.y() == view.correlation.y() == view.difference.y()
