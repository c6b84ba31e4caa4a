"""The bars of all outputs: their lengths in pixels, their numbers, their marks."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.array_types import Array
from gui.theme import DARK, LIGHT, apply_theme
from gui.widgets.output_bars import OutputBars
from tests.approved import assert_approved
from tests.gui.reading import output_texts
from tests.gui.showing import colours_in, has_colour, on_screen, turn_wheel

CLASSES = ("3", "5", "8")
BLUE, RED, GREY = LIGHT.pinned, LIGHT.wrong, LIGHT.border
SPOKEN = Qt.ItemDataRole.AccessibleTextRole


@pytest.fixture
def bars(qtbot: QtBot) -> OutputBars:
    return on_screen(qtbot, OutputBars(), 300, 120)


def show(
    bars: OutputBars,
    outputs: list[float] | Array,
    classes: tuple[str, ...] = (),
    true: str | None = None,
) -> None:
    names = CLASSES if len(outputs) == 3 else tuple(map(str, range(len(outputs))))
    bars.set_outputs(np.array(outputs), classes or names, true)
    QApplication.processEvents()


def row_rect(bars: OutputBars, row: int) -> QRect:
    return bars.visualRect(bars.model().index(row, 0))


def run_of(bars: OutputBars, row: int, colour: str) -> tuple[int, int]:
    """Find where a colour goes farthest on the line through the bar of a row."""
    line = row_rect(bars, row)
    line.setTop(line.center().y())
    line.setHeight(1)
    found = has_colour(bars.viewport().grab(line).toImage(), colour)[0]
    ends = np.flatnonzero(np.diff(found, prepend=False, append=False)).reshape(-1, 2)
    start, end = max(ends.tolist(), key=lambda run: run[1] - run[0], default=(0, 0))
    return start, end


def whole_rows(bars: OutputBars) -> list[int]:
    """Return the rows of which all is in view."""
    rows = range(bars.model().rowCount())
    return [row for row in rows if bars.viewport().rect().contains(row_rect(bars, row))]


def test_rows_say_class_number_and_marks(bars: OutputBars) -> None:
    said = ""
    for outputs, true in (
        ([0.25, 0.9876, 0.00004], "3"),
        ([0.25, 0.5, 0.1], "5"),
        ([np.nan, 0.5, 250.0], "5"),
        ([np.inf, 0.5, -1234.5], "5"),
    ):
        show(bars, outputs, true=true)
        bars.grab()
        table = bars.table().decode().splitlines()
        spoken = [bars.model().index(row, 0).data(SPOKEN) for row in range(3)]
        said += "\n".join([f"# {outputs}, {true}", *output_texts(bars), *spoken, *table, ""])
    assert_approved("outputs.txt", said)
    bars.set_outputs(None)
    assert output_texts(bars) == []
    bars.grab()


def test_bars_are_as_long_as_the_outputs(bars: OutputBars) -> None:
    show(bars, [0.25, 1.0, 0.5], true="5")
    quarter, whole, half = (run_of(bars, n, ink) for n, ink in enumerate((GREY, BLUE, GREY)))
    assert quarter[0] == whole[0] == half[0]
    length = whole[1] - whole[0]
    assert length > 100
    assert quarter[1] - quarter[0] == pytest.approx(length / 4, abs=1)
    assert half[1] - half[0] == pytest.approx(length / 2, abs=1)
    show(bars, [0.006, 0.004, 0.001], true="5")
    start, end = run_of(bars, 0, RED)
    assert end - start <= 0.02 * length + 1, "the scale goes from 0 to 1"
    # Of -1, 0 and 3, zero stands at a quarter, and all of the width is used.
    show(bars, [-1.0, 0.0, 3.0], true="8")
    below, above = run_of(bars, 0, GREY), run_of(bars, 2, BLUE)
    assert below[1] == pytest.approx(above[0], abs=1)
    assert above[1] - above[0] == pytest.approx(3 * (below[1] - below[0]), abs=3)
    assert output_texts(bars) == ["3  −1.000", "5  0.000", "▸✓ 8  3.000"]


def test_a_mistake_has_its_own_colour_in_every_theme(bars: OutputBars, qapp: QApplication) -> None:
    show(bars, [0.25, 0.9, 0.0], true="8")
    assert run_of(bars, 1, RED)[1] > 0
    assert run_of(bars, 1, BLUE) == (0, 0)
    framed = bars.viewport().grab(row_rect(bars, 2)).toImage()
    assert has_colour(framed, LIGHT.text).all(axis=0).sum() == 0
    assert has_colour(framed, LIGHT.text).sum(axis=1).max() > 100, "a bar of no length is seen"
    show(bars, [0.25, 0.9, 0.5])
    assert output_texts(bars)[1] == "▸ 5  0.900", (
        "of a drawing no class is true, and none a mistake"
    )
    assert run_of(bars, 1, BLUE)[1] > 0
    apply_theme(qapp, "dark")
    qapp.processEvents()
    assert run_of(bars, 1, DARK.pinned)[1] > 0


@pytest.mark.parametrize(("classes", "height"), [(2, 60), (26, 320)])
def test_all_classes_are_seen_where_they_can(bars: OutputBars, classes: int, height: int) -> None:
    bars.resize(140, height)
    show(bars, np.linspace(0, 1, classes), true="1")
    assert whole_rows(bars) == list(range(classes))


@pytest.mark.parametrize("height", [100, 205])
def test_26_classes_scroll_and_the_predicted_one_comes_into_view(
    bars: OutputBars, height: int
) -> None:
    bars.resize(140, height)
    show(bars, np.linspace(1, 0, 26), true="1")
    assert whole_rows(bars)[0] == 0
    assert row_rect(bars, 0).height() >= bars.fontMetrics().capHeight() + 3
    bars.scrollToBottom()
    assert whole_rows(bars)[-1] == 25
    turn_wheel(bars.viewport(), QPointF(60, 60), 1)
    assert whole_rows(bars)[-1] < 25
    for predicted, true in ((25, 24), (0, 2), (13, 13), (20, 3)):
        outputs = np.zeros(26)
        outputs[predicted] = 1
        show(bars, outputs, true=str(true))
        assert predicted in whole_rows(bars)
    outputs[20] = 0.5
    bars.scrollToTop()
    show(bars, outputs, true="3")
    assert whole_rows(bars)[0] == 0, "it stays while the same class is predicted"
    bars.setFocus()
    QTest.keyClick(bars, Qt.Key.Key_Home)
    QTest.keyClick(bars, Qt.Key.Key_End)
    QApplication.processEvents()
    assert 25 in whole_rows(bars)
    assert LIGHT.highlight.lower() in colours_in(bars.viewport().grab(row_rect(bars, 25)).toImage())


@pytest.mark.parametrize("width", [130, 400])
def test_long_names_leave_room_for_the_bars_and_are_told_apart(
    bars: OutputBars, width: int
) -> None:
    bars.resize(width, 120)
    show(
        bars, [0.1, 1.0, 0.2], tuple(f"capital letter {each}" for each in "ABC"), "capital letter B"
    )
    start, end = run_of(bars, 1, BLUE)
    assert end - start > 0.15 * bars.viewport().width()
    names = [
        bars.viewport().grab(row_rect(bars, row)).toImage().copy(0, 0, start, 40) for row in (0, 2)
    ]
    assert names[0] != names[1]
    tip = bars.model().index(2, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "class capital letter C: output 0.2000"
