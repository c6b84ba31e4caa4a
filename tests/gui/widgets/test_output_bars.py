"""The bars of all outputs: their lengths in pixels, their numbers, their marks."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.array_types import Array
from gui.theme import DARK, LIGHT, apply_theme
from gui.widgets.output_bars import OutputBars
from tests.approved import assert_approved
from tests.gui.showing import has_colour, on_screen, turn_wheel

CLASSES = ("3", "5", "8")
BLUE, RED, GREY = LIGHT.pinned, LIGHT.wrong, LIGHT.border


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


def run_of(bars: OutputBars, row: int, colour: str) -> tuple[int, int]:
    """Find where a colour begins and ends on the line through the bar of a row."""
    line = QRect(bars.plot_area().toRect())
    line.setTop(int(bars.row_rect(row).center().y()))
    line.setHeight(1)
    found = np.flatnonzero(has_colour(bars.grab(line).toImage(), colour)[0])
    return (int(found[0]), int(found[-1]) + 1) if found.size else (0, 0)


def sentences(bars: OutputBars) -> list[str]:
    said: str = bars.accessibleDescription()
    return said.split("; ")


def captions(bars: OutputBars) -> list[str]:
    """Read what is written beside the bars in view, from the top."""
    left = {label.key: label.text for label in bars.left.labels()}
    return [f"{left[label.key]}  {label.text}" for label in bars.right.labels()]


def test_rows_say_class_number_and_marks(bars: OutputBars) -> None:
    said = ""
    for outputs, true in (
        ([0.25, 0.9876, 0.00004], "3"),
        ([0.25, 0.5, 0.1], "5"),
        ([np.nan, 0.5, 250.0], "5"),
        ([np.inf, 0.5, -1234.5], "5"),
    ):
        show(bars, outputs, true=true)
        assert bars.texts() == captions(bars)
        bars.grab()
        table = bars.table().decode().splitlines()
        said += "\n".join([f"# {outputs}, {true}", *bars.texts(), *sentences(bars), *table, ""])
    assert_approved("outputs.txt", said)
    bars.set_outputs(None)
    assert bars.texts() == captions(bars) == []
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
    assert end - start <= 0.02 * bars.plot_area().width() + 1, "the scale goes from 0 to 1"
    # Of -1, 0 and 3, zero stands at a quarter, and all of the width is used.
    show(bars, [-1.0, 0.0, 3.0], true="8")
    below, above = run_of(bars, 0, GREY), run_of(bars, 2, BLUE)
    assert below[1] == pytest.approx(above[0], abs=1)
    assert above[1] - above[0] == pytest.approx(3 * (below[1] - below[0]), abs=3)
    assert bars.texts() == ["3  −1.000", "5  0.000", "▸✓ 8  3.000"]


def test_a_mistake_has_its_own_colour_in_every_theme(bars: OutputBars, qapp: QApplication) -> None:
    show(bars, [0.25, 0.9, 0.5], true="8")
    assert run_of(bars, 1, RED)[1] > 0
    assert run_of(bars, 1, BLUE) == (0, 0)
    show(bars, [0.25, 0.9, 0.5])
    assert bars.texts()[1] == "▸ 5  0.900", "of a drawing no class is true, and none a mistake"
    assert run_of(bars, 1, BLUE)[1] > 0
    apply_theme(qapp, "dark")
    qapp.processEvents()
    assert run_of(bars, 1, DARK.pinned)[1] > 0


@pytest.mark.parametrize(("classes", "height"), [(2, 60), (10, 130), (26, 320), (26, 700)])
def test_all_classes_are_seen_where_they_can(bars: OutputBars, classes: int, height: int) -> None:
    bars.resize(140, height)
    show(bars, np.linspace(0, 1, classes), true="1")
    assert whole_rows(bars) == list(range(classes))


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


@pytest.mark.parametrize("height", [100, 163, 205, 260])
def test_26_classes_scroll_by_whole_rows(bars: OutputBars, height: int) -> None:
    bars.resize(140, height)
    show(bars, np.linspace(1, 0, 26), true="1")
    rows = whole_rows(bars)
    assert rows[0] == 0
    row_height = bars.row_rect(0).height()
    assert row_height >= bars.fontMetrics().capHeight() + 3
    assert bars.height() - len(rows) * row_height < row_height
    bars.scroll_to(100)
    assert whole_rows(bars)[-1] == 25
    turn_wheel(bars.viewport(), QPointF(60, 60), 1)
    assert whole_rows(bars)[-1] == 24


def test_the_predicted_class_is_brought_into_view(bars: OutputBars) -> None:
    bars.resize(140, 120)
    for predicted, true in ((25, 24), (0, 2), (13, 13), (20, 3)):
        outputs = np.zeros(26)
        outputs[predicted] = 1
        show(bars, outputs, true=str(true))
        rows = whole_rows(bars)
        assert predicted in rows
        assert (true in rows) == (abs(true - predicted) < len(rows))
    bars.resize(140, 80)
    QApplication.processEvents()
    assert 20 in whole_rows(bars)
    outputs[20] = 0.5
    bars.scroll_to(0)
    show(bars, outputs, true="3")
    assert whole_rows(bars)[0] == 0, "it stays while the same class is predicted"


def test_pointer_and_keys_read_the_rows(bars: OutputBars, qtbot: QtBot) -> None:
    show(bars, [0.25, 0.9, 0.5], true="5")
    QTest.mouseMove(bars.viewport(), bars.row_rect(2).center().toPoint())
    assert bars.accessibleDescription() == "class 8: output 0.5000"
    show(bars, np.linspace(0, 1, 26), true="1")
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


def test_of_many_rows_only_whole_ones_are_drawn_and_a_handle_says_which(bars: OutputBars) -> None:
    show(bars, [0.5] * 3)
    assert bars.scroll_handle().isEmpty()
    show(bars, [1.0] * 40)
    shown = len(captions(bars))
    assert shown < 40
    top = bars.scroll_handle()
    assert top.top() == 0
    assert top.height() == pytest.approx(bars.height() * shown / 40)
    below = QRectF(bars.row_rect(shown - 1)).bottom() + 1
    image, middle = bars.grab().toImage(), int(bars.plot_area().center().x())
    for y in range(int(below), bars.height()):
        assert image.pixelColor(middle, y).name() == LIGHT.window.lower()
    bars.scroll_to(40 - shown)
    assert bars.scroll_handle().bottom() == pytest.approx(bars.height())
    QApplication.processEvents()
    assert run_of(bars, 39, GREY)[1] > 0


def test_long_names_leave_room_for_the_bars_and_their_numbers(bars: OutputBars) -> None:
    bars.resize(130, 120)
    show(bars, [0.25, 0.9, 0.5], ("green square", "an extraordinarily long name", "bag"), "bag")
    assert bars.plot_area().width() > 0.15 * bars.width()
    names = [label.text for label in bars.left.labels()]
    assert "…" in names[1]
    assert names[2] == "✓ bag"
    assert "an extraordinarily long name" in bars.accessibleDescription()
    assert b"an extraordinarily long name,0.9,1,0" in bars.table()


def test_long_names_that_begin_alike_are_told_apart_and_give_room_back(qtbot: QtBot) -> None:
    bars = on_screen(qtbot, OutputBars(), 145, 200)
    bars.set_outputs(np.array([0.1, 0.7, 0.2]), tuple(f"capital letter {each}" for each in "ABC"))
    shown = [label.text for label in bars.left.labels()]
    assert [text[-1] for text in shown] == ["A", "B", "C"]
    assert all("…" in text for text in shown)
    assert shown[1].startswith("▸ c")
    bars.resize(400, 200)
    bars.hide()  # as behind another tab
    bars.resize(130, 120)
    bars.show()
    QApplication.processEvents()
    assert bars.plot_area().width() > 0.15 * bars.width()


def test_where_long_names_were_the_numbers_of_short_ones_have_their_room(bars: OutputBars) -> None:
    bars.resize(195, 200)
    show(bars, [0.1] * 4, ("T-shirt/top", "Trouser", "Sneaker", "Ankle boot"), "Trouser")
    show(bars, [0.2] * 4, true="1")
    bars.resize(bars.minimumWidth(), 200)
    QApplication.processEvents()
    assert bars.right.sceneBoundingRect().right() == bars.width()
    assert bars.right.sceneBoundingRect().width() >= bars.right.room()
