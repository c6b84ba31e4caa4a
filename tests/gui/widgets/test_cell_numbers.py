"""Numbers in cells: what is added up in writing gives the sum that is written."""

import numpy as np
import pytest
from PySide6.QtCore import QSizeF
from PySide6.QtGui import QFontMetricsF
from pytestqt.qtbot import QtBot

from gui.theme import small_font
from gui.widgets.cell_numbers import Writing, rounded_summands, write_cells

RNG = np.random.default_rng(4)


def read(text: str) -> float:
    return 0.0 if text == "≈0" else float(text.replace("−", "-"))


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


@pytest.mark.parametrize("width", [32, 40, 60])
@pytest.mark.parametrize("size", [1.0, 1e-4, 3e3])
def test_what_is_written_adds_up_at_every_size(qtbot: QtBot, width: int, size: float) -> None:
    values = RNG.normal(0, size, (3, 3))
    found = write_cells(values, small_font(), QSizeF(width, width), "summands")
    assert found.texts
    total = sum(read(text) for row in found.texts for text in row)
    decimals = max(len(text.partition(".")[2]) for row in found.texts for text in row)
    assert decimals >= 2
    right = float(values.sum()) / 10.0**found.exponent
    assert total == pytest.approx(round(right, decimals), abs=1e-9)


@pytest.mark.parametrize(
    ("values", "writing", "width", "texts"),
    [
        ([[0.123] * 3] * 3, "summands", ".1", []),
        ([[0.5, -0.12345, 0.01]], "aligned", "−0.0000", [["0.5000", "−0.1235", "0.0100"]]),
        ([[1.0, 0.0]], "aligned", "−0.0000", [["1", "0"]]),
        ([[0.5, 0.0002, 0.0]], "summands", ".50", [[".50", "≈0", "0"]]),
        # The turned kernel under glass has its numbers docked; what it meets must have them too.
        ([[3.58, -1.22], [0.04, 0.0]], "aligned", "000", [["3.6", "−1.2"], ["≈0", "0"]]),
        # Beside a kernel without numbers, those of its window would say less than it.
        ([[1.0, 0.91], [0.1234, 0.0]], "aligned", "1.0", []),
        ([[3.0, 2.73], [0.3702, 0.0]], "aligned", "1.0", [["3.0", "2.7"], [".4", "0"]]),
    ],
)
def test_numbers_have_the_decimals_that_fit_and_only_zero_is_written_as_zero(
    qtbot: QtBot, values: list[list[float]], writing: Writing, width: str, texts: list[list[str]]
) -> None:
    room = QFontMetricsF(small_font()).horizontalAdvance(width)
    found = write_cells(np.array(values), small_font(), QSizeF(room, 30), writing)
    assert found.texts == texts


def test_where_two_decimals_do_not_fit_summands_have_one(qtbot: QtBot) -> None:
    narrow = QFontMetricsF(small_font()).horizontalAdvance("−0.00") * 0.7
    values = np.array([[3.58, -1.22], [0.04, 0.0]])
    found = write_cells(values, small_font(), QSizeF(narrow, 30), "summands")
    assert sum(read(text) for row in found.texts for text in row) == pytest.approx(2.4)
