"""The bars of a vector: as high as its values, and readable one by one."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gui.theme import KIND_COLOURS
from gui.widgets.vector_bars import VectorBars
from tests.gui.finding import not_none
from tests.gui.reading import bar_names, bar_rect
from tests.gui.showing import colours_in, has_colour, on_screen

INK = QColor(KIND_COLOURS["Activation"])


@pytest.fixture
def bars(qtbot: QtBot) -> VectorBars:
    made = VectorBars()
    return on_screen(qtbot, made, 400, made.sizeHint().height())


def inked(bars: VectorBars) -> NDArray[np.bool_]:
    """Return which pixels (h, w) have the colour of the bars."""
    return has_colour(bars.grab().toImage(), INK)


def point_at(bars: VectorBars, number: int) -> None:
    at = bar_rect(bars, number).center().toPoint()
    target = not_none(bars.childAt(at))
    QTest.mouseMove(target, target.mapFrom(bars, at))


def test_bars_are_as_high_as_their_values_or_hang_from_zero(bars: VectorBars) -> None:
    bars.set_values(np.array([0.0, 0.25, 0.5, 1.0]))
    assert bars._bars.levels == (0.0, 1.0)
    high = inked(bars).sum(axis=0)
    heights = [int(high[int(bar_rect(bars, number).center().x())]) for number in range(4)]
    full = heights[3]
    assert full > 20
    assert heights[2] == pytest.approx(full / 2, abs=2)
    assert heights[1] == pytest.approx(full / 4, abs=2)
    assert heights[0] <= 1
    bars.set_values(np.array([-2.0, 2.0]))
    assert bars._bars.levels == (-2.0, 2.0)
    below, above = bar_rect(bars, 0), bar_rect(bars, 1)
    assert below.top() == pytest.approx(above.bottom())
    assert below.height() == pytest.approx(above.height())
    bars.set_values(np.array([np.nan, np.inf, 1.0]))
    assert bars._bars.levels == (0.0, 1.0)
    assert not inked(bars)[:, 5].any(), "what is not finite has no bar"


def test_many_values_are_drawn_as_spans(bars: VectorBars) -> None:
    values = np.zeros(4000)
    values[2000] = 1.0
    bars.set_values(values)
    across = np.flatnonzero(inked(bars)[bars.height() - 30 : bars.height() - 6].any(axis=0))
    assert across.tolist() == [200]
    assert bar_names(bars) == []


def test_pointing_reads_a_value_or_a_class_on_a_scale(bars: VectorBars) -> None:
    bars.set_values(np.array([0.5, 2.0]), (0.0, 2.0))
    assert bars.readout.text() == "0 to 2.00"
    assert bar_rect(bars, 0).height() == pytest.approx(bar_rect(bars, 1).height() / 4, abs=1)
    bars.set_values(np.array([0.125, -0.5, 3.0]))
    point_at(bars, 1)
    assert bars.readout.text() == "value 2: −0.5000"
    bars.set_values(np.array([0.125, 0.75, 3.0]))
    assert bars.readout.text() == "value 2: 0.7500"
    bars.set_values(np.array([0.25, 0.75]), classes=("3", "8"))
    point_at(bars, 1)
    assert bars.readout.text() == "class 8: 0.7500"


def test_few_values_have_wide_bars_with_their_names_below_them(bars: VectorBars) -> None:
    quiet = bars.grab().toImage()
    bars.set_values(np.linspace(0.1, 1, 10), classes=[str(number) for number in range(10)])
    assert bar_names(bars) == [str(number) for number in range(10)]
    assert bar_rect(bars, 9).right() == pytest.approx(400, abs=5), "they take the whole width"
    for number in range(10):
        bar = bar_rect(bars, number).toRect()
        middle = QRect(bar.center().x() - 6, bar.bottom() + 3, 12, 12)
        assert bars.rect().contains(middle)
        assert len(colours_in(bars.grab(middle).toImage())) > 2, f"there is a {number}"
    assert quiet != bars.grab().toImage()


def test_bars_grow_with_the_room(bars: VectorBars) -> None:
    bars.set_values(np.array([1.0]))
    low = bar_rect(bars, 0).height()
    bars.resize(400, 300)
    assert low < 30 < bar_rect(bars, 0).height() <= 64
