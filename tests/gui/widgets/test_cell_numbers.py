"""Numbers in cells: as many digits as fit, and sums that add up as they are rounded."""

import numpy as np
import pytest
from PySide6.QtCore import QSizeF
from PySide6.QtGui import QFontMetricsF

from gui.theme import small_font
from gui.widgets.cell_numbers import Writing, rounded_summands, write_cells

RNG = np.random.default_rng(4)


def read(text: str) -> float:
    return float(text.replace("−", "-"))


@pytest.mark.parametrize("decimals", [0, 1, 2, 3])
@pytest.mark.parametrize("count", [1, 2, 9, 25])
def test_rounded_summands_add_up(decimals: int, count: int) -> None:
    unit = 10.0**-decimals
    for _ in range(20):
        values = RNG.normal(size=(count, 1))
        found = rounded_summands(values, decimals)
        assert found.sum() == pytest.approx(round(float(values.sum()), decimals), abs=unit / 100)
        assert np.abs(found - values).max() < unit


def test_only_as_few_as_needed_are_rounded_the_other_way() -> None:
    values = np.array([0.14, 0.14, 0.14, 0.0])  # 0.42, but .1 + .1 + .1 = .3
    found = rounded_summands(values, 1)
    assert sorted(found.tolist()) == pytest.approx([0.0, 0.1, 0.1, 0.2])


@pytest.mark.parametrize(
    ("values", "writing", "width", "texts"),
    [
        ([[0.123] * 3] * 3, "aligned", ".1", []),
        ([[0.5, -0.12345, 0.01]], "aligned", "−0.0000", [["0.50", "−0.12", "0.01"]]),
        ([[1.0, 0.0]], "aligned", "−0.0000", [["1", "0"]]),
        ([[0.5, 0.0002, 0.0]], "aligned", "−.00", [["0.50", "0.00", "0"]]),
        # The turned kernel under glass has its numbers docked; what it meets must have them too.
        ([[3.58, -1.22], [0.04, 0.0]], "aligned", "0000", [["3.6", "−1.2"], [".0", "0"]]),
        # Beside a kernel without numbers, those of its window would say less than it.
        ([[1.0, 0.91], [0.1234, 0.0]], "aligned", "1.0", []),
        ([[3.0, 2.73], [0.3702, 0.0]], "aligned", "−.00", [["3.00", "2.73"], ["0.37", "0"]]),
    ],
)
def test_numbers_have_the_decimals_that_fit_and_only_zero_is_written_as_zero(
    values: list[list[float]], writing: Writing, width: str, texts: list[list[str]]
) -> None:
    room = QFontMetricsF(small_font()).horizontalAdvance(width)
    found = write_cells(np.array(values), small_font(), QSizeF(room, 30), writing)
    written = [[found.text(value) for value in row] for row in values]
    assert written == (texts or [[""] * len(row) for row in values])
