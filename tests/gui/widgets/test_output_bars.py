"""The bars of all outputs: their lengths in pixels, their numbers, their marks."""

import csv
import io

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.array_types import Array
from gui.theme import LIGHT
from gui.widgets.output_bars import OutputBars
from tests.gui.showing import on_screen

CLASSES = ("3", "5", "8")
BLUE, ORANGE, GREY = (QColor(name).name() for name in (LIGHT.pinned, LIGHT.wrong, LIGHT.border))


@pytest.fixture
def bars(qtbot: QtBot) -> OutputBars:
    return on_screen(qtbot, OutputBars(), 300, 120)


def show(
    bars: OutputBars,
    outputs: list[float] | Array,
    classes: tuple[str, ...] = CLASSES,
    true: str | None = None,
) -> None:
    bars.set_outputs(np.array(outputs), classes, true)
    QApplication.processEvents()


def whole_rows(bars: OutputBars) -> list[int]:
    """Return the rows that are written beside the bars; all of each is inside the widget."""
    rows = [int(label.key) for label in bars.right.labels()]
    assert [int(label.key) for label in bars.left.labels()] == rows
    for row in rows:
        box = bars.row_rect(row)
        assert box.top() >= 0
        assert box.bottom() <= bars.height()
        middle = bars.spot(0.0, row).y()
        assert middle == pytest.approx(box.center().y(), abs=1), "its bar is there too"
    for axis in (bars.left, bars.right):
        for label, place in axis.boxes():
            written = axis.mapToScene(place.center()).y()
            middle = bars.row_rect(int(label.key)).center().y()
            assert written == pytest.approx(middle, abs=1), "and so are its words"
    return rows


@pytest.mark.parametrize("height", range(100, 300, 21))
def test_26_classes_scroll_by_whole_rows(bars: OutputBars, height: int) -> None:
    bars.resize(140, height)
    show(bars, np.linspace(1, 0, 26), tuple(map(str, range(26))), "1")
    rows = whole_rows(bars)
    assert rows[0] == 0
    row_height = bars.row_rect(0).height()
    assert row_height >= bars.fontMetrics().capHeight() + 3
    assert bars.height() - len(rows) * row_height < row_height
    bars.scroll_to(100)
    assert whole_rows(bars)[-1] == 25
    turn_wheel(bars, 1)
    assert whole_rows(bars)[-1] == 24


def turn_wheel(bars: OutputBars, steps: int) -> None:
    at = QPointF(60, 60)
    event = QWheelEvent(
        at,
        bars.viewport().mapToGlobal(at),
        QPoint(0, 0),
        QPoint(0, 120 * steps),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(bars.viewport(), event)


def test_the_predicted_class_is_brought_into_view(bars: OutputBars) -> None:
    bars.resize(140, 120)
    for predicted, true in ((25, 24), (0, 2), (13, 13), (20, 3)):
        outputs = np.zeros(26)
        outputs[predicted] = 1
        show(bars, outputs, tuple(map(str, range(26))), str(true))
        rows = whole_rows(bars)
        assert predicted in rows
        assert (true in rows) == (abs(true - predicted) < len(rows))
    bars.resize(140, 80)
    QApplication.processEvents()
    assert 20 in whole_rows(bars)


def test_a_scrolled_view_stays_while_the_same_class_is_predicted(bars: OutputBars) -> None:
    bars.resize(140, 120)
    outputs = np.zeros(26)
    outputs[25] = 0.5
    show(bars, outputs, tuple(map(str, range(26))), "25")
    bars.scroll_to(0)
    show(bars, outputs * 1.5, tuple(map(str, range(26))), "25")
    assert whole_rows(bars)[0] == 0


def test_keys_read_the_rows(bars: OutputBars, qtbot: QtBot) -> None:
    show(bars, np.linspace(0, 1, 26), tuple(map(str, range(26))), "1")
    bars.setFocus()
    qtbot.waitUntil(bars.hasFocus)
    QTest.keyClick(bars, Qt.Key.Key_Home)
    assert bars.accessibleDescription() == "class 0: output 0"
    QTest.keyClick(bars, Qt.Key.Key_Down)
    assert bars.accessibleDescription() == "class 1: output 0.04000, the true class"
    assert 1 in whole_rows(bars)
    image, box = bars.grab().toImage(), bars.row_rect(1)
    assert image.pixelColor(1, int(box.top())).name() == LIGHT.highlight.lower()
    QTest.keyClick(bars, Qt.Key.Key_End)
    assert 25 in whole_rows(bars)


def test_pointing_at_a_row_reads_it(bars: OutputBars) -> None:
    show(bars, [0.25, 0.9, 0.5], true="5")
    QTest.mouseMove(bars.viewport(), bars.row_rect(2).center().toPoint())
    assert bars.accessibleDescription() == "class 8: output 0.5000"


def test_the_table_has_a_row_a_class(bars: OutputBars) -> None:
    show(bars, [0.25, 0.9, 0.5], true="8")
    rows = list(csv.reader(io.StringIO(bars.table().decode())))
    assert rows[0] == ["class", "output", "predicted", "true"]
    assert rows[2:] == [["5", "0.9", "1", "0"], ["8", "0.5", "0", "1"]]


def test_long_names_leave_room_for_the_bars_and_their_numbers(bars: OutputBars) -> None:
    bars.resize(130, 120)
    show(bars, [0.25, 0.9, 0.5], ("green square", "an extraordinarily long name", "bag"), "bag")
    assert bars.plot_area().width() > 0.15 * bars.width()
    names = [label.text for label in bars.left.labels()]
    assert "…" in names[1]
    assert names[2] == "✓ bag"
    assert "an extraordinarily long name" in bars.accessibleDescription()
    assert b"an extraordinarily long name,0.9,1,0" in bars.table()
