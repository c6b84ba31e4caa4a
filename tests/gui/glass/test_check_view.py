"""The gradient check in its view: the numbers that it shows are those of the check."""

import re
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.blocks import Conv, Dense, Reshape, Sigmoid
from engine.blocks.base import Backward
from engine.blocks.dense import DenseLayer
from engine.explain.indices import index_words
from gui.background.jobs import Jobs
from gui.glass.check_view import CheckView
from tests.gui.glass.specimens import samples_of, specimen_of
from tests.gui.showing import on_screen

SHOWN = samples_of()
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    made = Jobs()
    yield made
    made.close()


@pytest.fixture
def view(qtbot: QtBot, jobs: Jobs) -> CheckView:
    made = on_screen(qtbot, CheckView(jobs, lambda: SHOWN), 520, 300)
    made.show_specimen(specimen_of(samples=SHOWN))
    return made


def check(view: CheckView, qtbot: QtBot) -> None:
    QTest.mouseClick(view.start, LEFT)
    qtbot.waitUntil(lambda: bool(view.checks))


def click_cell(view: CheckView, row: int, column: int) -> str:
    """Click a cell, and return what is read of it."""
    grid = view.map.grid
    QTest.mouseClick(grid, LEFT, pos=grid.cells().cell(row, column).center().toPoint())
    return view.readout.text()


def test_a_cell_tells_both_numbers(view: CheckView, qtbot: QtBot) -> None:
    """At first the largest error is read; next and back go through the arrays."""
    assert not view.go(1)
    check(view, qtbot)
    worst = view.checks[0].worst
    assert view.readout.text().startswith(f"weight, {index_words(worst.index)}: backward")
    grid = view.map.grid
    found = re.fullmatch(
        r"weight, kernel 1, channel 1, row 3, column 2: "
        r"backward (.+), difference (.+), relative error (.+)\.",
        click_cell(view, 2, 1),
    )
    assert found is not None, view.readout.text()
    backward, numeric, error = (float(part.replace("−", "-")) for part in found.groups())
    first, place = view.checks[0], 3 * 2 + 1
    assert backward == pytest.approx(first.backward[place], rel=1e-6)
    assert numeric == pytest.approx(first.numeric[place], rel=1e-6)
    assert error == pytest.approx(first.errors[place], rel=0.1)
    assert grid.values()[grid.cells().within(2, 1)] == pytest.approx(
        np.log10(first.errors[place]), abs=1e-9
    )
    grid.setFocus()
    QTest.keyClick(grid, Qt.Key.Key_Up)
    assert view.readout.text().startswith("weight, kernel 1, channel 1, row 2, column 2: ")
    assert view.go(1)
    assert "1 Conv 2, 3×3 · bias" in view.verdict.text()
    assert view.go(-1)
    assert not view.go(-1)
    while view.go(1):
        pass
    assert "5 Sigmoid · input" in view.verdict.text()
    view.show_specimen(specimen_of(samples=SHOWN, seed=9))  # other weights make the result void
    assert not view.table.isVisible()
    assert not view.checks
    assert "Click Check gradients" in view.verdict.text()


def test_a_wrong_slope_shows(
    view: CheckView, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = DenseLayer.backward

    def wrong(self: DenseLayer, *arguments: object, **options: object) -> Backward:
        found = right(self, *arguments, **options)  # type: ignore[arg-type]
        bias = found.parameters["bias"]
        assert isinstance(bias, np.ndarray)
        return Backward(found.inputs, {**found.parameters, "bias": bias * 1.01})

    monkeypatch.setattr(DenseLayer, "backward", wrong)
    check(view, qtbot)
    assert view.verdict.text().startswith("1 of ")
    marks = {found.full_name: found.agrees for found in view.checks}
    assert [name for name, agrees in marks.items() if not agrees] == ["3.dense.bias"]


def test_large_arrays_show_what_was_drawn(qtbot: QtBot, jobs: Jobs) -> None:
    shown = samples_of(side=14)
    view = on_screen(qtbot, CheckView(jobs, lambda: shown), 520, 300)
    blocks = (Conv(depth=3, kernel_size=3), Sigmoid(), Reshape(), Dense(units=20), Sigmoid())
    view.show_specimen(specimen_of(*blocks, Dense(units=2), Sigmoid(), samples=shown))
    check(view, qtbot)
    while "4 Dense 20 · weight" not in view.verdict.text():
        assert view.go(1)
    found = next(each for each in view.checks if each.full_name == "3.dense.weight")
    assert found.counted == "1,000 of 8,640"
    values = view.map.grid.values()
    assert np.isfinite(values).sum() == 1000
    place = np.unravel_index(found.numbers[3], found.shape)
    read = f"weight, row {place[0] + 1}, column {place[1] + 1}: backward"
    assert click_cell(view, 0, 3).startswith(read)


def test_a_check_that_is_cancelled_or_has_no_images_says_so(
    view: CheckView, jobs: Jobs, qtbot: QtBot
) -> None:
    QTest.mouseClick(view.start, LEFT)
    assert not view.start.isEnabled()
    jobs.cancel()
    qtbot.waitUntil(view.start.isEnabled)
    assert "cancelled" in view.verdict.text() or view.checks
    none = on_screen(qtbot, CheckView(jobs, lambda: None), 520, 300)
    none.show_specimen(specimen_of(samples=SHOWN))
    QTest.mouseClick(none.start, LEFT)
    assert none.verdict.text().startswith("There are no images to check with.")
